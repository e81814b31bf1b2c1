"""`apricot.consult.v1.CallService`."""

from datetime import datetime
from uuid import UUID

from apricot.consult.v1 import call_pb2
from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_ACTIVE
from apricot.consult.v1.conversation_pb2 import ConverseResponse
from apricot.errors.v1.reason_pb2 import Reason
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, not_found
from kit.idempotency import answer_once
from kit.pushes import add_pushes
from services.consult.domain.calls import Act, Media, Mode, State, hanging_up, require_offered
from services.consult.events import Telling
from services.consult.rpc.media_servers import MediaServers
from services.consult.rpc.participants import Seat, require_seat
from services.consult.store import calls as store
from services.consult.store.members import members_of
from services.consult.store.tables import CallRow, ConsultationRow

_MOST_LISTED = 100
_PAIR = 2
"""So many reach each other directly; more go by the SFU where there is one."""


class Calls:
    """A consultation's calls."""

    def __init__(self, database: Database, telling: Telling, servers: MediaServers, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._servers = servers
        self._clock = clock

    async def JoinCall(self, request: call_pb2.JoinCallRequest, call: Call) -> call_pb2.JoinCallResponse:
        now, account, device = self._clock(), call.caller.account_id, UUID(request.device_id)
        members: list[UUID] = []
        async with self._database.transaction() as session:

            async def join() -> call_pb2.JoinCallResponse:
                seat = await require_seat(session, call, request.consultation_id, now, lock=True)
                if seat.consultation.state != CONSULTATION_STATE_ACTIVE:
                    raise ApricotError(Reason.REASON_WRONG_STATE, "the consultation is not active")
                members.extend(await _accounts(session, seat))
                row = await store.live_call(session, seat.consultation.patient_id, seat.consultation.consultation_id)
                if row is None:
                    row = await self._begin(session, seat, members, device, Media(request.media), now)
                else:
                    await _enter(session, row, account, device, now)
                response = call_pb2.JoinCallResponse(call=await store.shown(session, row))
                if row.by_sfu:
                    response.sfu_room.url = self._servers.livekit_url
                return response

            response = await answer_once(session, call, request, call_pb2.JoinCallResponse, join)
        await self._telling.changed(UUID(request.consultation_id), members)
        self._servers.add_to(response, account, now)  # behind the answer that was kept: credentials are kept nowhere
        return response

    async def LeaveCall(self, request: call_pb2.LeaveCallRequest, call: Call) -> call_pb2.LeaveCallResponse:
        now = self._clock()
        members: list[UUID] = []
        async with self._database.transaction() as session:

            async def leave() -> call_pb2.LeaveCallResponse:
                seat = await require_seat(session, call, request.consultation_id, now, lock=True)
                consultation = seat.consultation
                members.extend(await _accounts(session, seat))
                row = await store.find_call(
                    session, consultation.patient_id, consultation.consultation_id, UUID(request.call_id)
                )
                if row is None:
                    raise not_found("call")
                if row.state != State.ENDED:
                    await _leave(session, row, call.caller.account_id, UUID(request.device_id), now)
                return call_pb2.LeaveCallResponse(call=await store.shown(session, row))

            response = await answer_once(session, call, request, call_pb2.LeaveCallResponse, leave)
        await self._telling.changed(UUID(request.consultation_id), members)
        return response

    async def ListCalls(self, request: call_pb2.ListCallsRequest, call: Call) -> call_pb2.ListCallsResponse:
        async with self._database.transaction() as session:
            seat = await require_seat(session, call, request.consultation_id, self._clock())
            calls = await store.newest_calls(
                session, seat.consultation.patient_id, seat.consultation.consultation_id, _MOST_LISTED
            )
        return call_pb2.ListCallsResponse(calls=calls)

    async def _begin(
        self, session: AsyncSession, seat: Seat, members: list[UUID], device: UUID, media: Media, now: datetime
    ) -> CallRow:
        """It rings everybody else who is in no other call; where that is nobody, it ends at once."""
        consultation, caller = seat.consultation, seat.member.account_id
        require_offered(Mode(consultation.mode), media)
        others = [member for member in members if member != caller]
        ringing = set(others) - await store.busy(session, others)
        by_sfu = self._servers.has_sfu and len(members) > _PAIR
        row = await store.begin(session, consultation, caller, media, now, ringing=ringing, by_sfu=by_sfu)
        await store.enter(session, row, caller, device, now)
        if ringing:
            add_pushes(
                session,
                ringing,
                patient=consultation.patient_id,
                kind="call",
                reference=consultation.consultation_id,
                urgent=True,
                now=now,
            )
        else:
            await store.change(session, row, Act.BUSY, now)
        return row


async def newest_call(session: AsyncSession, consultation: ConsultationRow) -> ConverseResponse | None:
    """What a conversation shows of calls: the one that rings or goes on, and how the last one ended."""
    call = await store.newest_call(session, consultation.patient_id, consultation.consultation_id)
    return None if call is None else ConverseResponse(call=call)


async def _accounts(session: AsyncSession, seat: Seat) -> list[UUID]:
    """Everybody who takes part in the consultation."""
    found = await members_of(session, seat.consultation.patient_id, seat.consultation.consultation_id)
    return [member.account_id for member in found]


async def _enter(session: AsyncSession, row: CallRow, account: UUID, device: UUID, now: datetime) -> None:
    """Joins a call that rings or goes on; the first one who is not the caller answers it. Errors: `InCallError`."""
    await store.enter(session, row, account, device, now)
    if row.state == State.RINGING and account != row.caller_id:
        await store.change(session, row, Act.ANSWER, now)


async def _leave(session: AsyncSession, row: CallRow, account: UUID, device: UUID, now: datetime) -> None:
    """Hangs up or declines; nothing where the call goes on without this device."""
    if not (account in row.ringing_ids or await store.is_in(session, row, account, device)):
        return
    await store.leave(session, row, account, now)
    act = hanging_up(
        State(row.state),
        is_caller=account == row.caller_id,
        others_in=len(await store.people_in(session, row)),
        others_ringing=len(row.ringing_ids),
    )
    if act is not None:
        await store.change(session, row, act, now)
