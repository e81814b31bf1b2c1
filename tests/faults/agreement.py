"""What stock, money, prescription, review, courier and supply have to say of an order: all follows from its steps."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from apricot.consult.v1.prescription_pb2 import (
    PRESCRIPTION_STATE_DISPENSED,
    PRESCRIPTION_STATE_ISSUED,
    PRESCRIPTION_STATE_REJECTED,
    PRESCRIPTION_STATE_REPEATING,
    GetPrescriptionRequest,
)

from kit.schema import service_url
from services.pharmacy.domain import jobs, reviews
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.store.stock import Hold
from tests.e2e.market import Market
from tests.faults.errand import PACKS, QUANTITY, Errand
from tests.faults.load import until

_LIVE, _RELEASED, _USED = 1, 2, 3
_JOBS = {
    State.READY: jobs.State.OFFERED,
    State.ON_THE_WAY: jobs.State.CARRIED,
    State.UNDELIVERED: jobs.State.CARRIED,
    State.CANCELLED: jobs.State.WITHDRAWN,
}
"""By where an order stands that was packed; else its job is done."""

_STANDING = """
select state,
  array(select act from order_step where order_id = $1 order by sequence) as acts,
  array(select (state, quantity) from stock_hold where order_id = $1) as holds,
  array(select amount_minor from payment where order_id = $1 and state = 3 and counted) as captured,
  (select count(*) from payment where order_id = $1 and state in (1, 2)) as open_attempts,
  coalesce((select sum(amount_minor) from refund where order_id = $1 and state = 3), 0)::int as returned,
  coalesce((select sum(amount_minor) from ledger_entry where order_id = $1 and account = 1), 0)::int as at_provider,
  coalesce((select sum(amount_minor) from ledger_entry where order_id = $1 and account = 2), 0)::int as escrow,
  coalesce((select sum(amount_minor) from ledger_entry where order_id = $1 and account = 6), 0)::int as payable,
  (select state from prescription_claim where order_id = $1) as claim,
  (select state from review where order_id = $1) as review,
  (select state from delivery_job where order_id = $1) as job,
  (select count(*) from supply_lot where order_id = $1 and end_time is null) as supplies
from medicine_order where order_id = $1
"""
_SHELF = """
with of_orders as (select quantity, state from stock_hold join stock_lot using (lot_id) where product_id = $1)
select sum(on_hand) as on_hand, sum(held) as held,
  (select coalesce(sum(quantity), 0) from of_orders where state = 1) as holds,
  (select coalesce(sum(quantity), 0) from of_orders where state = 3) as taken
from stock_lot where product_id = $1
"""


@dataclass(frozen=True)
class Standing:
    """One order, as each part tells it. Amounts are in minor units."""

    state: State
    acts: Sequence[int]
    """Each step's, in order."""
    holds: Sequence[tuple[int, int]]
    """State and packs."""
    captured: Sequence[int]
    open_attempts: int
    """That the buyer could still pay by, or that the provider has not closed yet."""
    returned: int
    at_provider: int
    escrow: int
    payable: int
    claim: int | None
    review: int | None
    job: int | None
    supplies: int
    prescription: int
    """As consult shows it to the patient; 0: there is none."""


def right(errand: Errand) -> Standing:
    """What each part has to tell after these acts."""
    acts, state, total = errand.acts, errand.state, errand.order.total.minor_units
    paid = Act.PAY in acts or Act.PAY_FOR_REVIEW in acts
    delivered, given_up = Act.DELIVER in acts, state in (State.CANCELLED, State.EXPIRED)
    hold = Hold.TAKEN if Act.PICK_UP in acts else Hold.RELEASED if given_up else Hold.HELD
    returned = total if paid and state in (State.CANCELLED, State.RETURNED) else 0
    if Act.BRING_BACK in acts:
        returned = errand.order.goods.minor_units
    came_back = Act.PICK_UP in acts and state in (State.CANCELLED, State.RETURNED)
    claim = _RELEASED if given_up or came_back else _USED if delivered else _LIVE
    dispensed = PRESCRIPTION_STATE_DISPENSED if delivered else PRESCRIPTION_STATE_ISSUED
    if came_back:  # and may be dispensed once more
        dispensed = PRESCRIPTION_STATE_REPEATING
    if Act.REJECT in acts:
        dispensed = PRESCRIPTION_STATE_REJECTED
    return Standing(
        state=state,
        acts=acts,
        holds=[(hold, QUANTITY)],
        captured=[total] if paid else [],
        open_attempts=0,
        returned=returned,
        at_provider=total - returned if paid else 0,
        escrow=-total if paid and state.is_open and not delivered else 0,
        payable=0,
        claim=claim if errand.prescription_id else None,
        review=_review(acts, state),
        job=_job(acts, state),
        supplies=1 if delivered and state is not State.RETURNED else 0,
        prescription=dispensed if errand.prescription_id else 0,
    )


def _review(acts: Sequence[Act], state: State) -> reviews.State | None:
    if Act.PAY_FOR_REVIEW not in acts:
        return None
    if Act.APPROVE in acts:
        return reviews.State.APPROVED
    if Act.REJECT in acts:
        return reviews.State.REJECTED
    return reviews.State.QUEUED if state is State.IN_REVIEW else reviews.State.ENDED


def _job(acts: Sequence[Act], state: State) -> jobs.State | None:
    if Act.PACK not in acts:
        return None
    return jobs.State.BROUGHT_BACK if Act.BRING_BACK in acts else _JOBS.get(state, jobs.State.DONE)


async def told(errand: Errand) -> Standing:
    """What each part tells."""
    connection = await asyncpg.connect(service_url(errand.market.platform.database_url, "pharmacy"))
    try:
        row = dict(await connection.fetchrow(_STANDING, UUID(errand.order.order_id)))
    finally:
        await connection.close()
    return Standing(**row | {"state": State(row["state"])}, prescription=await _shown(errand))


async def _shown(errand: Errand) -> int:
    if not errand.prescription_id:
        return 0
    request = GetPrescriptionRequest(prescription_id=errand.prescription_id)
    return (await errand.buyer.session.prescriptions.GetPrescription(request)).prescription.state


async def agrees(errand: Errand) -> None:
    """Refunds and what consult hears come a moment later."""
    wanted = right(errand)

    async def is_right() -> bool:
        return await told(errand) == wanted

    with suppress(TimeoutError):
        await until(is_right)
    assert await told(errand) == wanted


async def shelf_agrees(market: Market, product_id: str) -> None:
    """What is held and gone of the product is what its orders hold and took; and the books balance."""
    connection = await asyncpg.connect(service_url(market.platform.database_url, "pharmacy"))
    try:
        row = await connection.fetchrow(_SHELF, UUID(product_id))
        imbalance = await connection.fetchval("select coalesce(sum(amount_minor), 0) from ledger_entry")
    finally:
        await connection.close()
    assert (row["held"], row["on_hand"]) == (row["holds"], PACKS - row["taken"])
    assert imbalance == 0
