"""The life of an order: the one place where an order changes its state, with all that follows from it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy import events
from services.pharmacy.domain.orders import CONSEQUENCES, Act, Consequence, State, paying
from services.pharmacy.store import claims, jobs, ledger, orders, refunds, reviews, stock, supplies
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.staff import staff_of

type Follow = Callable[[AsyncSession, OrderRow, datetime], Awaitable[None]]
"""What follows from a transition, in its transaction; the row stands already where it leads to."""

_FOLLOW: Mapping[Consequence, Follow] = {
    Consequence.RELEASE_STOCK: stock.release,
    Consequence.TAKE_STOCK: stock.take,
    Consequence.OPEN_REVIEW: reviews.open_review,
    Consequence.END_REVIEW: reviews.end_review,
    Consequence.RELEASE_PRESCRIPTION: claims.release,
    Consequence.RESTORE_PRESCRIPTION: claims.restore,
    Consequence.USE_PRESCRIPTION: claims.use,
    Consequence.OPEN_JOB: jobs.open_job,
    Consequence.END_JOB: jobs.end_job,
    Consequence.TAKE_BACK: jobs.take_back,
    Consequence.CLOSE_PAYMENT: refunds.close_payment,
    Consequence.REFUND_ALL: refunds.refund_all,
    Consequence.REFUND_UNDELIVERED: refunds.refund_undelivered,
    Consequence.SETTLE: ledger.settle,
    Consequence.ADD_SUPPLY: supplies.add,
    Consequence.REMOVE_SUPPLY: supplies.remove,
}

_WAITS_FOR_STAFF = (State.IN_REVIEW, State.PREPARING, State.RETURNING)
"""Where the pharmacy has to go on with an order: whoever works there is pushed when it comes here."""


async def move(
    session: AsyncSession, row: OrderRow, act: Act, actor: UUID | None, now: datetime, *, note: str = ""
) -> None:
    """One act on a locked order, with everything that follows from it, its step, its event and the pushes to whom it
    concerns but the actor, in the session's transaction. Without an actor it is the platform's. Errors:
    `WrongStateError`."""
    before = State(row.state)
    step = orders.move(session, row, act, actor, now, note)
    await session.flush()
    for consequence in CONSEQUENCES.get((before, act), ()):
        await _FOLLOW[consequence](session, row, step.time)
    events.order_changed(session, row, step)
    events.push(session, row, await _concerned(session, row) - {actor}, step.time)


async def paid(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The money came for a locked order that waited for it. Errors: `WrongStateError`."""
    await move(session, row, paying(needs_review=row.needs_review), None, now)


async def _concerned(session: AsyncSession, row: OrderRow) -> set[UUID]:
    """The buyer, and the staff where it waits for them."""
    staff = await staff_of(session, row.pharmacy_id) if State(row.state) in _WAITS_FOR_STAFF else []
    return {row.patient_id, *staff}
