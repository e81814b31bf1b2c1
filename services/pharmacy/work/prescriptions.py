"""Prescriptions follow consult: copied as they are issued; what is taken back or replaced stops the orders that use it,
until the courier has them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from apricot.consult.v1.events_pb2 import PrescriptionIssued, PrescriptionRevised, PrescriptionRevoked
from google.protobuf.message import Message
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import Bus, Event
from kit.clock import Clock
from kit.consumer import Consumer
from kit.database import Database
from services.pharmacy import life
from services.pharmacy.domain.orders import Act as OrderAct
from services.pharmacy.domain.orders import State as OrderState
from services.pharmacy.domain.prescriptions import Act, State
from services.pharmacy.events import Telling
from services.pharmacy.store import claims, orders, prescriptions

_EVENTS: Mapping[str, tuple[type[Message], Act | None]] = {
    "prescription.issued": (PrescriptionIssued, None),
    "prescription.revised": (PrescriptionRevised, None),
    "prescription.revoked": (PrescriptionRevoked, Act.REVOKE),
}
_STOPS: Mapping[OrderState, OrderAct] = {
    OrderState.AWAITING_PAYMENT: OrderAct.CANCEL,
    OrderState.IN_REVIEW: OrderAct.REJECT,
    OrderState.PREPARING: OrderAct.REFUSE,
    OrderState.READY: OrderAct.REFUSE,
}
_TAKEN_BACK = "the doctor has taken the prescription back, or replaced it"


class Prescriptions:
    """Keeps the copies."""

    def __init__(self, database: Database, telling: Telling, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._clock = clock

    def consumer(self, bus: Bus) -> Consumer:
        """Of what consult tells."""
        subjects = ["apricot.consult.prescription.>"]
        return Consumer(
            bus, self._database, "pharmacy-prescriptions", "consult", subjects, self.on_events, self._telling.wake
        )

    async def on_events(self, session: AsyncSession, events: Sequence[Event]) -> None:
        """In whichever order they come; each prescription's in the order of its id, so that two workers wait for one
        another in the same order."""
        told = [(_parsed(event), _EVENTS[event.kind][1]) for event in events if event.kind in _EVENTS]
        for message, act in sorted(told, key=lambda each: each[0].prescription.prescription_id):
            patient_id, prescription_id = UUID(message.patient_id), UUID(message.prescription.prescription_id)
            await prescriptions.hear(session, patient_id, message.prescription, act)
            await _stop_orders(session, patient_id, prescription_id, self._clock())


async def _stop_orders(session: AsyncSession, patient_id: UUID, prescription_id: UUID, now: datetime) -> None:
    """Nothing more is handed out by a revision that is no longer in force."""
    rows = await prescriptions.revisions(session, patient_id, prescription_id)
    over = {row.revision for row in rows if row.state in (State.REVOKED, State.REPLACED)}
    for order_id, revision in await claims.users_of(session, patient_id, prescription_id):
        if revision in over:
            order = await orders.find(session, patient_id, order_id, lock=True)
            if order is not None and (act := _STOPS.get(OrderState(order.state))) is not None:
                await life.move(session, order, act, None, now, note=_TAKEN_BACK)


def _parsed(event: Event) -> PrescriptionIssued | PrescriptionRevised | PrescriptionRevoked:
    message = _EVENTS[event.kind][0].FromString(event.payload)
    assert isinstance(message, PrescriptionIssued | PrescriptionRevised | PrescriptionRevoked)  # noqa: S101
    return message
