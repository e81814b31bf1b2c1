"""The state and the script of a platform that does what a test tells it, faults included."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import watch_pb2
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.identity.v1 import auth_pb2
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

type Context = grpc.aio.ServicerContext[Any, Any]
type Fault = Callable[[Context], Awaitable[None]]


def refuse(reason: Reason.ValueType, code: grpc.StatusCode, metadata: Mapping[str, str] | None = None) -> Fault:
    """A refusal as the services send it; here `time_zone` is the field to blame."""

    async def fault(context: Context) -> None:
        name = Reason.Name(reason).removeprefix("REASON_")
        info = error_details_pb2.ErrorInfo(reason=name, domain="apricot", metadata=metadata)
        bad = error_details_pb2.BadRequest()
        bad.field_violations.add(field="time_zone", description="is not a zone")
        details = [any_pb2.Any(), any_pb2.Any()]
        details[0].Pack(info)
        details[1].Pack(bad)
        status = status_pb2.Status(code=code.value[0], details=details).SerializeToString()
        await context.abort(code, "refused", (("grpc-status-details-bin", status), ("x-request-id", "r-1")))

    return fault


def bare(code: grpc.StatusCode) -> Fault:
    """A status alone, as from a proxy or a broken connection."""

    async def fault(context: Context) -> None:
        await context.abort(code, "broken")

    return fault


async def hang(_: Context) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def unimplemented(servicer: object, request: Any, context: Context) -> Any:
    """As the gateway answers for what is in no contract: a status without a reason."""
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, "unknown")


TOKEN_EXPIRED = refuse(Reason.REASON_TOKEN_EXPIRED, grpc.StatusCode.UNAUTHENTICATED)
SESSION_ENDED = refuse(Reason.REASON_SESSION_ENDED, grpc.StatusCode.UNAUTHENTICATED)
UNAVAILABLE = refuse(Reason.REASON_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE)
DROPPED = bare(grpc.StatusCode.UNAVAILABLE)


@dataclass(frozen=True)
class Received:
    """A call as it arrived; `seconds` is its deadline."""

    method: str
    request: Message
    token: str
    seconds: float | None


class Fake:
    """The platform's state, what it received, and what it shall do wrong next."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        """By method name: the next calls fail before anything is done."""
        self.lost: defaultdict[str, deque[Fault]] = defaultdict(deque)
        """By method name: the next calls are done, but the answer is lost."""
        self.cuts: deque[tuple[int, Fault]] = deque()
        """The next watches: after so many messages, this happens."""
        self.arrived = asyncio.Condition()
        self.valid: set[str] = set()
        self.traded: dict[str, str] = {}
        self.totp_needed = False
        self.stored: dict[str, Entry] = {}
        self.events: list[watch_pb2.WatchPatientsResponse] = []
        self._pairs = 0

    def calls(self, method: str) -> list[Received]:
        """What arrived for one method."""
        return [each for each in self.received if each.method == method]

    async def seen(self, method: str, count: int = 1) -> None:
        """Wait until so many calls of a method have arrived."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.calls(method)) >= count)

    async def publish(self, *entries: Entry) -> None:
        """Something happens in a diary."""
        async with self.arrived:
            for entry in entries:
                token = str(len(self.events) + 1)
                event = watch_pb2.WatchPatientsResponse(resume_token=token)
                event.entries_logged.entries.append(entry)
                self.events.append(event)
            self.arrived.notify_all()

    def goes_on(self, behind: int) -> bool:
        """Whether there are events behind this place."""
        return len(self.events) > behind

    def pair(self) -> auth_pb2.TokenPair:
        """The next tokens."""
        self._pairs += 1
        access = f"access-{self._pairs}"
        self.valid.add(access)
        pair = auth_pb2.TokenPair(access_token=access, refresh_token=f"refresh-{self._pairs}".ljust(24, "x"))
        pair.access_expire_time.FromDatetime(datetime.now(UTC) + timedelta(minutes=10))
        return pair

    async def arrive(self, method: str, request: Message, context: Context, *, public: bool = False) -> None:
        """Record a call, fail it when told to, check its token."""
        metadata = dict(context.invocation_metadata() or ())
        token = str(metadata.get("authorization", "")).removeprefix("Bearer ")
        async with self.arrived:
            self.received.append(Received(method, request, token, context.time_remaining()))
            self.arrived.notify_all()
        if self.faults[method]:
            await self.faults[method].popleft()(context)
        if not public and token not in self.valid:
            await TOKEN_EXPIRED(context)

    async def leave(self, method: str, context: Context) -> None:
        """Lose the answer when told to."""
        if self.lost[method]:
            await self.lost[method].popleft()(context)
