"""Who the caller is, as identity tells it to the caller's own token."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.account_pb2 import GetMeRequest
from apricot.identity.v1.account_pb2_grpc import AccountServiceStub

from kit import telemetry
from kit.call import Call
from kit.errors import ApricotError, not_found

_TIMEOUT_SECONDS = 3.0
_DEFAULT_TIME_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Profile:
    """What an account tells of itself."""

    display_name: str
    birth_date: date | None
    time_zone: str = _DEFAULT_TIME_ZONE

    def age_years(self, now: datetime) -> int | None:
        """On the patient's day; None: there is no birth date."""
        if self.birth_date is None:
            return None
        return age_years(self.birth_date, now.astimezone(ZoneInfo(self.time_zone)).date())


def age_years(born: date, today: date) -> int:
    """Whole years; who was born on 29 February grows older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


type OwnProfile = Callable[[Call], Awaitable[Profile]]
"""Finds the caller's profile."""


class Profiles:
    """Asks identity."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._accounts = AccountServiceStub(channel)

    async def own(self, call: Call) -> Profile:
        """The caller's. Errors: NOT_FOUND: a service has none; SESSION_ENDED; an outage."""
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
            match error.code():
                case grpc.StatusCode.NOT_FOUND:
                    raise not_found("account") from error
                case grpc.StatusCode.UNAUTHENTICATED:  # ended since the chain let the call in
                    raise ApricotError(Reason.REASON_SESSION_ENDED, "the session has ended") from error
            raise
        profile = answer.account.profile
        born = date.fromisoformat(profile.birth_date) if profile.birth_date else None
        return Profile(profile.display_name, born, profile.time_zone or _DEFAULT_TIME_ZONE)
