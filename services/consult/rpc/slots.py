"""Slots: published, withdrawn and listed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, available_timezones

from apricot.consult.v1 import booking_pb2 as pb
from apricot.errors.v1.reason_pb2 import Reason
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.errors import ApricotError, invalid_field
from kit.idempotency import answer_once
from kit.times import to_datetime
from services.consult import events
from services.consult.domain import appointments as life
from services.consult.domain import recurrence
from services.consult.domain.fee_bounds import require_fee
from services.consult.domain.practice import CURRENCY
from services.consult.domain.public_words import check_public_words
from services.consult.domain.recurrence import LocalStart, NoRecurrenceError, Occurrence, Outcome
from services.consult.domain.waiting import Act as WaitingAct
from services.consult.rpc.desk import KEY, Desk, behind, day_of, key_of, require_licence
from services.consult.store import appointments, waiting
from services.consult.store import slots as store
from services.consult.store.booking_bodies import slot_message
from services.consult.store.booking_tables import SlotRow
from services.consult.store.deleted_accounts import require_account
from services.consult.store.next_slots import tell_next_slot

_LIST_AT_MOST = timedelta(days=31)
_WITHDRAW_AT_MOST = timedelta(days=recurrence.MOST_DAYS)

_zones = cache(available_timezones)  # reads hundreds of files


class Slots(Desk):
    """See the module."""

    async def PublishSlots(self, request: pb.PublishSlotsRequest, call: Call) -> pb.PublishSlotsResponse:
        doctor_id, now = call.caller.account_id, self._clock()
        async with self._database.transaction() as session:

            async def publish() -> pb.PublishSlotsResponse:
                doctor = await store.find_doctor(session, doctor_id)
                if doctor is None:
                    raise ApricotError(Reason.REASON_DOCTOR_NOT_AVAILABLE, "the caller is in no directory")
                await appointments.lock_patient(session, doctor_id)  # an account's deletion takes this lock too
                await require_account(session, doctor_id)
                require_licence(doctor, now)
                if request.HasField("fee") and request.fee.currency_code != CURRENCY:
                    raise invalid_field("fee.currency_code", f"fees are in {CURRENCY}")
                require_fee(self._fee_bounds, doctor.title, "fee", request.fee.minor_units)
                check_public_words([("place.in_person.room", request.place.in_person.room)])
                assert doctor.licence_end_time is not None  # noqa: S101
                found = _occurrences(request, now, doctor.licence_end_time)
                wanted = [_slot(request, each, doctor_id, now) for each in found]
                made = await store.publish(session, [slot for slot in wanted if slot is not None])
                await tell_next_slot(session, doctor_id, now)
                results = [_result(each, slot, made) for each, slot in zip(found, wanted, strict=True)]
                return pb.PublishSlotsResponse(results=results, published_count=len(made))

            return await answer_once(session, call, request, pb.PublishSlotsResponse, publish)

    async def WithdrawSlots(self, request: pb.WithdrawSlotsRequest, call: Call) -> pb.WithdrawSlotsResponse:
        doctor_id, now = call.caller.account_id, self._clock()
        async with self._database.transaction() as session:

            async def withdraw() -> pb.WithdrawSlotsResponse:
                start, end = to_datetime(request.start_time), to_datetime(request.end_time)
                _require_range(start, end, _WITHDRAW_AT_MOST)
                gone = await store.withdraw(session, doctor_id, start, end, now)
                slot_ids = [slot.slot_id for slot in gone]
                cancelled = await _cancel_all(session, call, slot_ids, request.note, now)
                await tell_next_slot(session, doctor_id, now)
                return pb.WithdrawSlotsResponse(withdrawn_count=len(gone), cancelled_count=cancelled)

            response = await answer_once(session, call, request, pb.WithdrawSlotsResponse, withdraw)
        await self._relay.wake()
        return response

    async def ListSlots(self, request: pb.ListSlotsRequest, call: Call) -> pb.ListSlotsResponse:
        now, size = self._clock(), paging.page_size(request.page_size)
        start = to_datetime(request.start_time) if request.HasField("start_time") else now
        end = to_datetime(request.end_time) if request.HasField("end_time") else start + _LIST_AT_MOST
        _require_range(start, end, _LIST_AT_MOST)
        wanted = store.SlotList(
            start=start,
            end=end,
            now=now,
            limit=size + 1,
            doctor_id=UUID(request.doctor_id) if request.doctor_id else None,
            department_code=request.department_code,
            free_only=request.free_only,
            behind=behind(paging.decode(request.page_token, request, KEY)),
        )
        async with self._database.transaction() as session:
            found = await store.list_slots(session, wanted)
            shown = found[:size]
            free = await store.free_counts(session, [slot.slot_id for slot in shown])
        response = pb.ListSlotsResponse(slots=[slot_message(slot, free.get(slot.slot_id, 0)) for slot in shown])
        if len(found) > size:
            response.next_page_token = paging.encode(key_of(shown[-1].start_time, shown[-1].slot_id), request)
        return response


def _occurrences(request: pb.PublishSlotsRequest, now: datetime, licence_end: datetime) -> list[Occurrence]:
    """Errors: INVALID_FIELD."""
    if request.time_zone not in _zones():
        raise invalid_field("time_zone", "is not in the IANA database")
    kind = request.WhichOneof("schedule") or ""
    try:
        starts = _weekly(request) if kind == "weekly" else _single(request)
    except NoRecurrenceError as error:
        raise invalid_field(kind, str(error)) from error
    if len(starts) * request.capacity > recurrence.MOST_PLACES:
        raise invalid_field("capacity", f"at most {recurrence.MOST_PLACES} places are published at once")
    length = timedelta(minutes=request.length_minutes)
    return recurrence.occurrences(starts, ZoneInfo(request.time_zone), length, now, licence_end)


def _single(request: pb.PublishSlotsRequest) -> list[LocalStart]:
    return [
        LocalStart(day_of(f"single.starts[{number}].date", start.date), start.start_minute)
        for number, start in enumerate(request.single.starts)
    ]


def _weekly(request: pb.PublishSlotsRequest) -> list[LocalStart]:
    asked = request.weekly
    minutes: Sequence[int] = asked.start_minutes
    if bool(minutes) == asked.HasField("session"):
        raise invalid_field("weekly.session", "either this or start_minutes")
    if asked.HasField("session"):
        session = asked.session
        minutes = recurrence.session_starts(session.start_minute, session.end_minute, request.length_minutes)
    first, last = day_of("weekly.first_date", asked.first_date), day_of("weekly.last_date", asked.last_date)
    return recurrence.weekly(first, last, set(asked.weekdays), minutes)


def _slot(request: pb.PublishSlotsRequest, found: Occurrence, doctor_id: UUID, now: datetime) -> SlotRow | None:
    """The slot to be made of an occurrence; None: none."""
    if found.start is None or found.outcome is not Outcome.PUBLISHED:
        return None
    return SlotRow(
        slot_id=uuid4(),
        doctor_id=doctor_id,
        start_time=found.start,
        end_time=found.start + timedelta(minutes=request.length_minutes),
        time_zone=request.time_zone,
        day=found.local.day,
        capacity=request.capacity,
        mode=request.place.online,
        room=request.place.in_person.room,
        fee_minor=request.fee.minor_units,
        currency=request.fee.currency_code,
        create_time=now,
    )


def _result(found: Occurrence, slot: SlotRow | None, made: set[UUID]) -> pb.PublishedSlot:
    result = pb.PublishedSlot(date=found.local.day.isoformat(), start_minute=found.local.minute)
    result.outcome = pb.PublishOutcome.ValueType(found.outcome)
    if slot is not None and slot.slot_id in made:
        result.slot.CopyFrom(slot_message(slot, slot.capacity))
    elif slot is not None:
        result.outcome = pb.PUBLISH_OUTCOME_OVERLAPS
    return result


async def _cancel_all(session: AsyncSession, call: Call, slots: Sequence[UUID], note: str, now: datetime) -> int:
    """Cancel what is booked of these slots, and end what waits for them; each patient is told. How many were booked."""
    doctor_id = call.caller.account_id
    cancelled = await appointments.lock_of_slots(session, slots)
    for entry in await waiting.lock_of_slots(session, slots):
        await waiting.end(session, entry, WaitingAct.LAPSE, now)
        events.waiting_changed(session, entry, doctor_id, now)
        events.push_patient(session, entry.patient_id, "offer", entry.entry_id, now)
    for row in cancelled:
        row.note = note
        await appointments.change(session, row, life.Act.WITHDRAW, now)
        events.appointment_changed(session, row, doctor_id, now)
        events.access_used(session, call, row.patient_id, now)
        events.push_patient(session, row.patient_id, "appointment", row.appointment_id, now, urgent=True)
        if (waits := await waiting.join_after_withdrawal(session, row, now)) is not None:
            events.waiting_changed(session, waits, doctor_id, now)
    return len(cancelled)


def _require_range(start: datetime, end: datetime, longest: timedelta) -> None:
    """Errors: INVALID_FIELD."""
    if not timedelta(0) < end - start <= longest:
        raise invalid_field("end_time", f"lies behind start_time, by at most {longest.days} days")
