"""Deleted accounts. The clinical record stays as long as the law wants it kept, and nobody can reach it: identity ended
the sessions and grants. What is no part of it goes."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import Bus, Event
from kit.clock import Clock, utc_now
from kit.consumer import Consumer
from kit.database import Database
from kit.pushes import drop_pushes
from services.consult.events import Telling
from services.consult.store import deleted_accounts
from services.consult.store.appointments import lock_patient
from services.consult.store.ratings import forget_words
from services.consult.work.appointments import close_practice, give_up_places
from services.consult.work.consultations import end_of_account


def account_consumer(bus: Bus, database: Database, telling: Telling) -> Consumer:
    """Return the consumer that reacts to deleted accounts. It wakes the relay; open inboxes look each second."""
    subjects = ["apricot.identity.account.deleted.>"]
    return Consumer(bus, database, "consult-accounts", "identity", subjects, on_accounts_deleted, telling.wake)


async def on_accounts_deleted(session: AsyncSession, events: Sequence[Event], clock: Clock = utc_now) -> None:
    """End what is open: places go to others, slots are withdrawn, questions leave the pool. Drop pushes and ratings'
    words."""
    for event in events:
        account, now = UUID(event.key), clock()
        await lock_patient(session, account)
        await deleted_accounts.note(session, account, now)
        await give_up_places(session, account, now)
        await close_practice(session, account, now)
        await end_of_account(session, account, now)
        await session.flush()
        await drop_pushes(session, account)
        await forget_words(session, account)
