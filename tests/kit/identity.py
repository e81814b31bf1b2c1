"""A service's relations, and an identity behind them that answers with the grants that a test gives."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import grpc
from apricot.access.v1.access_pb2 import Scope
from apricot.identity.v1 import care_pb2
from apricot.identity.v1.events_pb2 import AccessUsed

from kit.bus import Event
from kit.relations import RemoteRelations
from kit.times import to_timestamp
from kit.tokens import TokenVerifier
from kit.views import Window
from tests.kit.calls import Keys

type Granted = Scope.ValueType | Window
"""A scope for all times, or one narrowed to a range of the data's."""


class Identity:
    """Answers with the grants that a test gives; one that is held back answers with those of when it was asked."""

    def __init__(self) -> None:
        self.grants: dict[UUID, Sequence[Granted]] = {}
        self.asked: asyncio.Queue[list[str]] = asyncio.Queue()
        self.open = asyncio.Event()
        self.open.set()
        self.broken = False

    async def check_access(self, request: care_pb2.CheckAccessRequest, _: object) -> care_pb2.CheckAccessResponse:
        decisions = [
            care_pb2.AccessDecision(windows=map(_window, self.grants.get(UUID(patient), ())))
            for patient in request.patient_ids
        ]
        if self.broken:
            raise RuntimeError("the test's identity is broken")
        self.asked.put_nowait(list(request.patient_ids))
        await self.open.wait()
        return care_pb2.CheckAccessResponse(decisions=decisions)


class Relations:
    """One service's relations, the identity behind them, and what was recorded."""

    def __init__(self, identity: Identity, channel: grpc.aio.Channel) -> None:
        self.identity = identity
        self.recorded: list[AccessUsed] = []

        async def record(uses: Sequence[AccessUsed]) -> None:
            self.recorded += uses

        self.remote = RemoteRelations(channel, TokenVerifier(Keys()), record)

    def change(self, patient: UUID, *granted: Granted) -> None:
        """A patient's grants change, and it is told."""
        self.identity.grants[patient] = granted
        self.remote.on_identity_event(Event(1, "1", "grant", "changed", str(patient), b"", 1))


@asynccontextmanager
async def relations() -> AsyncIterator[Relations]:
    identity, server = Identity(), grpc.aio.server()
    handler = grpc.unary_unary_rpc_method_handler(
        identity.check_access, care_pb2.CheckAccessRequest.FromString, care_pb2.CheckAccessResponse.SerializeToString
    )
    service = "apricot.identity.v1.CareService"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"CheckAccess": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Relations(identity, channel)
    await server.stop(None)


def _window(granted: Granted) -> care_pb2.AccessWindow:
    if not isinstance(granted, Window):
        return care_pb2.AccessWindow(scope=granted)
    start, end = to_timestamp(granted.start_time), to_timestamp(granted.end_time)
    return care_pb2.AccessWindow(scope=granted.scope, start_time=start, end_time=end)
