"""`apricot.consult.v1.PrescriptionService`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from apricot.consult.v1 import prescription_pb2
from apricot.consult.v1.conversation_pb2 import (
    NOTICE_KIND_PRESCRIPTION_ISSUED,
    NOTICE_KIND_PRESCRIPTION_REVOKED,
    NoticeKind,
)
from apricot.consult.v1.prescription_pb2 import (
    GENUINENESS_GENUINE,
    Prescription,
    PrescriptionContent,
    PrescriptionState,
)
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import not_found
from kit.idempotency import answer_once, first_answer
from kit.pushes import add_pushes
from prescribing.genuineness import DoctorKeys
from services.consult import events
from services.consult.domain.prescriptions import Act, RevisionMismatchError, WrongStateError
from services.consult.events import Telling
from services.consult.rpc.genuineness import is_as_signed
from services.consult.rpc.participants import Seat, require_doctor, require_seat
from services.consult.rpc.prescribing import Prescribing, sit_down
from services.consult.rpc.prescription_rules import require_written
from services.consult.rpc.revisions import (
    Make,
    Place,
    Revision,
    Revisions,
    Words,
    content_bytes,
    found,
    place_of,
)
from services.consult.rpc.signer import Signed, Signer
from services.consult.store import prescriptions as store
from services.consult.store.messages import add_notice
from services.consult.store.tables import PrescriptionRow

log = structlog.get_logger()

_PAGE_BYTES = 3 << 20
"""A page ends here, however many revisions were asked for."""


class Prescriptions:
    """Prescriptions: checked, signed, read, taken back."""

    def __init__(self, database: Database, telling: Telling, signer: Signer, keys: DoctorKeys, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._signer = signer
        self._keys = keys
        self._prescribing = Prescribing(keys)
        self._revisions = Revisions(keys, self._prescribing)
        self._clock = clock

    async def CheckPrescription(
        self, request: prescription_pb2.CheckPrescriptionRequest, call: Call
    ) -> prescription_pb2.CheckPrescriptionResponse:
        now = self._clock()
        require_written(request.written)
        besides = UUID(request.revised_prescription_id) if request.revised_prescription_id else None
        async with self._database.transaction() as session:
            desk = await sit_down(session, call, request.consultation_id, request.written, now, lock=False)
            findings = await self._prescribing.findings(session, desk, request.written, now, besides)
        await self._telling.wake()
        return prescription_pb2.CheckPrescriptionResponse(findings=findings)

    async def PreparePrescription(
        self, request: prescription_pb2.PreparePrescriptionRequest, call: Call
    ) -> prescription_pb2.PreparePrescriptionResponse:
        """The bytes are made once: the doctor proves the second factor for them before they are sent back."""
        now, words = self._clock(), Words(request.written, request.overrides)
        require_written(request.written)
        if request.revised_prescription_id:
            place = Place(UUID(request.revised_prescription_id), now)
            make = self._revisions.next(call, request.expected_revision, words, place)
        else:
            make = self._revisions.first(call, request.consultation_id, words, Place(uuid4(), now))
        async with self._database.transaction() as session:
            revision = await make(session, now, False)
            if revision.seat.consultation.consultation_id != UUID(request.consultation_id):
                raise not_found("prescription")
        await self._telling.wake()
        return prescription_pb2.PreparePrescriptionResponse(content=content_bytes(revision.content))

    async def IssuePrescription(
        self, request: prescription_pb2.IssuePrescriptionRequest, call: Call
    ) -> prescription_pb2.IssuePrescriptionResponse:
        def make(now: datetime) -> Make:
            words = Words(request.written, request.overrides)
            return self._revisions.first(call, request.consultation_id, words, place_of(request.content, now))

        return await self._write(request, call, prescription_pb2.IssuePrescriptionResponse, make)

    async def RevisePrescription(
        self, request: prescription_pb2.RevisePrescriptionRequest, call: Call
    ) -> prescription_pb2.RevisePrescriptionResponse:
        def make(now: datetime) -> Make:
            place = Place(UUID(request.prescription_id), place_of(request.content, now).issue_time)
            words = Words(request.written, request.overrides)
            return self._revisions.next(call, request.expected_revision, words, place)

        return await self._write(request, call, prescription_pb2.RevisePrescriptionResponse, make)

    async def RevokePrescription(
        self, request: prescription_pb2.RevokePrescriptionRequest, call: Call
    ) -> prescription_pb2.RevokePrescriptionResponse:
        now, seats = self._clock(), list[Seat]()
        async with self._database.transaction() as session:

            async def revoke() -> prescription_pb2.RevokePrescriptionResponse:
                consultation = (await found(session, call, UUID(request.prescription_id))).consultation_id
                seats.append(await require_doctor(session, call, str(consultation), now))
                row = await found(session, call, UUID(request.prescription_id))
                await store.end(session, row, Act.REVOKE, now, request.reason)
                shown = await self._shown(row, now)
                await self._tell(session, seats[0], row, NOTICE_KIND_PRESCRIPTION_REVOKED, now)
                events.prescription_revoked(session, shown, row.patient_id)
                return prescription_pb2.RevokePrescriptionResponse(prescription=shown)

            response = await answer_once(session, call, request, prescription_pb2.RevokePrescriptionResponse, revoke)
        await self._told(seats)
        return response

    async def GetPrescription(
        self, request: prescription_pb2.GetPrescriptionRequest, call: Call
    ) -> prescription_pb2.GetPrescriptionResponse:
        now = self._clock()
        async with self._database.transaction() as session:
            row = await found(session, call, UUID(request.prescription_id), request.revision)
            events.access_used(session, call, row.patient_id, now)
        await self._telling.wake()
        return prescription_pb2.GetPrescriptionResponse(prescription=await self._shown(row, now))

    async def ListPrescriptions(
        self, request: prescription_pb2.ListPrescriptionsRequest, call: Call
    ) -> prescription_pb2.ListPrescriptionsResponse:
        now, size = self._clock(), paging.page_size(request.page_size)
        patient, consultation = call.caller.account_id, None
        async with self._database.transaction() as session:
            if request.consultation_id:
                seat = await require_seat(session, call, request.consultation_id, now)
                patient, consultation = seat.consultation.patient_id, seat.consultation.consultation_id
            rows = await store.page(session, patient, consultation, _behind(request), size + 1)
        await self._telling.wake()
        response, bytes_left = prescription_pb2.ListPrescriptionsResponse(), _PAGE_BYTES
        for row in rows[:size]:
            shown = await self._shown(row, now)
            if response.prescriptions and bytes_left < shown.ByteSize():
                break
            response.prescriptions.append(shown)
            bytes_left -= shown.ByteSize()
        if len(rows) > (shown_count := len(response.prescriptions)):
            last = rows[shown_count - 1]
            key = last.create_time.isoformat(), str(last.prescription_id), last.revision
            response.next_page_token = paging.encode(key, request)
        return response

    async def VerifyPrescription(
        self, request: prescription_pb2.VerifyPrescriptionRequest, call: Call
    ) -> prescription_pb2.VerifyPrescriptionResponse:
        """Who holds the bytes knows what they say; all that is told beside is where the prescription stands."""
        genuineness = await self._keys.judge(request.signed_content, request.signature, request.key_id)
        response = prescription_pb2.VerifyPrescriptionResponse(genuineness=genuineness)
        if genuineness == GENUINENESS_GENUINE:
            content = PrescriptionContent.FromString(request.signed_content)
            patient, prescription = UUID(content.patient_id), UUID(content.prescription_id)
            async with self._database.transaction() as session:
                row = await store.find_issued(session, patient, prescription, content.revision)
            if row is not None and await is_as_signed(self._keys, row) and row.signed_content == request.signed_content:
                response.state = PrescriptionState.ValueType(store.standing_of(row, self._clock()))
        return response

    async def _write[M: (prescription_pb2.IssuePrescriptionResponse, prescription_pb2.RevisePrescriptionResponse)](
        self, request: Any, call: Call, response_type: type[M], makes: Callable[[datetime], Make]
    ) -> M:
        """Check, have it signed, check again and keep it: both times it has to be what was prepared. No lock and no
        connection is held while identity is asked; a crash before the end leaves nothing behind that anybody sees."""
        now, seats = self._clock(), list[Seat]()
        require_written(request.written)
        async with self._database.transaction() as session:
            await store.hold_still(session)  # what a twin of this call writes is seen with its answer, or not at all
            if (first := await first_answer(session, call, request, response_type)) is not None:
                return first
            make = makes(now)
            content = _as_prepared(request.content, await make(session, now, False))
            await session.rollback()  # it was looked at; the audit is told once, when it is kept
        signed = await self._signer.sign(call, content)
        async with self._database.transaction() as session:

            async def keep() -> M:
                revision = await make(session, now, True)
                _as_prepared(request.content, revision)
                seats.append(revision.seat)
                return response_type(prescription=await self._keep(session, revision, signed, now))

            response = await answer_once(session, call, request, response_type, keep)
        await self._told(seats)
        return response

    async def _keep(self, session: AsyncSession, revision: Revision, signed: Signed, now: datetime) -> Prescription:
        if revision.replaced is not None:
            await store.end(session, revision.replaced, Act.REPLACE, now)
        row = store.add(session, revision.content, signed.content, signed.signature, signed.key_id)
        try:
            await session.flush()
        except IntegrityError as error:
            raise WrongStateError("this content was issued before") from error
        shown = store.prescription_message(row, now, altered=False)
        await self._tell(session, revision.seat, row, NOTICE_KIND_PRESCRIPTION_ISSUED, now)
        tell = events.prescription_issued if revision.replaced is None else events.prescription_revised
        tell(session, shown, row.patient_id)
        return shown

    async def _tell(
        self, session: AsyncSession, seat: Seat, row: PrescriptionRow, kind: NoticeKind.ValueType, now: datetime
    ) -> None:
        """In the conversation, and to the patient's devices."""
        patient, prescription = row.patient_id, row.prescription_id
        doctor = seat.member.account_id
        await add_notice(session, patient, row.consultation_id, kind, now, account_id=doctor, object_id=prescription)
        add_pushes(
            session, [patient], patient=patient, kind="prescription", reference=prescription, urgent=False, now=now
        )

    async def _told(self, seats: list[Seat]) -> None:
        """After the commit; nothing where the answer was a repeat."""
        for seat in seats:
            consultation = seat.consultation
            await self._telling.changed(consultation.consultation_id, [consultation.patient_id, seat.member.account_id])

    async def _shown(self, row: PrescriptionRow, now: datetime) -> Prescription:
        """Verified again."""
        altered = not await is_as_signed(self._keys, row)
        if altered:
            log.error("a prescription is not as it was signed", prescription_id=str(row.prescription_id))
        return store.prescription_message(row, now, altered=altered)


def _as_prepared(prepared: bytes, revision: Revision) -> PrescriptionContent:
    """Return the content. Raise `RevisionMismatchError` unless it is what was prepared, to the byte."""
    if content_bytes(revision.content) != prepared:
        raise RevisionMismatchError("what is known of the patient has changed since it was prepared")
    return revision.content


def _behind(request: prescription_pb2.ListPrescriptionsRequest) -> store.Place | None:
    """The last one already listed. Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, (str, str, int))
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]).astimezone(UTC), UUID(key[1]), key[2]
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error
