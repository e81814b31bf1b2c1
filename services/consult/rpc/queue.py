"""A doctor's day: who comes, who is there, whose turn it is."""

from uuid import UUID

from apricot.consult.v1 import booking_pb2 as pb

from kit import paging
from kit.call import Call
from kit.errors import not_found
from kit.idempotency import answer_once
from services.consult import events
from services.consult.domain.appointments import Act, State, after
from services.consult.rpc.desk import KEY, Desk, behind, day_of, doctors_own, key_of, require_from
from services.consult.store import appointments as store
from services.consult.store.booking_bodies import appointment_message


class Queue(Desk):
    """See the module."""

    async def ListQueue(self, request: pb.ListQueueRequest, call: Call) -> pb.ListQueueResponse:
        now, size = self._clock(), paging.page_size(request.page_size)
        wanted = UUID(request.slot_id) if request.slot_id else day_of("date", request.date)
        key = behind(paging.decode(request.page_token, request, KEY))
        async with self._database.transaction() as session:
            found = await store.list_queue(session, call.caller.account_id, wanted, size + 1, key)
            shown = found[:size]
            for patient in {row.patient_id for row in shown}:
                events.access_used(session, call, patient, now)
        await self._relay.wake()
        response = pb.ListQueueResponse(appointments=map(appointment_message, shown))
        if len(found) > size:
            response.next_page_token = paging.encode(key_of(shown[-1].start_time, shown[-1].appointment_id), request)
        return response

    async def CallNext(self, request: pb.CallNextRequest, call: Call) -> pb.CallNextResponse:
        doctor_id, now = call.caller.account_id, self._clock()
        async with self._database.transaction() as session:

            async def call_next() -> pb.CallNextResponse:
                row = await store.next_in_queue(session, doctor_id, day_of("date", request.date))
                if row is None:
                    raise not_found("patient who waits")
                await store.change(session, row, Act.CALL, now)
                events.access_used(session, call, row.patient_id, now)
                events.appointment_changed(session, row, doctor_id, now)
                events.push_patient(session, row.patient_id, "appointment", row.appointment_id, now, urgent=True)
                return pb.CallNextResponse(appointment=appointment_message(row))

            response = await answer_once(session, call, request, pb.CallNextResponse, call_next)
        await self._relay.wake()
        return response

    async def CompleteAppointment(
        self, request: pb.CompleteAppointmentRequest, call: Call
    ) -> pb.CompleteAppointmentResponse:
        doctor_id, now = call.caller.account_id, self._clock()
        async with self._database.transaction() as session:

            async def complete() -> pb.CompleteAppointmentResponse:
                row = await doctors_own(session, call, request.appointment_id, now)
                await store.change(session, row, Act.COMPLETE, now)
                events.appointment_changed(session, row, doctor_id, now)
                return pb.CompleteAppointmentResponse(appointment=appointment_message(row))

            response = await answer_once(session, call, request, pb.CompleteAppointmentResponse, complete)
        await self._relay.wake()
        return response

    async def MarkNoShow(self, request: pb.MarkNoShowRequest, call: Call) -> pb.MarkNoShowResponse:
        doctor_id, now = call.caller.account_id, self._clock()
        async with self._database.transaction() as session:

            async def mark() -> pb.MarkNoShowResponse:
                row = await doctors_own(session, call, request.appointment_id, now)
                after(State(row.state), Act.MISS)
                require_from(now, row.start_time)
                await store.change(session, row, Act.MISS, now)
                events.appointment_changed(session, row, doctor_id, now)
                return pb.MarkNoShowResponse(appointment=appointment_message(row))

            response = await answer_once(session, call, request, pb.MarkNoShowResponse, mark)
        await self._relay.wake()
        return response
