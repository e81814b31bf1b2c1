"""`apricot.consult.v1.ConsultExportService`."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from apricot.consult.v1 import export_pb2
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from prescribing.genuineness import DoctorKeys
from services.consult.rpc.attachments import attachment_message
from services.consult.rpc.genuineness import is_as_signed
from services.consult.rpc.items import message_of
from services.consult.rpc.ratings import rating_message
from services.consult.store import calls, exports
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

type Bodies = Callable[[AsyncSession, Sequence[Any]], Awaitable[Sequence[Message]]]
"""Rows as the contract has them."""


class Exports:
    """A patient's consultations as a file."""

    def __init__(self, database: Database, keys: DoctorKeys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._kinds: list[tuple[str, type[SQLModel], Bodies]] = [
            ("consultation", ConsultationRow, bodies_of),
            ("message", MessageRow, _each(lambda row: message_of(row.consultation_id, row))),
            ("attachment", AttachmentRow, _each(attachment_message)),
            ("call", CallRow, _calls),
            ("appointment", AppointmentRow, _each(appointment_message)),
            ("waiting_entry", WaitingRow, _each(waiting_message)),
            ("prescription", PrescriptionRow, self._prescriptions),
            ("health_record", HealthRecordRow, _each(record_message)),
            ("rating", RatingRow, _each(rating_message)),
        ]

    async def ExportConsultations(
        self, request: export_pb2.ExportConsultationsRequest, call: Call
    ) -> AsyncIterator[export_pb2.ExportConsultationsResponse]:
        patient = call.caller.account_id
        head = _line("export", {"patientId": str(patient), "createTime": self._clock().isoformat()})
        yield export_pb2.ExportConsultationsResponse(content=head)
        for kind, table, bodies in self._kinds:
            async for messages in self._pages(table, patient, bodies):
                content = b"".join(_line(kind, MessageToDict(message)) for message in messages)
                yield export_pb2.ExportConsultationsResponse(content=content)

    async def _pages(self, table: type[SQLModel], patient: UUID, bodies: Bodies) -> AsyncIterator[Sequence[Message]]:
        behind: exports.Key | None = None
        while True:
            async with self._database.transaction() as session:
                rows = await exports.page_of(session, table, patient, behind)
                messages = await bodies(session, rows)
            if not rows:
                return
            yield messages
            behind = exports.key_of(rows[-1])

    async def _prescriptions(self, _: AsyncSession, rows: Sequence[PrescriptionRow]) -> Sequence[Message]:
        """Verified again; one that was altered says so."""
        now = self._clock()
        return [prescription_message(row, now, altered=not await is_as_signed(self._keys, row)) for row in rows]


def _each(body: Callable[[Any], Message]) -> Bodies:
    async def bodies(_: AsyncSession, rows: Sequence[Any]) -> Sequence[Message]:
        return [body(row) for row in rows]

    return bodies


async def _calls(session: AsyncSession, rows: Sequence[CallRow]) -> Sequence[Message]:
    return [await calls.shown(session, row) for row in rows]


def _line(kind: str, record: dict[str, Any]) -> bytes:
    return json.dumps({"kind": kind, "record": record}, ensure_ascii=False).encode() + b"\n"
