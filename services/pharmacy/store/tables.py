"""The pharmacy's tables, in one place for migrations. Each theme has a file of its own."""

from kit.consumer import HandledEvent, ParkedEvent
from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from kit.pushes import PushRow
from services.pharmacy.store.catalog_tables import HoldRow, LotRow, OfferRow, ProductRow
from services.pharmacy.store.ledger_tables import LedgerEntryRow
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow, OrderStepRow
from services.pharmacy.store.payment_tables import DisputeRow, PaymentRow, ReconciliationRow, RefundRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow, StaffRow

__all__ = [
    "AnsweredRequest",
    "DisputeRow",
    "HandledEvent",
    "HoldRow",
    "LedgerEntryRow",
    "LotRow",
    "OfferRow",
    "OrderItemRow",
    "OrderRow",
    "OrderStepRow",
    "OutboxRow",
    "ParkedEvent",
    "PaymentRow",
    "PharmacyRow",
    "ProductRow",
    "PushRow",
    "ReconciliationRow",
    "RefundRow",
    "StaffRow",
]
