"""One call, top to bottom, the same for every method of every service.

    request id and telemetry → errors → token → role → deadline → parse and validate → patient relation → the method

Methods are plain coroutines: `async def LogEntries(self, request, call) -> LogEntriesResponse`; `Chain.handler` wraps
one of them for grpc.aio. Only this file sees grpc's context, so only this file can end a call with an error.
"""

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any
from uuid import uuid4

import grpc
import structlog
from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from kit import access, telemetry, validation
from kit.access import CareRelations
from kit.call import THROUGH_GATEWAY, Call, current
from kit.clock import Clock
from kit.contract import Method
from kit.database import is_unstorable_text
from kit.errors import ApricotError
from kit.outages import is_outage
from kit.reading import Reading
from kit.tokens import TokenVerifier

log = structlog.get_logger()

type Context = grpc.aio.ServicerContext[bytes, bytes]
type DomainErrors = Mapping[type[Exception], Reason.ValueType]
"""A service's table: each exception of its `domain/`, and the reason it becomes; its `metadata` is sent too."""


class Chain:
    """What stands between the wire and a method."""

    def __init__(
        self,
        tokens: TokenVerifier,
        relations: CareRelations,
        domain_errors: DomainErrors,
        clock: Clock,
        stall_seconds: float = 15.0,
    ) -> None:
        self._tokens = tokens
        self._relations = relations
        self._domain_errors = domain_errors
        self._clock = clock
        self._stall_seconds = stall_seconds

    def handler(self, method: Method, implementation: Callable[..., Any]) -> "grpc.RpcMethodHandler[Any, Any]":
        """The grpc handler of one method, by its shape."""
        request_type: type[Message] = GetMessageClass(method.descriptor.input_type)

        async def unary(data: bytes, context: Context) -> bytes:
            async def answer(call: Call) -> bytes:
                if context.time_remaining() is None:
                    raise ApricotError(Reason.REASON_DEADLINE_REQUIRED, "a unary call needs a deadline")
                request = await self._admit(parse(request_type, data), call)
                return serialize(await implementation(request, call))

            return await self._run(method, context, answer)

        async def admitted(data: AsyncIterator[bytes], call: Call) -> AsyncIterator[Message]:
            async for item in data:
                yield await self._admit(parse(request_type, item), call)

        async def client_stream(data: AsyncIterator[bytes], context: Context) -> bytes:
            async def answer(call: Call) -> bytes:
                with self._reading(data, call) as live:
                    return serialize(await implementation(admitted(live, call), call))

            return await self._run(method, context, answer)

        async def server_stream(data: bytes, context: Context) -> None:
            async def answer(call: Call) -> None:
                request = await self._admit(parse(request_type, data), call)
                async with aclosing(implementation(request, call)) as messages:
                    async for message in messages:
                        await self._write(context, serialize(message))

            await self._run(method, context, answer)

        async def both_stream(data: AsyncIterator[bytes], context: Context) -> None:
            async def answer(call: Call) -> None:
                with self._reading(data, call) as live:
                    async with aclosing(implementation(admitted(live, call), call)) as messages:
                        async for message in messages:
                            await self._write(context, serialize(message))

            await self._run(method, context, answer)

        shape = method.descriptor.client_streaming, method.descriptor.server_streaming
        match shape:
            case False, False:
                return grpc.unary_unary_rpc_method_handler(unary)
            case True, False:
                return grpc.stream_unary_rpc_method_handler(client_stream)
            case False, True:
                return grpc.unary_stream_rpc_method_handler(server_stream)
            case _:
                return grpc.stream_stream_rpc_method_handler(both_stream)

    @contextmanager
    def _reading(self, data: AsyncIterator[bytes], call: Call) -> Iterator[AsyncIterator[bytes]]:
        """Within the block, give the client's messages until its session ends; a public method has no session."""
        if call.signed_in is None:
            yield data
            return
        reading = Reading(data)
        with self._tokens.until_end(call.signed_in, reading.end):
            yield reading

    async def _write(self, context: Context, data: bytes) -> None:
        """Errors: WATCHER_TOO_SLOW when the reader takes nothing for too long; what the stream holds is then let go."""
        stall = _Stall()
        timer = asyncio.get_running_loop().call_later(self._stall_seconds, stall.end)
        try:
            await context.write(data)
        except asyncio.CancelledError as error:
            if not stall.ended:
                raise
            stall.forgive()
            raise ApricotError(Reason.REASON_WATCHER_TOO_SLOW, "the reader has stopped reading") from error
        finally:
            timer.cancel()

    async def _run[T](self, method: Method, context: Context, answer: Callable[[Call], Awaitable[T]]) -> T:
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        call = Call(method, request_id=metadata.get("x-request-id") or uuid4().hex)
        call.peer_address = metadata.get("x-envoy-external-address", "")
        call.through_gateway = THROUGH_GATEWAY in metadata
        current.set(call)
        began = time.perf_counter()
        code = grpc.StatusCode.CANCELLED
        try:
            with telemetry.span(method, metadata):
                await self._authenticate(call, metadata)
                result = await answer(call)
            code = grpc.StatusCode.OK
            return result
        except asyncio.CancelledError as error:  # the client is gone, or has no more time
            _let_go(error)
            raise
        except Exception as error:
            refusal = self._refusal(error, call)
            code = refusal.code
            telemetry.REFUSALS.labels(Reason.Name(refusal.reason).removeprefix("REASON_")).inc()
            _let_go(error)
            await _abort(context, refusal)
            raise  # never reached: abort raises
        finally:
            telemetry.observe(method, code, time.perf_counter() - began)

    async def _authenticate(self, call: Call, metadata: Mapping[str, str]) -> None:
        rule = call.method.rule
        if rule is None:
            raise ApricotError(Reason.REASON_ROLE_REQUIRED, "this method is closed to everybody")
        if rule.public:
            return
        scheme, _, token = metadata.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApricotError(Reason.REASON_TOKEN_MISSING, "the call carries no access token")
        call.token = token
        call.signed_in = await self._tokens.verify(token, self._clock())
        access.require_role(rule, call.signed_in)

    async def _admit(self, request: Message, call: Call) -> Message:
        validation.validate(request)
        assert call.method.rule is not None  # noqa: S101  `_authenticate` refused it
        await access.require_relation(call.method.rule, request, call, self._relations)
        return request

    def _refusal(self, error: Exception, call: Call) -> ApricotError:
        if isinstance(error, ApricotError):
            return error
        for kind, reason in self._domain_errors.items():
            if isinstance(error, kind):
                return ApricotError(reason, str(error), metadata=getattr(error, "metadata", None))
        if is_unstorable_text(error):
            return ApricotError(Reason.REASON_INVALID_FIELD, "a text holds the character U+0000")
        if is_outage(error):
            log.warning("a part does not answer", error=type(error).__name__)
            return ApricotError(Reason.REASON_UNAVAILABLE, "a part that this call needs does not answer")
        log.error("unexpected error", error=type(error).__name__, places=telemetry.places(error))
        return ApricotError(Reason.REASON_INTERNAL, "internal error", metadata={"request_id": call.request_id})


class _Stall:
    """Ends the present task's write. Lighter than `asyncio.timeout`, which shows with a thousand streams."""

    __slots__ = ("_task", "ended")

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self.ended = False

    def end(self) -> None:
        self.ended = True
        if self._task is not None:
            self._task.cancel()

    def forgive(self) -> None:
        """The cancellation was ours; the task goes on."""
        if self._task is not None:
            self._task.uncancel()


def parse[M: Message](request_type: type[M], data: bytes) -> M:
    """Errors: MALFORMED_MESSAGE."""
    try:
        return request_type.FromString(data)
    except DecodeError as error:
        raise ApricotError(Reason.REASON_MALFORMED_MESSAGE, "the message cannot be parsed") from error


def serialize(message: Message | bytes) -> bytes:
    """The message's bytes; a method may hand on those it has already."""
    return message if isinstance(message, bytes) else message.SerializeToString()


def _let_go(error: BaseException) -> None:
    """What the call held, such as an upload's bytes, would stay with its error until the collector comes."""
    traceback.clear_frames(error.__traceback__)


async def _abort(context: Context, error: ApricotError) -> None:
    details = error.to_status().SerializeToString()
    await context.abort(error.code, error.message, (("grpc-status-details-bin", details),))
