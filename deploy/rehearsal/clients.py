"""The rehearsal's phones: each a connection of its own, as each real one is, and every try of a call counted."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import grpc

from clients.sdk import Apricot, ApricotError
from clients.sdk.calls import Calls
from clients.sdk.channel import open_channel


@dataclass
class Tally:
    """What became of unary calls."""

    calls: int = 0
    refused_tries: int = 0
    """Tries that were refused or lost, and so calls that a client without repeats would have lost."""
    failures: Counter[str] = field(default_factory=Counter)
    """Of calls, in spite of the SDK's repeats, by what was said."""

    @property
    def failed(self) -> int:
        return self.failures.total()

    async def count[T](self, call: Awaitable[T]) -> T | None:
        """The call's answer; None where it failed."""
        self.calls += 1
        try:
            return await call
        except ApricotError as error:
            self.failures[str(error)] += 1
            return None


class Tries(grpc.aio.UnaryUnaryClientInterceptor):
    """Stands behind the SDK's repeats."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    async def intercept_unary_unary[Req, Res](
        self,
        continuation: Callable[[grpc.aio.ClientCallDetails, Req], Awaitable[grpc.aio.UnaryUnaryCall[Req, Res]]],
        client_call_details: grpc.aio.ClientCallDetails,
        request: Req,
    ) -> "grpc.aio.UnaryUnaryCall[Req, Res]":
        call = await continuation(client_call_details, request)
        if await call.code() is not grpc.StatusCode.OK:
            self._tally.refused_tries += 1
        return call


class Phone(Apricot):
    """One person's app."""

    def __init__(self, address: str, tls: bytes | bool, tally: Tally) -> None:
        self._tries = Tries(tally)
        super().__init__(address, tls=tls)

    def _open(self, calls: Calls) -> grpc.aio.Channel:
        return open_channel(self._address, tls=self._tls, interceptors=[calls, self._tries], options=[_OWN_CONNECTION])


_OWN_CONNECTION = ("grpc.use_local_subchannel_pool", 1)
