"""Sessions and their refresh tokens: each token works once, and one that comes back ends the session.

A token carries its session's id, so that a session needs to know only its present token and the one before: whatever
else names the session has been used before, or was made up by somebody who holds an access token of it and so could
end it anyway.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

LIFETIME = timedelta(days=30)
RETRY_WITHIN = timedelta(minutes=2)


class RefreshTokenInvalid(Exception):
    """The refresh token is none of ours."""

    def __init__(self) -> None:
        super().__init__("the refresh token is not valid")


class RefreshTokenExpired(Exception):
    """The refresh token is past its 30 days."""

    def __init__(self) -> None:
        super().__init__("the refresh token has expired")


class SessionHasEnded(Exception):
    """Signed out, or closed since a used token came back."""

    def __init__(self) -> None:
        super().__init__("the session has ended")


class Presented(Enum):
    """What a refresh token turns out to be."""

    CURRENT = auto()
    RETRY = auto()
    """The one before, in a repeat of the very request that traded it."""
    REUSED = auto()


@dataclass(frozen=True)
class RefreshState:
    """What a session knows of its refresh tokens."""

    current_hash: bytes
    expire_time: datetime
    previous_hash: bytes | None = None
    previous_request_id: UUID | None = None
    trade_time: datetime | None = None
    end_time: datetime | None = None


def first_token(session_id: UUID) -> str:
    """A new session's token."""
    return _token(session_id, secrets.token_bytes(32))


def next_token(key: bytes, token: str, request_id: UUID) -> str:
    """The token that one is traded for. A function of the request: however late a first try arrives beside its retry,
    both get the same token, and neither voids the other's."""
    return _token(session_of(token), hmac.digest(key, token.encode() + request_id.bytes, hashlib.sha256))


def session_of(token: str) -> UUID:
    """The session that a token names. Errors: `RefreshTokenInvalid`."""
    try:
        data = base64.urlsafe_b64decode(token)
    except ValueError as error:
        raise RefreshTokenInvalid from error
    if len(data) != 48:
        raise RefreshTokenInvalid
    return UUID(bytes=data[:16])


def token_hash(token: str) -> bytes:
    """What is stored of a token: it is random, so SHA-256 hides it."""
    return hashlib.sha256(token.encode()).digest()


def judge(state: RefreshState, token: str, request_id: UUID, now: datetime) -> Presented:
    """What a token is to its session. Errors: `SessionHasEnded`, `RefreshTokenExpired`."""
    if state.end_time is not None:
        raise SessionHasEnded
    if now >= state.expire_time:
        raise RefreshTokenExpired
    presented = token_hash(token)
    if hmac.compare_digest(presented, state.current_hash):
        return Presented.CURRENT
    is_retry = (
        state.previous_hash is not None
        and hmac.compare_digest(presented, state.previous_hash)
        and request_id == state.previous_request_id
        and state.trade_time is not None
        and now - state.trade_time <= RETRY_WITHIN
    )
    return Presented.RETRY if is_retry else Presented.REUSED


def trade(state: RefreshState, successor: str, request_id: UUID, now: datetime) -> RefreshState:
    """The session's state once its present token was traded for `successor`."""
    return RefreshState(
        current_hash=token_hash(successor),
        expire_time=now + LIFETIME,
        previous_hash=state.current_hash,
        previous_request_id=request_id,
        trade_time=now,
    )


def _token(session_id: UUID, secret: bytes) -> str:
    return base64.urlsafe_b64encode(session_id.bytes + secret).decode()
