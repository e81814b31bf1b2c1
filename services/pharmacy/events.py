"""What the pharmacy publishes: the contract's messages of `events.proto`, on
`apricot.pharmacy.<noun>.<event>.<patient>`, and what identity hears from every service: whose data was used."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from apricot.identity.v1.events_pb2 import AccessUsed
from apricot.pharmacy.v1.events_pb2 import OrderChanged, PrescriptionRejected, RefillDue, SupplyWarned
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.hints import Hints
from kit.outbox import Relay, add_event
from kit.pushes import add_pushes
from kit.times import to_timestamp
from services.pharmacy.store.new_orders import NewOrder, NewStep
from services.pharmacy.store.order_bodies import step_message
from services.pharmacy.store.order_tables import OrderRow, OrderStepRow
from services.pharmacy.store.refills import Refill
from services.pharmacy.store.review_tables import ReviewRow
from services.pharmacy.store.supply_bodies import supply_message, warning_message
from services.pharmacy.store.supply_tables import SupplyRow, SupplyWarningRow


def access_used(session: AsyncSession, call: Call, patient: UUID, now: datetime) -> None:
    """The event of somebody else's use of a patient's data; identity chains it into the audit."""
    if call.caller.account_id != patient:
        use = AccessUsed(
            patient_id=str(patient),
            actor_id=str(call.caller.account_id),
            action=call.method.action,
            time=to_timestamp(now),
        )
        add_event(session, f"apricot.pharmacy.access.used.{patient}", use)


def order_event(row: OrderRow | NewOrder, step: OrderStepRow | NewStep) -> tuple[str, OrderChanged]:
    """An order took a step: subject and event."""
    event = OrderChanged(
        patient_id=str(row.patient_id),
        order_id=str(row.order_id),
        pharmacy_id=str(row.pharmacy_id),
        step=step_message(step),
    )
    return f"apricot.pharmacy.order.changed.{row.patient_id}", event


def order_changed(session: AsyncSession, row: OrderRow, step: OrderStepRow) -> None:
    """An order took a step."""
    add_event(session, *order_event(row, step))


def prescription_rejected(session: AsyncSession, row: ReviewRow, reason: str, now: datetime) -> None:
    """A pharmacist rejected the prescription of a review."""
    event = PrescriptionRejected(
        patient_id=str(row.patient_id),
        prescription_id=str(row.prescription_id),
        revision=row.prescription_revision,
        order_id=str(row.order_id),
        time=to_timestamp(now),
        reason=reason,
    )
    add_event(session, f"apricot.pharmacy.prescription.rejected.{row.patient_id}", event)


def push(
    session: AsyncSession, row: OrderRow, accounts: Iterable[UUID], now: datetime, *, urgent: bool = False
) -> None:
    """Push to these that there is something about an order."""
    add_pushes(session, accounts, patient=row.patient_id, kind="order", reference=row.order_id, urgent=urgent, now=now)


def refill_due(session: AsyncSession, row: SupplyRow, refill: Refill | None, order_id: UUID, now: datetime) -> None:
    """A supply comes to its end: the patient is reminded, with the order by which it last came."""
    message = supply_message(row, refill.repeats_left if refill else 0, now)
    event = RefillDue(patient_id=str(row.patient_id), supply=message)
    add_event(session, f"apricot.pharmacy.refill.due.{row.patient_id}", event)
    kind = "refill" if refill else "refill_needs_prescription"
    add_pushes(session, [row.patient_id], patient=row.patient_id, kind=kind, reference=order_id, urgent=False, now=now)


def supply_warned(session: AsyncSession, row: SupplyWarningRow, now: datetime) -> None:
    """A prescriber is warned."""
    event = SupplyWarned(warning=warning_message(row))
    add_event(session, f"apricot.pharmacy.supply.warned.{row.patient_id}", event)
    add_pushes(
        session,
        [row.clinician_id],
        patient=row.patient_id,
        kind="supply",
        reference=row.warning_id,
        urgent=False,
        now=now,
    )


def push_about(session: AsyncSession, patient: UUID, kind: str, reference: UUID, account: UUID, now: datetime) -> None:
    """Push to a professional that there is something about a patient's prescription, review or question."""
    add_pushes(session, [account], patient=patient, kind=kind, reference=reference, urgent=False, now=now)


class Telling:
    """After a commit: wakes the relay, and hints to whoever watches the order that there is something new. A watch
    looks again by itself too, so that a lost hint costs a second, never a step."""

    def __init__(self, relay: Relay, hints: Hints) -> None:
        self._relay = relay
        self._hints = hints

    async def wake(self) -> None:
        """Events wait to be published; nobody has to look anew."""
        await self._relay.wake()

    async def changed(self, *orders: UUID) -> None:
        """These orders took a step."""
        await self._relay.wake()
        for order in orders:
            await self._hints.send(order_key(order))


def order_key(order: UUID) -> str:
    """The hints that an order has something new."""
    return f"order.{order}"


def position_key(order: UUID) -> str:
    """The hints that carry where an order's courier is: a `WatchOrderResponse`, as watchers get it."""
    return f"position.{order}"
