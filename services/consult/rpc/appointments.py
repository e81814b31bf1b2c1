"""A patient's appointments."""

from datetime import datetime
from uuid import UUID, uuid4

from apricot.consult.v1 import booking_pb2 as pb
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.errors import not_found
from kit.idempotency import answer_once, first_answer
from services.consult import events
from services.consult.domain.appointments import (
    CHANGE_BEFORE,
    CHECK_IN_BEFORE,
    Act,
    AlreadyBookedError,
    SlotFullError,
    State,
    after,
)
from services.consult.rpc.desk import (
    KEY,
    Desk,
    behind,
    keep_slot,
    key_of,
    patients_own,
    require_before,
    require_bookable,
    require_from,
)
from services.consult.store import appointments as store
from services.consult.store.appointments import Patient
from services.consult.store.booking_bodies import appointment_message
from services.consult.store.booking_tables import AppointmentRow, SlotRow
from services.consult.store.deleted_accounts import require_account
from services.consult.store.directory_tables import DoctorRow
from services.consult.store.next_slots import tell_next_slot
from services.consult.store.seats import take_seat
from services.consult.store.slots import keep_slots
from services.consult.store.waiting import offer_places


class Appointments(Desk):
    """See the module."""

    async def BookAppointment(self, request: pb.BookAppointmentRequest, call: Call) -> pb.BookAppointmentResponse:
        async with self._crowd:
            if await store.is_full_for(self._database, call.caller.account_id, UUID(request.slot_id)):
                return await self._turn_away(request, call)
            return await self._book(
                request, Patient(call.caller.account_id, (await self._own_profile(call)).display_name), call
            )

    async def _book(
        self, request: pb.BookAppointmentRequest, patient: Patient, call: Call
    ) -> pb.BookAppointmentResponse:
        now = self._clock()
        async with self._database.transaction() as session:

            async def book() -> pb.BookAppointmentResponse:
                slot, doctor = await keep_slot(session, request.slot_id)
                await store.lock_patient(session, patient.patient_id)
                await require_account(session, patient.patient_id)
                row, is_last = await _take(session, call, patient, slot, doctor, now)
                if is_last:
                    await tell_next_slot(session, slot.doctor_id, now)
                return pb.BookAppointmentResponse(appointment=appointment_message(row))

            response = await answer_once(session, call, request, pb.BookAppointmentResponse, book)
        await self._relay.wake()
        return response

    async def _turn_away(self, request: pb.BookAppointmentRequest, call: Call) -> pb.BookAppointmentResponse:
        """A crowd before a full slot ends here, before identity is asked for names. A request that was answered before
        gets its answer: whoever sees the own place taken sees what was committed with it. Errors: SLOT_FULL."""
        async with self._database.transaction() as session:
            first = await first_answer(session, call, request, pb.BookAppointmentResponse)
        if first is None:
            raise SlotFullError("no place is left")
        return first

    async def RescheduleAppointment(
        self, request: pb.RescheduleAppointmentRequest, call: Call
    ) -> pb.RescheduleAppointmentResponse:
        now, patient_id = self._clock(), call.caller.account_id
        async with self._crowd, self._database.transaction() as session:

            async def reschedule() -> pb.RescheduleAppointmentResponse:
                slot, doctor = await _keep_both(session, request, patient_id)
                await store.lock_patient(session, patient_id)
                old = await patients_own(session, call, request.appointment_id)
                after(State(old.state), Act.RESCHEDULE)
                require_before(now, old.start_time - CHANGE_BEFORE)
                if slot.slot_id == old.slot_id:
                    raise AlreadyBookedError("the patient has a place of this slot")
                await _give_back(session, old, Act.RESCHEDULE, now)
                patient = Patient(patient_id, old.patient_name)
                row, _ = await _take(session, call, patient, slot, doctor, now, previous=old.appointment_id)
                await _pass_on(session, old, now)
                for doctor_id in sorted({old.doctor_id, row.doctor_id}):
                    await tell_next_slot(session, doctor_id, now)
                return pb.RescheduleAppointmentResponse(appointment=appointment_message(row))

            response = await answer_once(session, call, request, pb.RescheduleAppointmentResponse, reschedule)
        await self._relay.wake()
        return response

    async def CancelAppointment(self, request: pb.CancelAppointmentRequest, call: Call) -> pb.CancelAppointmentResponse:
        now = self._clock()
        async with self._database.transaction() as session:

            async def cancel() -> pb.CancelAppointmentResponse:
                row = await patients_own(session, call, request.appointment_id)
                after(State(row.state), Act.CANCEL)
                require_before(now, row.start_time - CHANGE_BEFORE)
                await _give_back(session, row, Act.CANCEL, now)
                await _pass_on(session, row, now)
                await tell_next_slot(session, row.doctor_id, now)
                return pb.CancelAppointmentResponse(appointment=appointment_message(row))

            response = await answer_once(session, call, request, pb.CancelAppointmentResponse, cancel)
        await self._relay.wake()
        return response

    async def CheckIn(self, request: pb.CheckInRequest, call: Call) -> pb.CheckInResponse:
        now = self._clock()
        async with self._database.transaction() as session:

            async def check_in() -> pb.CheckInResponse:
                row = await patients_own(session, call, request.appointment_id)
                after(State(row.state), Act.CHECK_IN)
                require_from(now, row.start_time - CHECK_IN_BEFORE)
                require_before(now, row.end_time)
                await store.check_in(session, row, now)
                events.appointment_changed(session, row, row.patient_id, now)
                return pb.CheckInResponse(appointment=appointment_message(row))

            response = await answer_once(session, call, request, pb.CheckInResponse, check_in)
        await self._relay.wake()
        return response

    async def GetAppointment(self, request: pb.GetAppointmentRequest, call: Call) -> pb.GetAppointmentResponse:
        async with self._database.transaction() as session:
            row = await store.find(session, call.caller.account_id, UUID(request.appointment_id))
            if row is None:
                raise not_found("appointment")
            events.access_used(session, call, row.patient_id, self._clock())
        await self._relay.wake()
        return pb.GetAppointmentResponse(appointment=appointment_message(row))

    async def ListAppointments(self, request: pb.ListAppointmentsRequest, call: Call) -> pb.ListAppointmentsResponse:
        size, key = paging.page_size(request.page_size), behind(paging.decode(request.page_token, request, KEY))
        async with self._database.transaction() as session:
            found = await store.list_of_patient(session, call.caller.account_id, request.state, size + 1, key)
        shown = found[:size]
        response = pb.ListAppointmentsResponse(appointments=map(appointment_message, shown))
        if len(found) > size:
            response.next_page_token = paging.encode(key_of(shown[-1].start_time, shown[-1].appointment_id), request)
        return response


async def _keep_both(
    session: AsyncSession, request: pb.RescheduleAppointmentRequest, patient_id: UUID
) -> tuple[SlotRow, DoctorRow]:
    """The new slot, which stands; neither it nor the old one is withdrawn meanwhile. Errors: NOT_FOUND."""
    old, new = await store.slot_of(session, patient_id, UUID(request.appointment_id)), UUID(request.slot_id)
    if old is None:
        raise not_found("appointment")
    kept = await keep_slots(session, {old, new})
    if new not in kept:
        raise not_found("slot")
    return kept[new]


async def _take(
    session: AsyncSession,
    call: Call,
    patient: Patient,
    slot: SlotRow,
    doctor: DoctorRow,
    now: datetime,
    previous: UUID | None = None,
) -> tuple[AppointmentRow, bool]:
    """A place of a slot becomes the patient's; and whether it was the last. Errors: those of booking."""
    require_bookable(slot, doctor, call, now)
    appointment_id = uuid4()
    try:
        seat = await take_seat(session, slot.slot_id, appointment_id)
    except SlotFullError as error:
        if await store.has_place(session, patient.patient_id, slot.slot_id):
            raise AlreadyBookedError("the patient has a place of this slot") from error
        raise
    row = await store.add(session, appointment_id, patient, slot, doctor, seat.number, now, previous)
    events.appointment_changed(session, row, patient.patient_id, now)
    return row, seat.is_last


async def _give_back(session: AsyncSession, row: AppointmentRow, act: Act, now: datetime) -> None:
    """The patient has the place no longer."""
    await store.change(session, row, act, now)
    events.appointment_changed(session, row, row.patient_id, now)


async def _pass_on(session: AsyncSession, gone: AppointmentRow, now: datetime) -> None:
    """Whoever waits longest for the place is offered it."""
    events.offers_made(session, await offer_places(session, gone.slot_id, now), now)
