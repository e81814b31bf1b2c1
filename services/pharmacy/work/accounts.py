"""Deleted accounts. What the law wants kept of a sale (five years) stays, and nobody can reach it: identity ended the
sessions and grants. What is no part of it goes, as soon as no order needs it any more."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import Bus, Event
from kit.clock import utc_now
from kit.consumer import Consumer
from kit.database import Database
from kit.pushes import drop_pushes
from kit.rounds import every
from services.pharmacy import life
from services.pharmacy.domain.jobs import State as JobState
from services.pharmacy.domain.orders import Act
from services.pharmacy.events import Telling
from services.pharmacy.store import couriers, deleted_accounts, jobs, orders, ratings, supplies

_EVERY_SECONDS = 600.0


def account_consumer(bus: Bus, database: Database, telling: Telling) -> Consumer:
    """Reacts to what identity tells of accounts."""
    subjects = ["apricot.identity.account.deleted.>"]
    return Consumer(bus, database, "pharmacy-accounts", "identity", subjects, on_accounts_deleted, telling.wake)


async def on_accounts_deleted(session: AsyncSession, events: Sequence[Event]) -> None:
    """Orders that nobody has paid are given up; those that were paid go on. Supplies are looked at no more; pushes, the
    words of ratings, quotes, the addresses of what has ended, and where a courier was go. What a courier was to fetch
    is offered to others, and what was with him is given up: nobody can hand it over any more."""
    for event in events:
        account, now = UUID(event.key), utc_now()
        await deleted_accounts.note(session, account, now)
        for order, job in await jobs.lock_of_courier(session, account):
            if job.state == JobState.ACCEPTED:
                jobs.offer_again(order, job)
            else:
                await life.move(session, order, Act.LAPSE, None, now)
        for row in await orders.lock_unpaid(session, account):
            await life.move(session, row, Act.CANCEL, account, now)
        await couriers.end_duty(session, account)
        await supplies.look_no_more(session, account)
        await drop_pushes(session, account)
        await ratings.forget_words(session, account)
        await deleted_accounts.forget_quotes(session, account)
    await session.flush()
    await deleted_accounts.forget_addresses(session)


async def forget_addresses(database: Database) -> None:
    """Of orders that went on when their buyer's account was deleted, once they have ended; until cancelled."""

    async def forget() -> None:
        async with database.transaction() as session:
            await deleted_accounts.forget_addresses(session)

    await every(_EVERY_SECONDS, forget, "the forgetting of addresses")
