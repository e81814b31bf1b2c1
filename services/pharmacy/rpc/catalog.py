"""`apricot.pharmacy.v1.CatalogService`, each theme in a file of its own."""

from services.pharmacy.rpc.pharmacies import Pharmacies
from services.pharmacy.rpc.products import Products
from services.pharmacy.rpc.shelves import Shelves


class Catalog(Products, Pharmacies, Shelves):
    """Products, pharmacies, and what those ask for and have."""
