"""`apricot.consult.v1.HealthRecordService`."""

from datetime import datetime
from uuid import UUID

from apricot.consult.v1 import health_record_pb2
from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_ACTIVE
from apricot.consult.v1.health_record_pb2 import HealthRecord, RecordSource
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.idempotency import answer_once
from kit.times import to_timestamp
from prescribing.genuineness import DoctorKeys
from services.consult.domain.prescriptions import RevisionMismatchError, WrongStateError
from services.consult.events import Telling
from services.consult.rpc.genuineness import is_as_signed
from services.consult.rpc.health_changes import revision_message
from services.consult.rpc.health_facts import added, written_anew
from services.consult.rpc.participants import Seat, require_doctor
from services.consult.store import health_records as store
from services.consult.store import prescriptions

_PAGE_BYTES = 3 << 20
"""Below what a message may hold."""


class HealthRecords:
    """What has to be known of a patient before prescribing."""

    def __init__(self, database: Database, telling: Telling, keys: DoctorKeys, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._keys = keys
        self._clock = clock

    async def GetHealthRecord(
        self, request: health_record_pb2.GetHealthRecordRequest, call: Call
    ) -> health_record_pb2.GetHealthRecordResponse:
        async with self._database.transaction() as session:
            patient = await _patient(session, call, request.consultation_id, self._clock())
            record = await store.newest(session, patient)
        await self._telling.wake()
        return health_record_pb2.GetHealthRecordResponse(record=record)

    async def ListHealthRecordRevisions(
        self, request: health_record_pb2.ListHealthRecordRevisionsRequest, call: Call
    ) -> health_record_pb2.ListHealthRecordRevisionsResponse:
        size, key = paging.page_size(request.page_size), paging.decode(request.page_token, request, [int])
        async with self._database.transaction() as session:
            patient = await _patient(session, call, request.consultation_id, self._clock())
            rows = await store.page(session, patient, key[0] if key else None, size + 1)
        await self._telling.wake()
        response, bytes_left = health_record_pb2.ListHealthRecordRevisionsResponse(), _PAGE_BYTES
        records = [store.record_message(row) for row in rows]
        for record, older in zip(records[:size], [*records[1:], HealthRecord()], strict=False):
            shown = revision_message(older.facts, record)
            if response.revisions and bytes_left < shown.ByteSize():
                break
            response.revisions.append(shown)
            bytes_left -= shown.ByteSize()
        if len(rows) > len(response.revisions):
            response.next_page_token = paging.encode([response.revisions[-1].revision], request)
        return response

    async def PutHealthRecord(
        self, request: health_record_pb2.PutHealthRecordRequest, call: Call
    ) -> health_record_pb2.PutHealthRecordResponse:
        now, patient = self._clock(), call.caller.account_id
        async with self._database.transaction() as session:

            async def put() -> health_record_pb2.PutHealthRecordResponse:
                await store.lock(session, patient)
                old = await store.newest(session, patient)
                if old.revision != request.expected_revision:
                    raise RevisionMismatchError(f"the record is at revision {old.revision}")
                source = _source(patient, "", now)
                facts = written_anew(old.facts, request.facts, source, now)
                record = store.add(session, old, facts, source)
                return health_record_pb2.PutHealthRecordResponse(record=record)

            return await answer_once(session, call, request, health_record_pb2.PutHealthRecordResponse, put)

    async def AddToHealthRecord(
        self, request: health_record_pb2.AddToHealthRecordRequest, call: Call
    ) -> health_record_pb2.AddToHealthRecordResponse:
        now = self._clock()
        async with self._database.transaction() as session:

            async def add() -> health_record_pb2.AddToHealthRecordResponse:
                seat = await _doctor(session, call, request.consultation_id, now)
                patient, doctor = seat.consultation.patient_id, seat.member
                await store.lock(session, patient)
                old = await store.newest(session, patient)
                source = _source(doctor.account_id, doctor.display_name, now)
                facts = added(old.facts, request.facts, source, now, request.ended_entry_ids)
                record = store.add(session, old, facts, source)
                return health_record_pb2.AddToHealthRecordResponse(record=record)

            response = await answer_once(session, call, request, health_record_pb2.AddToHealthRecordResponse, add)
        await self._telling.wake()
        return response

    async def GetFactsForDispensing(
        self, request: health_record_pb2.GetFactsForDispensingRequest, call: Call
    ) -> health_record_pb2.GetFactsForDispensingResponse:
        now, patient = self._clock(), UUID(request.patient_id)
        async with self._database.transaction() as session:
            record = await store.newest(session, patient)
            rows = await prescriptions.in_force(session, patient, now)
        shown = [
            prescriptions.prescription_message(row, now, altered=not await is_as_signed(self._keys, row))
            for row in rows
        ]
        return health_record_pb2.GetFactsForDispensingResponse(record=record, prescriptions=shown)


async def _patient(session: AsyncSession, call: Call, consultation_id: str, now: datetime) -> UUID:
    """Return whose record is read: the caller's own, or the patient's of a consultation for its treating doctor.
    Errors: as of `_doctor`."""
    if not consultation_id:
        return call.caller.account_id
    return (await _doctor(session, call, consultation_id, now)).consultation.patient_id


async def _doctor(session: AsyncSession, call: Call, consultation_id: str, now: datetime) -> Seat:
    """The treating doctor of a consultation that goes on. Errors: NOT_FOUND, NOT_ALLOWED, `WrongStateError`."""
    seat = await require_doctor(session, call, consultation_id, now, lock=False)
    if seat.consultation.state != CONSULTATION_STATE_ACTIVE:
        raise WrongStateError("the consultation does not go on")
    return seat


def _source(account: UUID, name: str, now: datetime) -> RecordSource:
    return RecordSource(account_id=str(account), display_name=name, record_time=to_timestamp(now))
