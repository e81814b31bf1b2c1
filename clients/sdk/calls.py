"""What every call gets: a deadline, the access token, repeats where they are safe, and errors with a reason."""

import asyncio
from collections.abc import Awaitable, Callable

import grpc
from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk import contract
from clients.sdk.errors import ApricotError, network_error
from clients.sdk.pace import Backoff, Pace
from clients.sdk.tokens import TokenKeeper

type Bearer = tuple[tuple[str, str], ...]
type Attempt[T] = Callable[[Bearer, float], Awaitable[T]]
"""Sends the request once, with this metadata and this timeout in seconds."""

# A repeatable call is given up and sent anew after this share of its time: a lost answer costs less than the whole.
_SHARE = 0.4


def bearer(token: str) -> Bearer:
    """The metadata that carries an access token."""
    return (("authorization", f"Bearer {token}"),)


class Calls(grpc.aio.UnaryUnaryClientInterceptor):
    """Stands before every call of a channel; without tokens, before those that sign in."""

    def __init__(self, pace: Pace, tokens: TokenKeeper | None = None) -> None:
        self._pace = pace
        self._tokens = tokens
        self.fresh_proof = ""
        """Goes with calls that ask for one, where the caller gives none."""

    async def intercept_unary_unary[Req, Res](
        self,
        continuation: Callable[[grpc.aio.ClientCallDetails, Req], Awaitable[grpc.aio.UnaryUnaryCall[Req, Res]]],
        client_call_details: grpc.aio.ClientCallDetails,
        request: Req,
    ) -> Res:
        """One unary call, from the generated stub. Errors: ApricotError."""
        details = client_call_details
        request = contract.with_fresh_proof(contract.with_request_id(request), self.fresh_proof)

        async def attempt(extra: Bearer, timeout: float) -> Res:
            metadata = grpc.aio.Metadata(*(details.metadata or ()), *extra)
            sent = grpc.aio.ClientCallDetails(
                details.method, timeout, metadata, details.credentials, details.wait_for_ready
            )
            return await (await continuation(sent, request))

        seconds = self._pace.call if details.timeout is None else details.timeout
        return await self.run(attempt, seconds=seconds, repeatable=contract.repeatable(_path(details)))

    async def run[T](self, attempt: Attempt[T], *, seconds: float, repeatable: bool) -> T:
        """Attempt until there is an answer, a refusal that no repeat changes, or `seconds` have passed.

        Whatever was refused for its token alone was not done, and is sent once more with a fresh one.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        backoff = Backoff(self._pace)
        renewed = False
        while True:
            token = await self._within(deadline, self._tokens.token()) if self._tokens else ""
            try:
                return await self._once(attempt, token, deadline, seconds * _SHARE if repeatable else seconds)
            except ApricotError as error:
                if self._tokens and error.token_rejected and not renewed:
                    renewed = True
                    await self._within(deadline, self._tokens.renew(token))
                    continue
                if self._tokens and error.reason == Reason.REASON_SESSION_ENDED:
                    self._tokens.end()
                delay = max(backoff.next_delay(), error.retry_after_seconds)
                if not (repeatable and error.temporary and _left(deadline) > delay):
                    raise
            await asyncio.sleep(delay)

    async def _once[T](self, attempt: Attempt[T], token: str, deadline: float, longest: float) -> T:
        timeout = min(longest, _left(deadline))
        if timeout <= 0:
            raise _too_late()
        try:
            return await attempt(bearer(token) if token else (), timeout)
        except grpc.aio.AioRpcError as error:
            raise ApricotError.of(error) from error

    @staticmethod
    async def _within(deadline: float, token: Awaitable[str]) -> str:
        try:
            async with asyncio.timeout_at(deadline):
                return await token
        except TimeoutError as error:
            raise _too_late() from error


def _left(deadline: float) -> float:
    return deadline - asyncio.get_running_loop().time()


def _path(details: grpc.aio.ClientCallDetails) -> str:
    method: str | bytes = details.method  # typed as str, given as bytes
    return method.decode() if isinstance(method, bytes) else method


def _too_late() -> ApricotError:
    return network_error(grpc.StatusCode.DEADLINE_EXCEEDED, "no answer in time")
