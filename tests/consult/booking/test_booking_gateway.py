"""The whole way through the gateway: from a doctor's slots to a day at the practice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from apricot.consult.v1 import booking_pb2 as pb
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest
from google.protobuf.field_mask_pb2 import FieldMask

from clients.sdk import ApricotError
from kit.clock import utc_now
from kit.database import Database
from tests.consult.booking.crowd import publish
from tests.consult.doctors import listed_doctor
from tests.kit.running import until
from tests.people import People


async def test_from_a_slot_to_the_end_of_the_visit(people: People, consult_database: Database) -> None:
    doctor, patient = await listed_doctor(people, "endocrinology"), await people.patient()
    stranger = await people.patient()
    profile = UpdateProfileRequest(
        request_id=str(uuid4()), profile=Profile(display_name="李雷"), update_mask=FieldMask(paths=["display_name"])
    )
    await patient.session.account.UpdateProfile(profile)
    slot = await publish(doctor.session.booking, 1)
    (listed,) = (await patient.session.booking.ListSlots(pb.ListSlotsRequest(doctor_id=doctor.account_id))).slots
    assert listed == slot
    book = pb.BookAppointmentRequest(request_id=str(uuid4()), slot_id=slot.slot_id)
    made = (await patient.session.booking.BookAppointment(book)).appointment
    assert made.patient_name == "李雷"

    get = pb.GetAppointmentRequest(appointment_id=made.appointment_id)
    with pytest.raises(ApricotError) as caught:
        await stranger.session.booking.GetAppointment(get)
    assert caught.value.reason == Reason.REASON_NOT_FOUND
    with pytest.raises(ApricotError) as caught:
        await patient.session.booking.CallNext(pb.CallNextRequest(request_id=str(uuid4()), date="2026-11-25"))
    assert caught.value.reason == Reason.REASON_ROLE_REQUIRED
    assert (await doctor.session.booking.GetAppointment(get)).appointment == made

    async def is_audited() -> bool:
        events = (await patient.session.audit.ListAccessEvents(ListAccessEventsRequest())).events
        return any(one.action == "apricot.consult.v1.BookingService/GetAppointment" for one in events)

    await until(is_audited)

    # The day has come.
    async with consult_database.connection() as connection:
        now = utc_now() - timedelta(minutes=1)
        await connection.execute(
            "update appointment set start_time = $2, end_time = $3 where appointment_id = $1",
            made.appointment_id,
            now,
            now + timedelta(minutes=30),
        )
        day = (await connection.fetchval("select day from slot where slot_id = $1", slot.slot_id)).isoformat()
    check_in = pb.CheckInRequest(request_id=str(uuid4()), appointment_id=made.appointment_id)
    assert (await patient.session.booking.CheckIn(check_in)).appointment.queue_number == 1
    (waits,) = (await doctor.session.booking.ListQueue(pb.ListQueueRequest(date=day))).appointments
    assert waits.state == pb.APPOINTMENT_STATE_CHECKED_IN
    called = await doctor.session.booking.CallNext(pb.CallNextRequest(request_id=str(uuid4()), date=day))
    complete = pb.CompleteAppointmentRequest(request_id=str(uuid4()), appointment_id=called.appointment.appointment_id)
    done = (await doctor.session.booking.CompleteAppointment(complete)).appointment
    assert done.state == pb.APPOINTMENT_STATE_COMPLETED
    own = (await patient.session.booking.ListAppointments(pb.ListAppointmentsRequest())).appointments
    assert [one.appointment_id for one in own] == [made.appointment_id]


async def test_the_worker_offers_what_becomes_free(people: People, consult_database: Database) -> None:
    doctor, patient = await listed_doctor(people, "endocrinology"), await people.patient()
    join = pb.JoinWaitingListRequest(request_id=str(uuid4()))
    join.doctor_range.doctor_id = doctor.account_id
    join.doctor_range.start_time.FromDatetime(utc_now().replace(tzinfo=None))
    join.doctor_range.end_time.FromDatetime((utc_now() + timedelta(days=14)).replace(tzinfo=None))
    entry = (await patient.session.booking.JoinWaitingList(join)).entry
    slot = await publish(doctor.session.booking, 1)

    async def is_offered() -> bool:
        (found,) = (await patient.session.booking.ListWaitingList(pb.ListWaitingListRequest())).entries
        return found.state == pb.WAITING_STATE_OFFERED and found.offered_slot_id == slot.slot_id

    await until(is_offered)
    accept = pb.AcceptOfferRequest(request_id=str(uuid4()), entry_id=entry.entry_id)
    assert (await patient.session.booking.AcceptOffer(accept)).appointment.slot_id == slot.slot_id
