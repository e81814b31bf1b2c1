"""What the pharmacy tells consult of a prescription, and what consult then shows."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from apricot.consult.v1.prescription_pb2 import Prescription, PrescriptionState
from apricot.pharmacy.v1.events_pb2 import PrescriptionDispensed, PrescriptionRejected, PrescriptionReturned

from kit.bus import Event
from kit.times import to_timestamp
from services.consult.work.prescriptions import on_dispensed, on_rejected, on_returned
from tests.pharmacy.review.dispensary import Dispensary

_HEARD = {"dispensed": on_dispensed, "returned": on_returned, "rejected": on_rejected}


def dispensed(prescription: Prescription, *, used_up: bool, time: datetime | None = None) -> Event:
    """As the pharmacy publishes it."""
    patient = prescription.content.patient_id
    message = PrescriptionDispensed(
        patient_id=patient,
        prescription_id=prescription.prescription_id,
        revision=prescription.revision,
        used_up=used_up,
        time=to_timestamp(time) if time else None,
    )
    return Event(1, str(uuid4()), "prescription", "dispensed", patient, message.SerializeToString(), 0)


def returned(prescription: Prescription, time: datetime) -> Event:
    """As the pharmacy publishes it."""
    patient = prescription.content.patient_id
    message = PrescriptionReturned(
        patient_id=patient,
        prescription_id=prescription.prescription_id,
        revision=prescription.revision,
        time=to_timestamp(time),
    )
    return Event(1, str(uuid4()), "prescription", "returned", patient, message.SerializeToString(), 0)


def rejected(prescription: Prescription, time: datetime) -> Event:
    """As the pharmacy publishes it."""
    patient = prescription.content.patient_id
    message = PrescriptionRejected(
        patient_id=patient,
        prescription_id=prescription.prescription_id,
        revision=prescription.revision,
        time=to_timestamp(time),
        reason="剂量过大",
    )
    return Event(1, str(uuid4()), "prescription", "rejected", patient, message.SerializeToString(), 0)


async def mark(dispensary: Dispensary, *events: Event) -> None:
    """As consult's worker does."""
    for each in events:
        async with dispensary.ward.database.transaction() as session:
            await _HEARD[each.event](session, [each])


async def state(dispensary: Dispensary, prescription: Prescription) -> PrescriptionState.ValueType:
    return (await dispensary.ward.get(prescription)).state


async def keep_in_consult(dispensary: Dispensary, made: Prescription) -> None:
    """Store a prescription as consult would, though its own check would not let it pass twice."""
    await dispensary.ward.fetch(
        "insert into prescription_revision (prescription_id, revision, patient_id, consultation_id, doctor_id,"
        " create_time, expire_time, signed_content, signature, key_id, state, revoke_reason)"
        " values ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, 1, '')",
        UUID(made.prescription_id),
        dispensary.patient_id,
        UUID(made.content.consultation_id),
        UUID(made.content.doctor_id),
        dispensary.clock.now,
        dispensary.clock.now + timedelta(days=3),
        made.signed_content,
        made.signature,
        UUID(made.key_id),
    )
