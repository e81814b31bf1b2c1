"""What a person is called, asked of identity with the person's own token, and remembered for a minute: before a popular
slot the same people try again and again."""

import time
from uuid import UUID

import grpc
from apricot.identity.v1.account_pb2 import GetMeRequest
from apricot.identity.v1.account_pb2_grpc import AccountServiceStub

from kit import telemetry
from kit.call import Call
from kit.errors import not_allowed

_TIMEOUT_SECONDS = 3.0
_KEEP_SECONDS = 60.0
_KEEP_AT_MOST = 10_000
_NO_PERSON = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.PERMISSION_DENIED)


class Names:
    """Asks identity, and remembers."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._accounts = AccountServiceStub(channel)
        self._kept: dict[UUID, tuple[float, str]] = {}

    async def of(self, call: Call) -> str:
        """The caller's display name. Errors: NOT_ALLOWED (the caller is no person), an outage."""
        account_id = call.caller.account_id
        until, name = self._kept.get(account_id, (0.0, ""))
        if until <= time.monotonic():
            name = await self._ask(call)
            if len(self._kept) >= _KEEP_AT_MOST:
                self._kept.clear()
            self._kept[account_id] = time.monotonic() + _KEEP_SECONDS, name
        return name

    async def _ask(self, call: Call) -> str:
        headers = {
            "authorization": f"Bearer {call.token}",
            "x-request-id": call.request_id,
            **telemetry.trace_headers(),
        }
        try:
            answer = await self._accounts.GetMe(
                GetMeRequest(), timeout=_TIMEOUT_SECONDS, metadata=tuple(headers.items())
            )
        except grpc.aio.AioRpcError as error:
            if error.code() in _NO_PERSON:
                raise not_allowed("only a person has appointments") from error
            raise
        return answer.account.profile.display_name
