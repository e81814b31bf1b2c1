"""The pharmacy's tables, in one place for migrations. Each theme has a file of its own."""

from kit.consumer import HandledEvent, ParkedEvent
from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from kit.pushes import PushRow
from services.pharmacy.store.catalog_tables import HoldRow, LotRow, OfferRow, ProductRow
from services.pharmacy.store.job_tables import CourierRow, JobRow, PositionRow, TemperatureRow
from services.pharmacy.store.order_rating_tables import OrderRatingRow
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow, OrderStepRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow, StaffRow

__all__ = [
    "AnsweredRequest",
    "CourierRow",
    "HandledEvent",
    "HoldRow",
    "JobRow",
    "LotRow",
    "OfferRow",
    "OrderItemRow",
    "OrderRatingRow",
    "OrderRow",
    "OrderStepRow",
    "OutboxRow",
    "ParkedEvent",
    "PharmacyRow",
    "PositionRow",
    "ProductRow",
    "PushRow",
    "StaffRow",
    "TemperatureRow",
]
