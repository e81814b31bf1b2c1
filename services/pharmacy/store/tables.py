"""The pharmacy's tables, in one place for migrations. Each theme has a file of its own."""

from kit.consumer import HandledEvent, ParkedEvent
from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from kit.pushes import PushRow
from kit.resealing import ResealingRow
from services.pharmacy.store.account_tables import DeletedAccountRow
from services.pharmacy.store.catalog_tables import HoldRow, LotRow, OfferRow, ProductRow
from services.pharmacy.store.job_tables import CourierRow, JobRow, PositionRow, TemperatureRow
from services.pharmacy.store.ledger_tables import LedgerEntryRow
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow, OrderStepRow
from services.pharmacy.store.payment_tables import DisputeRow, PaymentRow, ReconciliationRow, RefundRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow, StaffRow
from services.pharmacy.store.prescription_tables import ClaimRow, PrescriptionRow
from services.pharmacy.store.quote_tables import QuoteRow
from services.pharmacy.store.rating_tables import OrderRatingRow
from services.pharmacy.store.review_tables import QuestionRow, ReviewRow
from services.pharmacy.store.supply_tables import SupplyLotRow, SupplyRow, SupplyWarningRow

__all__ = [
    "AnsweredRequest",
    "ClaimRow",
    "CourierRow",
    "DeletedAccountRow",
    "DisputeRow",
    "HandledEvent",
    "HoldRow",
    "JobRow",
    "LedgerEntryRow",
    "LotRow",
    "OfferRow",
    "OrderItemRow",
    "OrderRatingRow",
    "OrderRow",
    "OrderStepRow",
    "OutboxRow",
    "ParkedEvent",
    "PaymentRow",
    "PharmacyRow",
    "PositionRow",
    "PrescriptionRow",
    "ProductRow",
    "PushRow",
    "QuestionRow",
    "QuoteRow",
    "ReconciliationRow",
    "RefundRow",
    "ResealingRow",
    "ReviewRow",
    "StaffRow",
    "SupplyLotRow",
    "SupplyRow",
    "SupplyWarningRow",
    "TemperatureRow",
]
