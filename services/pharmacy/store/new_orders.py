"""What is written of a new order. The fields are those of the tables' rows; these cost a fraction of what rows cost."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class NewOrder(NamedTuple):
    """See `OrderRow`."""

    order_id: UUID
    patient_id: UUID
    pharmacy_id: UUID
    state: int
    prescription_id: UUID | None
    prescription_revision: int
    needs_review: bool
    goods_minor: int
    delivery_minor: int
    currency: str
    buyer_name: str
    address: bytes
    latitude: float
    longitude: float
    distance_metres: int
    cold_chain: bool
    create_time: datetime
    update_time: datetime
    due_time: datetime | None
    last_sequence: int = 1
    approved: bool = False
    courier_id: UUID | None = None
    end_time: datetime | None = None
    return_reason: int = 0


class NewItem(NamedTuple):
    """See `OrderItemRow`."""

    order_id: UUID
    line: int
    patient_id: UUID
    product_id: UUID
    quantity: int
    price_minor: int
    name_zh: str
    name_en: str
    atc_code: str
    pack: str
    prescription_only: bool
    prescription_item: int


class NewStep(NamedTuple):
    """See `OrderStepRow`."""

    order_id: UUID
    sequence: int
    patient_id: UUID
    act: int
    state: int
    actor_id: UUID | None
    time: datetime
    note: str = ""


class NewHold(NamedTuple):
    """See `HoldRow`."""

    order_id: UUID
    lot_id: UUID
    line: int
    patient_id: UUID
    quantity: int
    state: int


class NewEvent(NamedTuple):
    """See `OutboxRow`."""

    subject: str
    payload: bytes


class NewAnswer(NamedTuple):
    """See `AnsweredRequest`."""

    caller_id: UUID
    request_id: UUID
    digest: bytes
    answer: bytes
