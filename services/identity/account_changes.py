"""What a change of an account does that two people decided, or the operator on the machine."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity import events
from services.identity.domain.account_changes import Kind, State
from services.identity.domain.notices import Act
from services.identity.domain.roles import Role
from services.identity.store import account_changes, accounts, owner_notices, recovery_codes, sessions
from services.identity.store.tables import Account


async def make(session: AsyncSession, account: Account, kind: Kind, now: datetime) -> Sequence[UUID]:
    """Change the account, and tell its owner; return the sessions that ended."""
    if kind is Kind.GIVE_ADMIN:
        await accounts.give_role(session, account.account_id, Role.ADMIN, now)
        owner_notices.add(session, account, Act.ADMIN_GIVEN, now)
        return ()
    await accounts.remove_second_factor(session, account.account_id)
    await recovery_codes.forget(session, account.account_id)
    ended = await sessions.end(session, account.account_id, now)
    events.sessions_ended(session, account.account_id, ended)
    owner_notices.add(session, account, Act.SECOND_FACTOR_RESET, now)
    return ended


async def make_due(session: AsyncSession, now: datetime) -> Sequence[UUID]:
    """Make the approved changes whose time has come; return the sessions that ended."""
    ended = list[UUID]()
    for change in await account_changes.due(session, now):
        account = await accounts.by_id_locked(session, change.account_id)
        change.state = State.DONE if account else State.WITHDRAWN
        if account is not None:
            ended += await make(session, account, Kind(change.kind), now)
    return ended
