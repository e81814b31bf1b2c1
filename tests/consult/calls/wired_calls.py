"""Calls in this process, on real PostgreSQL, with a clock that the test moves and no worker but its own."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from apricot.consult.v1 import call_pb2
from apricot.consult.v1.call_pb2 import CALL_MEDIA_AUDIO
from apricot.consult.v1.conversation_pb2 import Notice

from kit import contract
from kit.call import Call, Caller
from kit.database import Database
from services.consult.events import Telling
from services.consult.rpc.calls import Calls
from services.consult.rpc.media_servers import MediaServers
from services.consult.store import presence
from services.consult.store.presence import OpenStream
from services.consult.work.calls import CallTimer
from tests.consult.calls.arranged import arrange_consultation
from tests.consult.said import said_in
from tests.in_process import HandClock


class Told:
    """Takes down which consultations' streams were told."""

    def __init__(self) -> None:
        self.consultations: list[UUID] = []

    async def changed(self, consultation: UUID, _: object = ()) -> None:
        self.consultations.append(consultation)


class Surgery:
    """The service and its timer, with a consultation of a patient, a doctor, and colleagues."""

    def __init__(self, database: Database, servers: MediaServers) -> None:
        self.database = database
        self.clock = HandClock()
        self.told = Told()
        telling = cast(Telling, self.told)
        self.calls = Calls(database, telling, servers, self.clock)
        self.timer = CallTimer(database, telling, self.clock)
        self.patient, self.doctor, self.colleague = uuid4(), uuid4(), uuid4()
        self.consultation_id = ""
        self._process = uuid4()

    async def open(self, *, colleagues: int = 0) -> str:
        others = [str(self.colleague)][:colleagues]
        self.consultation_id = await arrange_consultation(self.database, str(self.patient), str(self.doctor), *others)
        return self.consultation_id

    def call(self, method: str, by: UUID) -> Call:
        made = Call(contract.methods()[f"/apricot.consult.v1.CallService/{method}"], "1")
        made.signed_in = Caller(by, uuid4(), frozenset({"patient"}), datetime.max.replace(tzinfo=UTC))
        return made

    async def join(self, by: UUID, device: str = "", request_id: str = "") -> call_pb2.JoinCallResponse:
        request = call_pb2.JoinCallRequest(
            request_id=request_id or str(uuid4()),
            consultation_id=self.consultation_id,
            device_id=device or str(by),
            media=CALL_MEDIA_AUDIO,
        )
        return await self.calls.JoinCall(request, self.call("JoinCall", by))

    async def leave(self, by: UUID, call_id: str) -> call_pb2.Call:
        request = call_pb2.LeaveCallRequest(
            request_id=str(uuid4()), consultation_id=self.consultation_id, call_id=call_id, device_id=str(by)
        )
        return (await self.calls.LeaveCall(request, self.call("LeaveCall", by))).call

    async def enter_conversation(self, account: UUID) -> None:
        """The device's stream is open, in a process that lives."""
        stream = OpenStream(UUID(self.consultation_id), self.patient, account, account, uuid4())
        await presence.say_alive(self.database, self._process, [])
        async with self.database.transaction() as session:
            await presence.enter(session, self._process, stream)

    async def leave_conversation(self, account: UUID) -> None:
        async with self.database.connection() as connection:
            await connection.execute("delete from open_stream where account_id = $1", account)

    async def newest(self) -> call_pb2.Call:
        request = call_pb2.ListCallsRequest(consultation_id=self.consultation_id)
        return (await self.calls.ListCalls(request, self.call("ListCalls", self.patient))).calls[0]

    async def notices(self) -> list[Notice]:
        return [said.notice for said in await said_in(self.database, self.consultation_id)]

    async def rung(self) -> list[UUID]:
        """Whose devices were told by a push."""
        rows = await self.fetch("select account_id from push where kind = 'call' and urgent and reference_id = $1")
        return [row["account_id"] for row in rows]

    async def fetch(self, statement: str) -> list[Any]:
        async with self.database.connection() as connection:
            return list(await connection.fetch(statement, UUID(self.consultation_id)))
