"""`apricot.consult.v1.ConsultExportService`."""

from collections.abc import AsyncIterator, Sequence

from apricot.consult.v1 import export_pb2
from google.protobuf.message import Message
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.exports import Kind, each, record_of
from prescribing.genuineness import Keys
from services.consult.rpc.attachments import attachment_message
from services.consult.rpc.genuineness import is_as_signed
from services.consult.rpc.items import message_of
from services.consult.rpc.ratings import rating_message
from services.consult.store import calls
from services.consult.store.booking_bodies import appointment_message, waiting_message
from services.consult.store.consultation_bodies import bodies_of
from services.consult.store.health_records import record_message
from services.consult.store.prescriptions import prescription_message
from services.consult.store.tables import (
    AppointmentRow,
    AttachmentRow,
    CallRow,
    ConsultationRow,
    HealthRecordRow,
    MessageRow,
    PrescriptionRow,
    RatingRow,
    WaitingRow,
)


def kinds_of(keys: Keys, clock: Clock) -> list[Kind]:
    """What is kept of a patient, each kind as the contract has it. Prescriptions are verified again."""

    async def prescriptions(_: AsyncSession, rows: Sequence[PrescriptionRow]) -> Sequence[Message]:
        now = clock()
        return [prescription_message(row, now, altered=not await is_as_signed(keys, row)) for row in rows]

    return [
        ("consultation", ConsultationRow, bodies_of),
        ("message", MessageRow, each(lambda row: message_of(row.consultation_id, row))),
        ("attachment", AttachmentRow, each(attachment_message)),
        ("call", CallRow, _calls),
        ("appointment", AppointmentRow, each(appointment_message)),
        ("waiting_entry", WaitingRow, each(waiting_message)),
        ("prescription", PrescriptionRow, prescriptions),
        ("health_record", HealthRecordRow, each(record_message)),
        ("rating", RatingRow, each(rating_message)),
    ]


class Exports:
    """A patient's consultations as a file."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._kinds = kinds_of(keys, clock)

    async def ExportConsultations(
        self, request: export_pb2.ExportConsultationsRequest, call: Call
    ) -> AsyncIterator[export_pb2.ExportConsultationsResponse]:
        async for content in record_of(self._database, self._kinds, call.caller.account_id, self._clock()):
            yield export_pb2.ExportConsultationsResponse(content=content)


async def _calls(session: AsyncSession, rows: Sequence[CallRow]) -> Sequence[Message]:
    return [await calls.shown(session, row) for row in rows]
