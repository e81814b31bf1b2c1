"""Waiting lists, and the places that they are offered."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from apricot.consult.v1 import booking_pb2 as pb
from apricot.errors.v1.reason_pb2 import Reason
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.errors import ApricotError, invalid_field, not_allowed, not_found
from kit.idempotency import answer_once
from kit.times import to_datetime
from services.consult import events
from services.consult.domain import appointments as life
from services.consult.domain.waiting import MOST_OPEN, Act, State, WrongStateError, after
from services.consult.rpc.desk import KEY, Desk, behind, keep_slot, key_of, require_bookable
from services.consult.store import appointments, seats
from services.consult.store import waiting as store
from services.consult.store.appointments import Patient
from services.consult.store.booking_bodies import appointment_message, waiting_message
from services.consult.store.booking_tables import WaitingRow
from services.consult.store.deleted_accounts import require_account
from services.consult.store.next_slots import tell_next_slot
from services.consult.store.slots import find_doctor

_LONGEST = timedelta(days=31)
_INSTANT = timedelta(microseconds=1)


class WaitingList(Desk):
    """See the module."""

    async def JoinWaitingList(self, request: pb.JoinWaitingListRequest, call: Call) -> pb.JoinWaitingListResponse:
        now = self._clock()
        patient = Patient(call.caller.account_id, (await self._own_profile(call)).display_name)
        async with self._database.transaction() as session:

            async def join() -> pb.JoinWaitingListResponse:
                await appointments.lock_patient(session, patient.patient_id)
                await require_account(session, patient.patient_id)
                row = await _wanted(session, request, patient, now)
                if row.doctor_id == patient.patient_id:
                    raise not_allowed("a doctor does not wait for the own slots")
                if await store.count_open(session, patient.patient_id) >= MOST_OPEN:
                    raise ApricotError(Reason.REASON_TOO_MANY, f"{MOST_OPEN} entries of the caller's are open")
                await store.join(session, row)
                events.waiting_changed(session, row, patient.patient_id, now)
                return pb.JoinWaitingListResponse(entry=waiting_message(row))

            response = await answer_once(session, call, request, pb.JoinWaitingListResponse, join)
        await self._relay.wake()
        return response

    async def LeaveWaitingList(self, request: pb.LeaveWaitingListRequest, call: Call) -> pb.LeaveWaitingListResponse:
        now = self._clock()
        async with self._database.transaction() as session:

            async def leave() -> pb.LeaveWaitingListResponse:
                row = await _own(session, call, request.entry_id)
                was_offered = row.state == State.OFFERED
                await store.end(session, row, Act.LEAVE, now)
                events.waiting_changed(session, row, row.patient_id, now)
                if was_offered and row.offered_slot_id is not None:
                    events.offers_made(session, await store.offer_places(session, row.offered_slot_id, now), now)
                    await tell_next_slot(session, row.doctor_id, now)
                return pb.LeaveWaitingListResponse(entry=waiting_message(row))

            response = await answer_once(session, call, request, pb.LeaveWaitingListResponse, leave)
        await self._relay.wake()
        return response

    async def ListWaitingList(self, request: pb.ListWaitingListRequest, call: Call) -> pb.ListWaitingListResponse:
        size, key = paging.page_size(request.page_size), behind(paging.decode(request.page_token, request, KEY))
        async with self._database.transaction() as session:
            found = await store.list_of_patient(session, call.caller.account_id, request.state, size + 1, key)
        shown = found[:size]
        response = pb.ListWaitingListResponse(entries=map(waiting_message, shown))
        if len(found) > size:
            response.next_page_token = paging.encode(key_of(shown[-1].create_time, shown[-1].entry_id), request)
        return response

    async def AcceptOffer(self, request: pb.AcceptOfferRequest, call: Call) -> pb.AcceptOfferResponse:
        now, patient_id = self._clock(), call.caller.account_id
        async with self._database.transaction() as session:

            async def accept() -> pb.AcceptOfferResponse:
                slot_id = await _offered_slot(session, patient_id, UUID(request.entry_id))
                slot, doctor = await keep_slot(session, slot_id)
                await appointments.lock_patient(session, patient_id)
                entry = await _own(session, call, request.entry_id)
                after(State(entry.state), Act.ACCEPT)
                if entry.offer_expire_time is None or entry.offer_expire_time <= now:
                    raise WrongStateError("the offer has lapsed")
                require_bookable(slot, doctor, call, now)
                entry.appointment_id = uuid4()
                number = await seats.hand_over(session, slot_id, entry.entry_id, entry.appointment_id)
                patient = Patient(patient_id, entry.patient_name)
                row = await appointments.add(session, entry.appointment_id, patient, slot, doctor, number, now)
                await store.change(session, entry, Act.ACCEPT, now)
                events.waiting_changed(session, entry, patient_id, now)
                events.appointment_changed(session, row, patient_id, now)
                return pb.AcceptOfferResponse(appointment=appointment_message(row))

            response = await answer_once(session, call, request, pb.AcceptOfferResponse, accept)
        await self._relay.wake()
        return response


async def _own(session: AsyncSession, call: Call, entry_id: str) -> WaitingRow:
    """The caller's entry, locked. Errors: NOT_FOUND."""
    row = await store.find(session, call.caller.account_id, UUID(entry_id), lock=True)
    if row is None:
        raise not_found("entry")
    return row


async def _offered_slot(session: AsyncSession, patient_id: UUID, entry_id: UUID) -> UUID:
    """The slot of which the entry's place is; once offered it never changes. Errors: NOT_FOUND, WRONG_STATE."""
    entry = await store.find(session, patient_id, entry_id)
    if entry is None:
        raise not_found("entry")
    after(State(entry.state), Act.ACCEPT)
    assert entry.offered_slot_id is not None  # noqa: S101  it is on offer
    return entry.offered_slot_id


async def _wanted(
    session: AsyncSession, request: pb.JoinWaitingListRequest, patient: Patient, now: datetime
) -> WaitingRow:
    """The entry to be made. Errors: NOT_FOUND, WRONG_STATE, ALREADY_EXISTS, INVALID_FIELD."""
    slot_id: UUID | None = None
    if request.slot_id:
        slot, _ = await keep_slot(session, request.slot_id)
        slot_id, doctor_id, start, end = slot.slot_id, slot.doctor_id, slot.start_time, slot.start_time + _INSTANT
        if start <= now:
            raise life.WrongStateError("the slot has begun")
        if await appointments.has_place(session, patient.patient_id, slot_id):
            raise life.AlreadyBookedError("the patient has a place of this slot")
    else:
        asked = request.doctor_range
        doctor_id, start, end = UUID(asked.doctor_id), to_datetime(asked.start_time), to_datetime(asked.end_time)
        if not timedelta(0) < end - start <= _LONGEST or end <= now:
            raise invalid_field("doctor_range.end_time", "lies ahead, and behind start_time by at most 31 days")
        if await find_doctor(session, doctor_id) is None:
            raise not_found("doctor")
    return WaitingRow(
        entry_id=uuid4(),
        patient_id=patient.patient_id,
        patient_name=patient.name,
        doctor_id=doctor_id,
        slot_id=slot_id,
        start_time=start,
        end_time=end,
        state=State.WAITING,
        create_time=now,
        update_time=now,
    )
