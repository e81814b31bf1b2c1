"""Deleted accounts. The clinical record stays as long as the law wants it kept, and nobody can reach it: identity ended
the sessions and grants. What is no part of it goes."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import Bus, Event
from kit.clock import utc_now
from kit.consumer import Consumer
from kit.database import Database
from kit.pushes import drop_pushes
from services.consult.store.ratings import forget_words
from services.consult.work.appointments import give_up_places


def account_consumer(bus: Bus, database: Database) -> Consumer:
    """Reacts to what identity tells of accounts."""
    return Consumer(
        bus, database, "consult-accounts", "identity", ["apricot.identity.account.deleted.>"], on_accounts_deleted
    )


async def on_accounts_deleted(session: AsyncSession, events: Sequence[Event]) -> None:
    """What waits to be pushed goes, places go to others, and the words of ratings go."""
    for event in events:
        await give_up_places(session, UUID(event.key), utc_now())
        await drop_pushes(session, UUID(event.key))
        await forget_words(session, UUID(event.key))
