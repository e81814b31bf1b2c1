"""Prescriptions that a pharmacy handed out: each is marked, as the law wants it of a used one; and again when what was
handed out came back."""

from collections.abc import Sequence
from uuid import UUID

from apricot.pharmacy.v1.events_pb2 import PrescriptionDispensed, PrescriptionReturned
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import Bus, Event
from kit.consumer import Consumer, Handler
from kit.database import Database
from kit.times import to_datetime
from services.consult.store.prescriptions import mark_dispensed, mark_returned


def dispensing_consumers(bus: Bus, database: Database) -> list[Consumer]:
    """Hear of it from the pharmacy."""
    return [
        _consumer(bus, database, "dispensed", "consult-dispensings", on_dispensed),
        _consumer(bus, database, "returned", "consult-returns", on_returned),
    ]


async def on_dispensed(session: AsyncSession, events: Sequence[Event]) -> None:
    """In whichever order they come."""
    for event in events:
        told = PrescriptionDispensed.FromString(event.payload)
        which = UUID(told.patient_id), UUID(told.prescription_id), told.revision
        await mark_dispensed(session, *which, used_up=told.used_up, time=to_datetime(told.time))


async def on_returned(session: AsyncSession, events: Sequence[Event]) -> None:
    """In whichever order they come."""
    for event in events:
        told = PrescriptionReturned.FromString(event.payload)
        which = UUID(told.patient_id), UUID(told.prescription_id), told.revision
        await mark_returned(session, *which, to_datetime(told.time))


def _consumer(bus: Bus, database: Database, event: str, name: str, handler: Handler) -> Consumer:
    return Consumer(bus, database, name, "pharmacy", [f"apricot.pharmacy.prescription.{event}.>"], handler)
