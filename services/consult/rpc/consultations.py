"""`apricot.consult.v1.ConsultationService`."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any
from uuid import UUID

from apricot.consult.v1 import consultation_pb2 as pb
from apricot.consult.v1.consultation_pb2 import Consultation
from google.protobuf.message import Message
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import not_allowed
from kit.idempotency import answer_once
from kit.profiles import OwnProfile
from services.consult import events
from services.consult.domain.consultations import Act
from services.consult.events import Telling
from services.consult.rpc import deciding, listing, treating
from services.consult.rpc.inbox import InboxStream
from services.consult.rpc.inboxes import Inboxes
from services.consult.rpc.opening import open_consultation
from services.consult.rpc.participants import require_seat
from services.consult.rpc.scores import tell_answer_minutes
from services.consult.store import consultations as store


class Consultations:
    """The life of a consultation."""

    def __init__(
        self,
        database: Database,
        telling: Telling,
        own_profile: OwnProfile,
        inboxes: Inboxes,
        clock: Clock,
    ) -> None:
        self._database = database
        self._telling = telling
        self._own_profile = own_profile
        self._inboxes = inboxes
        self._clock = clock

    async def OpenConsultation(self, request: pb.OpenConsultationRequest, call: Call) -> pb.OpenConsultationResponse:
        profile, now = await self._own_profile(call), self._clock()

        async def open_(session: AsyncSession) -> Consultation:
            return await open_consultation(session, request, call, profile, now)

        return await self._once(request, call, pb.OpenConsultationResponse, open_)

    async def GetConsultation(self, request: pb.GetConsultationRequest, call: Call) -> pb.GetConsultationResponse:
        async with self._database.transaction() as session:
            found = await listing.get(session, UUID(request.consultation_id), call, self._clock())
        return pb.GetConsultationResponse(consultation=found)

    async def ListConsultations(self, request: pb.ListConsultationsRequest, call: Call) -> pb.ListConsultationsResponse:
        async with self._database.transaction() as session:
            return await listing.list_consultations(session, request, call, self._clock())

    async def WatchInbox(self, request: pb.WatchInboxRequest, call: Call) -> AsyncGenerator[pb.WatchInboxResponse]:
        stream = InboxStream(self._database, self._clock, call)
        async with aclosing(stream.watch(self._inboxes)) as messages:
            async for message in messages:
                yield message

    async def ClaimConsultation(self, request: pb.ClaimConsultationRequest, call: Call) -> pb.ClaimConsultationResponse:
        async def claim(session: AsyncSession) -> Consultation:
            return await treating.claim(session, request, call, self._clock())

        return await self._once(request, call, pb.ClaimConsultationResponse, claim)

    async def DeclineConsultation(
        self, request: pb.DeclineConsultationRequest, call: Call
    ) -> pb.DeclineConsultationResponse:
        async def decline(session: AsyncSession) -> Consultation:
            return await treating.decline(session, request, call, self._clock())

        return await self._once(request, call, pb.DeclineConsultationResponse, decline)

    async def CancelConsultation(
        self, request: pb.CancelConsultationRequest, call: Call
    ) -> pb.CancelConsultationResponse:
        async def cancel(session: AsyncSession) -> Consultation:
            seat = await require_seat(session, call, request.consultation_id, self._clock(), lock=True)
            if not seat.is_patient:
                raise not_allowed("the patient alone may do this")
            row = seat.consultation
            now = store.next_instant(row, self._clock())
            store.move(row, Act.CANCEL, now)
            await events.ended(session, row, now, by=row.patient_id)
            return await events.consultation_changed(session, row)

        return await self._once(request, call, pb.CancelConsultationResponse, cancel)

    async def InviteColleague(self, request: pb.InviteColleagueRequest, call: Call) -> pb.InviteColleagueResponse:
        async def invite(session: AsyncSession) -> Consultation:
            return await treating.invite(session, request, call, self._clock())

        return await self._once(request, call, pb.InviteColleagueResponse, invite)

    async def DecideEligibility(self, request: pb.DecideEligibilityRequest, call: Call) -> pb.DecideEligibilityResponse:
        async def decide(session: AsyncSession) -> Consultation:
            return await deciding.decide_eligibility(session, request, call, self._clock())

        return await self._once(request, call, pb.DecideEligibilityResponse, decide)

    async def CloseConsultation(self, request: pb.CloseConsultationRequest, call: Call) -> pb.CloseConsultationResponse:
        async def close(session: AsyncSession) -> Consultation:
            closed = await deciding.close(session, request, call, self._clock())
            await tell_answer_minutes(session, call.caller.account_id, self._clock())
            return closed

        return await self._once(request, call, pb.CloseConsultationResponse, close)

    async def _once[M: Message](
        self,
        request: Any,
        call: Call,
        answer_type: type[M],
        work: Callable[[AsyncSession], Awaitable[Consultation]],
    ) -> M:
        """The work in one transaction, answered once; afterwards everybody who sees the consultation is told."""
        async with self._database.transaction() as session:

            async def answer() -> M:
                return answer_type(consultation=await work(session))

            response = await answer_once(session, call, request, answer_type, answer)
        consultation: Consultation = response.consultation  # type: ignore[attr-defined]  # each of them has one
        accounts = {UUID(member.account_id) for member in consultation.members} | {call.caller.account_id}
        department = consultation.department_code if consultation.pool else ""
        await self._telling.changed(UUID(consultation.consultation_id), accounts, department)
        return response
