"""Deleted accounts. The clinical record stays as long as the law wants it kept, and nobody can reach it: identity ended
the sessions and grants. What is no part of it goes."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import Bus, Event
from kit.consumer import Consumer
from kit.database import Database
from kit.pushes import drop_pushes
from services.glucose.store import alerts, photos, reminders


def account_consumer(bus: Bus, database: Database) -> Consumer:
    """Reacts to what identity tells of accounts."""
    return Consumer(
        bus, database, "glucose-accounts", "identity", ["apricot.identity.account.deleted.>"], on_accounts_deleted
    )


async def on_accounts_deleted(session: AsyncSession, events: Sequence[Event]) -> None:
    """Photos that no meal names, what waits to be pushed, reminders; and nobody looks for silence any more."""
    for event in events:
        account = UUID(event.key)
        await photos.let_unnamed_go(session, account)
        await drop_pushes(session, account)
        await reminders.drop_reminder(session, account)
        await alerts.set_due(session, {account: None})
