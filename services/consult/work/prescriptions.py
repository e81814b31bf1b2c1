"""Prescriptions at the pharmacy: each that was handed out is marked, as the law wants it of a used one; again when it
came back, and when a pharmacist rejected it."""

from collections.abc import Sequence
from uuid import UUID

from apricot.consult.v1.conversation_pb2 import NOTICE_KIND_PRESCRIPTION_REJECTED
from apricot.pharmacy.v1.events_pb2 import PrescriptionDispensed, PrescriptionRejected, PrescriptionReturned
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import Bus, Event
from kit.consumer import Consumer, Handler
from kit.database import Database
from kit.times import to_datetime
from services.consult.store.messages import add_notice
from services.consult.store.prescriptions import mark_dispensed, mark_rejected, mark_returned


def dispensing_consumers(bus: Bus, database: Database) -> list[Consumer]:
    """Hear of it from the pharmacy."""
    return [
        _consumer(bus, database, "dispensed", "consult-dispensings", on_dispensed),
        _consumer(bus, database, "returned", "consult-returns", on_returned),
        _consumer(bus, database, "rejected", "consult-rejections", on_rejected),
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


async def on_rejected(session: AsyncSession, events: Sequence[Event]) -> None:
    """In whichever order they come. The conversation tells it once; the pharmacy pushes it."""
    for event in events:
        told = PrescriptionRejected.FromString(event.payload)
        which, time = (UUID(told.patient_id), UUID(told.prescription_id), told.revision), to_datetime(told.time)
        row = await mark_rejected(session, *which, time, told.reason)
        if row is not None:
            await add_notice(
                session,
                row.patient_id,
                row.consultation_id,
                NOTICE_KIND_PRESCRIPTION_REJECTED,
                time,
                object_id=row.prescription_id,
            )


def _consumer(bus: Bus, database: Database, event: str, name: str, handler: Handler) -> Consumer:
    return Consumer(bus, database, name, "pharmacy", [f"apricot.pharmacy.prescription.{event}.>"], handler)
