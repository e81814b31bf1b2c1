"""Pharmacies, offers and lots as the contract has them."""

from datetime import datetime

from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1.catalog_pb2 import StockLot
from apricot.pharmacy.v1.pharmacy_pb2 import (
    DeliveryArea,
    DeliveryTerms,
    Offer,
    OpeningHours,
    Pharmacy,
    PharmacyContent,
    Polygon,
)
from apricot.pharmacy.v1.place_pb2 import Position

from kit.times import to_timestamp
from services.pharmacy.domain import hours
from services.pharmacy.store.catalog_tables import LotRow
from services.pharmacy.store.catalogue import OfferThere
from services.pharmacy.store.nearby import Nearby, zone
from services.pharmacy.store.opening import intervals
from services.pharmacy.store.pharmacy_tables import PharmacyRow


def pharmacy_message(row: PharmacyRow, now: datetime) -> Pharmacy:
    """A pharmacy, as it is at this instant."""

    def money(minor: int) -> Money:
        return Money(currency_code=row.currency, minor_units=minor)

    corners = [Position(latitude=latitude, longitude=longitude) for longitude, latitude in row.delivery_area]
    content = PharmacyContent(
        name=row.name,
        name_en=row.name_en,
        licence_number=row.licence_number,
        licence_expiry_date=row.licence_expiry_date.isoformat(),
        address=row.address,
        phone=row.phone,
        position=Position(latitude=row.latitude, longitude=row.longitude),
        delivery_area=DeliveryArea(polygon=Polygon(corners=corners)),
        hours=OpeningHours.FromString(row.hours),
        time_zone=row.time_zone,
        preparing_minutes=row.preparing_minutes,
        delivery_base=money(row.delivery_base_minor),
        delivery_per_km=money(row.delivery_per_km_minor),
        open_for_orders=row.open_for_orders,
    )
    opening = hours.next_opening(intervals(row.hours), zone(row.time_zone), now)
    return Pharmacy(
        pharmacy_id=str(row.pharmacy_id),
        content=content,
        rating_average=row.rating_sum / row.rating_count if row.rating_count else None,
        rating_count=row.rating_count,
        open_now=hours.is_open(intervals(row.hours), zone(row.time_zone), now),
        next_opening_time=to_timestamp(opening) if opening else None,
    )


def terms_message(near: Nearby) -> DeliveryTerms:
    """What a delivery takes."""
    return DeliveryTerms(
        distance_metres=near.distance_metres,
        fee=Money(currency_code=near.row["currency"], minor_units=near.fee_minor),
        estimated_minutes=near.minutes,
    )


def offer_message(row: OfferThere, near: Nearby) -> Offer:
    """What a pharmacy near a place asks for a product."""
    return Offer(
        product_id=str(row.product_id),
        pharmacy_id=str(row.pharmacy_id),
        pharmacy_name=near.row["name"],
        pharmacy_name_en=near.row["name_en"],
        price=Money(currency_code=near.row["currency"], minor_units=row.price_minor),
        in_stock=is_in_stock(row, near),
        terms=terms_message(near),
        rating_average=near.rating or None,
        open_now=near.open_now,
    )


def is_in_stock(row: OfferThere, near: Nearby) -> bool:
    """Whether something on the shelf may still be used today."""
    return row.in_stock_until is not None and row.in_stock_until >= near.today


def lot_message(row: LotRow) -> StockLot:
    """A lot on a shelf."""
    return StockLot(
        lot_id=str(row.lot_id),
        product_id=str(row.product_id),
        lot_number=row.lot_number,
        expiry_date=row.expiry_date.isoformat(),
        on_hand=row.on_hand,
        held=row.held,
        update_time=to_timestamp(row.update_time),
    )
