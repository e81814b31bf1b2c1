"""Who may see and touch an order: its buyer, its pharmacy's staff, its courier while the delivery lasts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apricot.pharmacy.v1.order_pb2 import Order
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.errors import not_found
from services.pharmacy import events
from services.pharmacy.domain.orders import State
from services.pharmacy.store import orders
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.staff import works_at

_CARRIED = (State.READY, State.ON_THE_WAY, State.UNDELIVERED)
"""The states in which the courier has something to do with it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An order, and as what the caller sees it."""

    order: OrderRow
    is_buyer: bool
    is_staff: bool
    is_courier: bool

    def leave_out(self, order: Order) -> None:
        """Whoever only carries it is not told what is in it."""
        if self.is_buyer or self.is_staff:
            return
        for field in ("items", "prescription_id", "prescription_revision", "needs_review", "approved"):
            order.ClearField(field)


async def require_order(session: AsyncSession, call: Call, order_id: str, now: datetime, *, lock: bool = False) -> Seen:
    """The order, when the caller may know of it; whoever is not the buyer is noted in the buyer's audit. Errors:
    NOT_FOUND."""
    seen = await look_again(session, call, order_id, lock=lock)
    events.access_used(session, call, seen.order.patient_id, now)
    return seen


async def look_again(session: AsyncSession, call: Call, order_id: str, *, lock: bool = False) -> Seen:
    """The same for a caller whose use is noted already. Errors: NOT_FOUND."""
    caller, wanted = call.caller.account_id, UUID(order_id)
    patient_id = await orders.patient_of(session, wanted)
    row = None if patient_id is None else await orders.find(session, patient_id, wanted, lock=lock)
    if row is None:
        raise not_found("order")
    seen = Seen(
        order=row,
        is_buyer=row.patient_id == caller,
        is_staff=call.caller.has("pharmacist") and await works_at(session, caller, row.pharmacy_id),
        is_courier=call.caller.has("courier") and row.courier_id == caller and State(row.state) in _CARRIED,
    )
    if not (seen.is_buyer or seen.is_staff or seen.is_courier):
        raise not_found("order")
    return seen
