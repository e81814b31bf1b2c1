"""What the methods share: rate limits, the end of sessions, the audit, page keys, dates, instants and plain text."""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call, Caller
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, invalid_field, not_found
from kit.outbox import Relay
from kit.times import to_datetime
from kit.tokens import TokenVerifier
from services.identity import events
from services.identity.domain.audit import Event
from services.identity.domain.limits import Limit
from services.identity.domain.roles import Role
from services.identity.store import accounts, audit, limits, sessions
from services.identity.store.tables import Account
from services.identity.vault import Vault


class Limits:
    """Counts uses in a transaction of its own, before the work: what fails counts as well."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    async def use(self, *uses: tuple[Limit, str]) -> None:
        """Use each limit once for its subject, or none of them. An empty subject is not counted: a call from inside
        has no address. Errors: RATE_LIMITED with `retry_after_seconds`."""
        async with self._database.transaction() as session:
            for limit, subject in uses:
                key = self._vault.derive("limit", limit.name, subject).hex()
                wait = await limits.use(session, limit, key, self._clock()) if subject else timedelta(0)
                if wait > timedelta(0):
                    raise ApricotError(
                        Reason.REASON_RATE_LIMITED,
                        "too many calls",
                        metadata={"retry_after_seconds": str(math.ceil(wait.total_seconds()))},
                    )


class Endings:
    """Ends sessions: in a transaction, then for everybody who verifies tokens."""

    def __init__(self, tokens: TokenVerifier, relay: Relay, clock: Clock) -> None:
        self._tokens = tokens
        self._relay = relay
        self._clock = clock

    async def end(
        self, session: AsyncSession, account_id: UUID, *, only: UUID | None = None, keep: UUID | None = None
    ) -> Sequence[UUID]:
        """End the account's sessions, all or `only` one, except the one to `keep`; which ended."""
        ended = await sessions.end(session, account_id, self._clock(), only=only, keep=keep)
        events.sessions_ended(session, account_id, ended)
        return ended

    async def tell(self, ended: Sequence[UUID]) -> None:
        """After the commit: this process refuses their tokens now, the others when the event comes."""
        self._tokens.end_sessions(ended, self._clock())
        await self._relay.wake()


class Audit:
    """Links what a call does into the chain, in the call's own transaction."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._seal_key = vault.subkey("audit")
        self._clock = clock

    async def note(
        self,
        session: AsyncSession,
        call: Call,
        *,
        actor_id: UUID | None = None,
        patient_id: UUID | None = None,
        object_id: UUID | None = None,
    ) -> None:
        """Note who does what: the caller, or for whom a service calls. Last in a transaction: it makes the others wait
        until the commit."""
        event = Event(self._clock(), actor_id or call.caller.account_id, call.method.action, patient_id, object_id)
        await audit.append(session, self._seal_key, event)


def person(caller: Caller) -> UUID:
    """The caller's account. Errors: NOT_FOUND: a service has none."""
    if caller.has(Role.SERVICE):
        raise not_found("account")
    return caller.account_id


async def caller_locked(session: AsyncSession, call: Call) -> Account:
    """The caller's account, for this transaction alone. Errors: NOT_FOUND: a service's token, or a database restored
    from before the account."""
    account = await accounts.by_id_locked(session, call.caller.account_id)
    if account is None:
        raise not_found("account")
    return account


def after(token: str, request: Message) -> UUID | None:
    """The last row of the page before, from a page token; none for the first page. Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(token, request, [str])
    try:
        return UUID(key[0]) if key else None
    except ValueError as error:
        raise _no_page_token() from error


def before(token: str, request: Message) -> int | None:
    """The same for a list of numbered rows, a 64-bit number."""
    key = paging.decode(token, request, [int])
    if key and not 0 < key[0] < 1 << 63:
        raise _no_page_token()
    return key[0] if key else None


def next_page_token(ids: Sequence[UUID], size: int, request: Message) -> str:
    """The token for the page behind these rows; empty when the page is not full."""
    return paging.encode([str(ids[-1])], request) if len(ids) == size else ""


def calendar_date(field: str, text: str) -> date:
    """A date that the calendar has. Errors: INVALID_FIELD."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid_field(field, "no such day") from error


def instant(field: str, timestamp: Timestamp) -> datetime:
    """An instant that a clock can show: the contract's rules let impossible nanoseconds by. Errors: INVALID_FIELD."""
    try:
        return to_datetime(timestamp)
    except ValueError as error:
        raise invalid_field(field, "no such instant") from error


def instant_or_none(field: str, request: Message) -> datetime | None:
    """The instant in a request's field, where it is set. Errors: INVALID_FIELD."""
    return instant(field, getattr(request, field)) if request.HasField(field) else None


def data_range(request: Message) -> tuple[datetime | None, datetime | None]:
    """The range of the data's own time that a request opens. Errors: INVALID_FIELD when it holds no instant."""
    start, end = (instant_or_none(field, request) for field in ("data_start_time", "data_end_time"))
    if start is not None and end is not None and end <= start:
        raise invalid_field("data_end_time", "lies behind data_start_time")
    return start, end


def plain(field: str, text: str) -> str:
    """Text without control characters. Errors: INVALID_FIELD."""
    if any(character < " " and character not in "\n\t" for character in text):
        raise invalid_field(field, "control characters are not allowed")
    return text


def _no_page_token() -> ApricotError:
    return ApricotError(Reason.REASON_INVALID_PAGE_TOKEN, "the page token does not belong to this list")
