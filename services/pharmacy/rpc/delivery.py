"""`apricot.pharmacy.v1.DeliveryService`."""

from services.pharmacy.rpc.carrying import Carrying
from services.pharmacy.rpc.job_offers import JobOffers
from services.pharmacy.rpc.tracking import Tracking


class Delivery(JobOffers, Carrying, Tracking):
    """What couriers do."""
