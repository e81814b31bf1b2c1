"""Every row of the table of an order's life, walked with all that follows from it: what is on the shelf, whose the
money is, and how prescription, review, courier's job and supply stand. All of it has to agree."""

from dataclasses import replace

import pytest

from services.pharmacy.domain.jobs import State as JobState
from services.pharmacy.domain.ledger import Kind
from services.pharmacy.domain.orders import CONSEQUENCES, DEADLINES, TRANSITIONS, Act, State
from services.pharmacy.domain.payments import State as PaymentState
from services.pharmacy.domain.reviews import State as ReviewState
from tests.pharmacy.orders.shop import Shop
from tests.pharmacy.orders.walk import COMMISSION, DELIVERY, GOODS, TOTAL, WAYS, Found, Walk

ESCROW, PAYABLE, PHARMACY, COURIER = Kind.ORDER_ESCROW, Kind.REFUNDS_PAYABLE, Kind.PHARMACY, Kind.COURIER

PLACED = Found(14, 3, "live", None, None, PaymentState.STARTED, 0, {}, 0)
NOBODY_PAID = replace(PLACED, held=0, claim="free", payment=PaymentState.CLOSING)
IN_REVIEW = replace(PLACED, review=ReviewState.QUEUED, payment=PaymentState.PAID, owned={ESCROW: TOTAL})
APPROVED = replace(IN_REVIEW, review=ReviewState.APPROVED)
READY = replace(APPROVED, job=JobState.OFFERED)
CARRIED = replace(READY, on_hand=11, held=0, job=JobState.CARRIED)
SHARED = {PHARMACY: GOODS - COMMISSION, COURIER: DELIVERY, Kind.PLATFORM_COMMISSION: COMMISSION}
VANISHED = replace(CARRIED, claim="free", job=JobState.WITHDRAWN, going_back=TOTAL, owned={PAYABLE: TOTAL})
DELIVERED = replace(CARRIED, claim="used", job=JobState.DONE, owned=SHARED, supplies=2)


def given_up(found: Found) -> Found:
    """Before a courier had it: everything is as if it had never been."""
    job = None if found.job is None else JobState.WITHDRAWN
    return replace(found, held=0, claim="free", job=job, going_back=TOTAL, owned={PAYABLE: TOTAL})


REVIEW_ENDED = given_up(replace(IN_REVIEW, review=ReviewState.ENDED))
ROWS: dict[tuple[State, Act], Found] = {
    (State.AWAITING_PAYMENT, Act.PAY): replace(
        PLACED, claim="", payment=PaymentState.PAID, owned={ESCROW: TOTAL}
    ),  # on no prescription
    (State.AWAITING_PAYMENT, Act.PAY_FOR_REVIEW): IN_REVIEW,
    (State.AWAITING_PAYMENT, Act.EXPIRE): NOBODY_PAID,
    (State.AWAITING_PAYMENT, Act.CANCEL): NOBODY_PAID,
    (State.IN_REVIEW, Act.APPROVE): APPROVED,
    (State.IN_REVIEW, Act.REJECT): given_up(replace(IN_REVIEW, review=ReviewState.REJECTED)),
    (State.IN_REVIEW, Act.CANCEL): REVIEW_ENDED,
    (State.IN_REVIEW, Act.LAPSE): REVIEW_ENDED,
    (State.PREPARING, Act.PACK): READY,
    (State.PREPARING, Act.REFUSE): given_up(APPROVED),
    (State.PREPARING, Act.CANCEL): given_up(APPROVED),
    (State.PREPARING, Act.LAPSE): given_up(APPROVED),
    (State.READY, Act.PICK_UP): CARRIED,
    (State.READY, Act.REFUSE): given_up(READY),
    (State.READY, Act.CANCEL): given_up(READY),
    (State.READY, Act.LAPSE): given_up(READY),
    (State.ON_THE_WAY, Act.DELIVER): DELIVERED,
    (State.ON_THE_WAY, Act.FAIL): CARRIED,
    (State.ON_THE_WAY, Act.LAPSE): VANISHED,
    (State.UNDELIVERED, Act.REDELIVER): CARRIED,
    (State.UNDELIVERED, Act.BRING_BACK): replace(
        CARRIED,
        claim="free",
        job=JobState.BROUGHT_BACK,
        going_back=GOODS,
        owned={PAYABLE: GOODS, COURIER: DELIVERY},
    ),
    (State.UNDELIVERED, Act.LAPSE): VANISHED,
    (State.DELIVERED, Act.ASK_RETURN): DELIVERED,
    (State.RETURNING, Act.ACCEPT_RETURN): replace(
        DELIVERED,
        claim="free",
        going_back=TOTAL,
        owned={PAYABLE: TOTAL, PHARMACY: -DELIVERY, COURIER: DELIVERY},
        supplies=0,
    ),
    (State.RETURNING, Act.DECLINE_RETURN): DELIVERED,
}


def test_every_row_is_walked() -> None:
    assert ROWS.keys() == TRANSITIONS.keys() >= CONSEQUENCES.keys()
    assert {(state, act) for state, (_, act) in DEADLINES.items()} <= ROWS.keys()


@pytest.mark.parametrize(("state", "act"), ROWS, ids=lambda part: part.name)
async def test_everything_agrees_behind_each_step(shop: Shop, state: State, act: Act) -> None:
    walk = await Walk(shop).begin(on_prescription=act is not Act.PAY)
    await walk.go(*WAYS[state])
    assert State((await shop.get(walk.order)).state) is state
    await walk.go(act)
    assert State((await shop.get(walk.order)).state) is TRANSITIONS[state, act]
    assert await walk.found() == ROWS[state, act]
    assert (await shop.told(walk.order))[-1] == act


async def test_who_brings_back_what_he_never_brought_is_not_paid(shop: Shop) -> None:
    walk = await Walk(shop).begin()
    walk.courier_is_seen = False
    await walk.go(*WAYS[State.UNDELIVERED], Act.BRING_BACK)
    at_the_door = ROWS[State.UNDELIVERED, Act.BRING_BACK]
    assert await walk.found() == replace(at_the_door, going_back=TOTAL, owned={PAYABLE: TOTAL})


@pytest.mark.parametrize("state", DEADLINES, ids=lambda state: state.name)
async def test_time_alone_harms_no_buyer(shop: Shop, state: State) -> None:
    """Though the timer was off for days: the order ends, and all that was paid goes back."""
    walk = await (await Walk(shop).begin()).go(*WAYS[state])
    for _ in range(3):
        shop.clock.advance(days=9)
        await shop.timer.do_due()
    assert not State((await shop.get(walk.order)).state).is_open
    found = await walk.found()
    assert found.going_back == (0 if state is State.AWAITING_PAYMENT else TOTAL)
    assert (found.held, found.supplies) == (0, 0)
    assert found.claim == "free"
