"""A doctor's practice in this process, on real PostgreSQL, with a clock that the test moves."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from apricot.consult.v1 import booking_pb2 as pb
from apricot.consult.v1.events_pb2 import AppointmentChanged, WaitingEntryChanged
from apricot.errors.v1.reason_pb2 import Reason
from apricot.money.v1.money_pb2 import Money

from kit import contract
from kit.call import Call, Caller
from kit.database import Database
from kit.profiles import Profile
from kit.times import to_datetime, to_timestamp
from services.consult.rpc.booking import Booking
from services.consult.rpc.errors import ERRORS
from services.consult.work.appointments import AppointmentTimer
from tests.in_process import HandClock, refused_by

ZONE = "Asia/Shanghai"
NINE = 9 * 60
FEE = Money(currency_code="CNY", minor_units=5000)


def new_id() -> str:
    return str(uuid4())


class _NoRelay:
    """Nobody waits for the events here."""

    async def wake(self) -> None:
        return


async def _profile(_: Call) -> Profile:
    """Everybody is called the same; identity's part is tested through the gateway."""
    return Profile("小杏", None)


class Practice:
    """The service and its worker's timer, with one listed doctor."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock()
        parts = cast(Any, _NoRelay()), _profile
        self.booking = Booking(database, *parts, self.clock)
        self.timer = AppointmentTimer(database, parts[0], self.clock, timedelta(0))
        self.doctor, self.patient = uuid4(), uuid4()

    async def open(self, department: str = "endocrinology") -> "Practice":
        """The doctor is in the directory, with a licence for two years."""
        await self.execute(
            "insert into doctor (doctor_id, display_name, title, licence_end_time, department_code, listed) "
            "values ($1, 'Dr. Test', '主任医师', $2, $3, true)",
            self.doctor,
            self.clock.now + timedelta(days=730),
            department,
        )
        return self

    async def publish(self, minutes: Sequence[int] = (NINE,), days: int = 1, **fields: Any) -> list[pb.PublishedSlot]:
        """Slots of half an hour for one, on the next days at these minutes; what became of each."""
        today = self.clock.now.astimezone(ZoneInfo(ZONE)).date()
        starts = [
            pb.LocalStart(date=(today + timedelta(days=day)).isoformat(), start_minute=minute)
            for day in range(1, days + 1)
            for minute in minutes
        ]
        given: dict[str, Any] = {"request_id": new_id(), "time_zone": ZONE, "length_minutes": 30, "capacity": 1}
        given |= {"place": pb.SlotPlace(in_person=pb.InPerson(room="3-12"))}
        if "weekly" not in fields:
            given["single"] = pb.SingleSlots(starts=starts)
        request = pb.PublishSlotsRequest(**(given | fields))
        return list((await self.booking.PublishSlots(request, self.call("PublishSlots", self.doctor))).results)

    async def slot(self, minute: int = NINE, **fields: Any) -> pb.Slot:
        """One slot, tomorrow."""
        (made,) = await self.publish([minute], **fields)
        assert made.outcome == pb.PUBLISH_OUTCOME_PUBLISHED, made
        return made.slot

    async def book(self, slot: pb.Slot, by: UUID | None = None, request_id: str = "") -> pb.Appointment:
        request = pb.BookAppointmentRequest(request_id=request_id or new_id(), slot_id=slot.slot_id)
        return (await self.booking.BookAppointment(request, self.call("BookAppointment", by))).appointment

    async def reschedule(self, appointment: pb.Appointment, slot: pb.Slot, by: UUID | None = None) -> pb.Appointment:
        request = pb.RescheduleAppointmentRequest(
            request_id=new_id(), appointment_id=appointment.appointment_id, slot_id=slot.slot_id
        )
        call = self.call("RescheduleAppointment", by)
        return (await self.booking.RescheduleAppointment(request, call)).appointment

    async def cancel(self, appointment: pb.Appointment, by: UUID | None = None) -> pb.Appointment:
        request = pb.CancelAppointmentRequest(request_id=new_id(), appointment_id=appointment.appointment_id)
        return (await self.booking.CancelAppointment(request, self.call("CancelAppointment", by))).appointment

    async def check_in(self, appointment: pb.Appointment, by: UUID | None = None) -> pb.Appointment:
        request = pb.CheckInRequest(request_id=new_id(), appointment_id=appointment.appointment_id)
        return (await self.booking.CheckIn(request, self.call("CheckIn", by))).appointment

    async def get(self, appointment: pb.Appointment, by: UUID | None = None) -> pb.Appointment:
        request = pb.GetAppointmentRequest(appointment_id=appointment.appointment_id)
        return (await self.booking.GetAppointment(request, self.call("GetAppointment", by))).appointment

    async def call_next(self, day: str, by: UUID | None = None) -> pb.Appointment:
        request = pb.CallNextRequest(request_id=new_id(), date=day)
        return (await self.booking.CallNext(request, self.call("CallNext", by or self.doctor))).appointment

    async def complete(self, appointment: pb.Appointment, by: UUID | None = None) -> pb.Appointment:
        request = pb.CompleteAppointmentRequest(request_id=new_id(), appointment_id=appointment.appointment_id)
        call = self.call("CompleteAppointment", by or self.doctor)
        return (await self.booking.CompleteAppointment(request, call)).appointment

    async def mark_no_show(self, appointment: pb.Appointment, by: UUID | None = None) -> pb.Appointment:
        request = pb.MarkNoShowRequest(request_id=new_id(), appointment_id=appointment.appointment_id)
        return (await self.booking.MarkNoShow(request, self.call("MarkNoShow", by or self.doctor))).appointment

    async def withdraw(self, start: datetime, end: datetime, note: str = "") -> pb.WithdrawSlotsResponse:
        request = pb.WithdrawSlotsRequest(
            request_id=new_id(), start_time=to_timestamp(start), end_time=to_timestamp(end), note=note
        )
        return await self.booking.WithdrawSlots(request, self.call("WithdrawSlots", self.doctor))

    async def withdraw_slot(self, slot: pb.Slot, note: str = "") -> pb.WithdrawSlotsResponse:
        return await self.withdraw(to_datetime(slot.start_time), to_datetime(slot.end_time), note)

    async def list_slots(self, **fields: Any) -> pb.ListSlotsResponse:
        if "department_code" not in fields:
            fields.setdefault("doctor_id", str(self.doctor))
        return await self.booking.ListSlots(pb.ListSlotsRequest(**fields), self.call("ListSlots"))

    async def free(self, slot: pb.Slot) -> int:
        """How many places are free, as told."""
        return next(one.free_count for one in (await self.list_slots()).slots if one.slot_id == slot.slot_id)

    async def join(self, slot: pb.Slot | None = None, by: UUID | None = None, days: int = 14) -> pb.WaitingEntry:
        """Wait for a slot, or for any of the doctor's within some days."""
        request = pb.JoinWaitingListRequest(request_id=new_id())
        if slot is not None:
            request.slot_id = slot.slot_id
        else:
            now = self.clock.now
            wanted = request.doctor_range
            wanted.doctor_id = str(self.doctor)
            wanted.start_time.CopyFrom(to_timestamp(now))
            wanted.end_time.CopyFrom(to_timestamp(now + timedelta(days=days)))
        return (await self.booking.JoinWaitingList(request, self.call("JoinWaitingList", by))).entry

    async def leave(self, entry: pb.WaitingEntry, by: UUID | None = None) -> pb.WaitingEntry:
        request = pb.LeaveWaitingListRequest(request_id=new_id(), entry_id=entry.entry_id)
        return (await self.booking.LeaveWaitingList(request, self.call("LeaveWaitingList", by))).entry

    async def accept(self, entry: pb.WaitingEntry, by: UUID | None = None) -> pb.Appointment:
        request = pb.AcceptOfferRequest(request_id=new_id(), entry_id=entry.entry_id)
        return (await self.booking.AcceptOffer(request, self.call("AcceptOffer", by))).appointment

    async def waits(self, by: UUID | None = None) -> list[pb.WaitingEntry]:
        """A patient's entries, the newest first."""
        request = pb.ListWaitingListRequest()
        return list((await self.booking.ListWaitingList(request, self.call("ListWaitingList", by))).entries)

    def call(self, method: str, by: UUID | None = None) -> Call:
        """A call as the chain hands it on: the patient's, or somebody else's."""
        made = Call(contract.methods()[f"/apricot.consult.v1.BookingService/{method}"], new_id())
        roles = frozenset({"patient", "clinician"} if by == self.doctor else {"patient"})
        made.signed_in = Caller(by or self.patient, uuid4(), roles, datetime(2100, 1, 1, tzinfo=UTC))
        return made

    async def changes(self, patient: UUID | None = None) -> list[AppointmentChanged]:
        """What was published of a patient's appointments, in order."""
        subject = f"apricot.consult.appointment.changed.{patient or self.patient}"
        rows = await self.fetch("select payload from outbox where subject = $1 order by id", subject)
        return [AppointmentChanged.FromString(row["payload"]) for row in rows]

    async def waiting_changes(self, patient: UUID | None = None) -> list[WaitingEntryChanged]:
        """What was published of a patient's entries, in order."""
        subject = f"apricot.consult.waiting.changed.{patient or self.patient}"
        rows = await self.fetch("select payload from outbox where subject = $1 order by id", subject)
        return [WaitingEntryChanged.FromString(row["payload"]) for row in rows]

    async def audited(self, patient: UUID | None = None) -> int:
        """How often somebody else used a patient's data."""
        subject = f"apricot.consult.access.used.{patient or self.patient}"
        return len(await self.fetch("select from outbox where subject = $1", subject))

    async def pushed(self, patient: UUID | None = None) -> list[str]:
        """The kinds of what was pushed to a patient, in order."""
        rows = await self.fetch("select kind from push where account_id = $1 order by id", patient or self.patient)
        return [row["kind"] for row in rows]

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        async with self.database.connection() as connection:
            return list(await connection.fetch(statement, *values))

    async def execute(self, statement: str, *values: Any) -> None:
        async with self.database.connection() as connection:
            await connection.execute(statement, *values)


@contextmanager
def refused(reason: Reason.ValueType, **metadata: str) -> Iterator[None]:
    """The block ends with this reason and this metadata."""
    with refused_by(ERRORS, reason) as found:
        yield
    assert found == metadata
