"""Prescriptions that a pharmacy handed out: each is marked, as the law wants it of a used one."""

from collections.abc import Sequence
from uuid import UUID

from apricot.pharmacy.v1.events_pb2 import PrescriptionDispensed
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import Bus, Event
from kit.consumer import Consumer
from kit.database import Database
from services.consult.store.prescriptions import mark_dispensed


def dispensing_consumer(bus: Bus, database: Database) -> Consumer:
    """Hears of it from the pharmacy."""
    return Consumer(
        bus,
        database,
        "consult-dispensings",
        "pharmacy",
        ["apricot.pharmacy.prescription.dispensed.>"],
        on_dispensed,
    )


async def on_dispensed(session: AsyncSession, events: Sequence[Event]) -> None:
    """In whichever order they come."""
    for event in events:
        told = PrescriptionDispensed.FromString(event.payload)
        prescription = UUID(told.prescription_id)
        await mark_dispensed(session, UUID(told.patient_id), prescription, told.revision, used_up=told.used_up)
