"""Payments and refunds: what leads from where each stands to where, and when the provider is asked again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, IntEnum

from services.pharmacy.domain.orders import WrongStateError


class State(IntEnum):
    """Where a payment stands, numbered as in the contract."""

    STARTED = 1
    """The buyer may pay."""
    CLOSING = 2
    """Nobody shall pay it any more; the provider has not confirmed it yet."""
    PAID = 3
    CLOSED = 4
    """Nobody paid it, and nobody can, as far as the provider says."""
    DISPUTED = 5
    """The provider says something else than we: an operator has to look."""


class Act(Enum):
    """What happens to a payment."""

    CAPTURE = "capture"
    """The provider has the money."""
    GIVE_UP = "give_up"
    """The order is over, or is paid otherwise."""
    CLOSE = "close"
    """The provider lets nobody pay it any more."""
    DISPUTE = "dispute"
    """The provider tells of another amount or currency."""


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.STARTED, Act.CAPTURE): State.PAID,
    (State.STARTED, Act.GIVE_UP): State.CLOSING,
    (State.STARTED, Act.CLOSE): State.CLOSED,
    (State.STARTED, Act.DISPUTE): State.DISPUTED,
    (State.CLOSING, Act.CAPTURE): State.PAID,
    (State.CLOSING, Act.CLOSE): State.CLOSED,
    (State.CLOSING, Act.DISPUTE): State.DISPUTED,
    # Money that came is money that came, whatever was said before.
    (State.CLOSED, Act.CAPTURE): State.PAID,
    (State.CLOSED, Act.DISPUTE): State.DISPUTED,
    (State.DISPUTED, Act.CAPTURE): State.PAID,
}


class RefundState(IntEnum):
    """Where a refund stands, numbered as in the contract."""

    REQUESTED = 1
    UNDER_WAY = 2
    """The provider has taken it on."""
    DONE = 3
    FAILED = 4
    """The provider will not do it: an operator has to look."""
    SETTLED = 5
    """It went back by another way, as an operator says."""


class RefundAct(Enum):
    """What happens to a refund."""

    BEGIN = "begin"
    FINISH = "finish"
    FAIL = "fail"
    RETRY = "retry"
    """An operator has it tried again."""
    SETTLE = "settle"
    """An operator gave it back by another way."""


REFUND_TRANSITIONS: Mapping[tuple[RefundState, RefundAct], RefundState] = {
    (RefundState.REQUESTED, RefundAct.BEGIN): RefundState.UNDER_WAY,
    (RefundState.REQUESTED, RefundAct.FINISH): RefundState.DONE,
    (RefundState.REQUESTED, RefundAct.FAIL): RefundState.FAILED,
    (RefundState.UNDER_WAY, RefundAct.FINISH): RefundState.DONE,
    (RefundState.UNDER_WAY, RefundAct.FAIL): RefundState.FAILED,
    (RefundState.FAILED, RefundAct.FINISH): RefundState.DONE,
    (RefundState.FAILED, RefundAct.RETRY): RefundState.REQUESTED,
    (RefundState.FAILED, RefundAct.SETTLE): RefundState.SETTLED,
}


class Cause(IntEnum):
    """Why money goes back, numbered as in the contract. Of each payment each one happens once."""

    ORDER_GIVEN_UP = 1
    """The order was cancelled or given back: everything."""
    NOT_DELIVERED = 2
    """It could not be handed over at the buyer's door: everything but the delivery."""
    TOO_LATE = 3
    """The money came when the order was over."""
    PAID_TWICE = 4
    """The money came when the order was paid already."""


MOST_ATTEMPTS = 10
"""How often one may begin to pay one order."""

FIRST_LOOK = timedelta(seconds=10)
"""After the start, when no callback has come; each further look waits twice as long as the one before."""
LONGEST_PAUSE = timedelta(minutes=5)
_BEFORE_THE_END = timedelta(seconds=20)
"""So long before the order expires it is looked at once more, for who has paid shall have it."""
AFTER_THE_END = timedelta(seconds=30)
"""And so long behind it, when the provider cannot take money for it any more."""

LAST_LOOKS = 3
"""So often it is looked at then, though it was closed."""

FIRST_REFUND_PAUSE = timedelta(seconds=5)
LONGEST_REFUND_PAUSE = timedelta(hours=1)


def after(state: State, act: Act) -> State:
    """Errors: `WrongStateError`."""
    if (state, act) not in TRANSITIONS:
        raise WrongStateError(f"the payment is {state.name.lower()}")
    return TRANSITIONS[state, act]


def refund_after(state: RefundState, act: RefundAct) -> RefundState:
    """Errors: `WrongStateError`."""
    if (state, act) not in REFUND_TRANSITIONS:
        raise WrongStateError(f"the refund is {state.name.lower().replace('_', ' ')}")
    return REFUND_TRANSITIONS[state, act]


def next_look(looks: int, expire_time: datetime, now: datetime) -> datetime:
    """When the provider is asked again, after so many looks: with growing pauses, shortly before the end of the time to
    pay, and shortly behind it."""
    regular = now + _pause(FIRST_LOOK, looks, LONGEST_PAUSE)
    marks = (expire_time - _BEFORE_THE_END, expire_time + AFTER_THE_END)
    return min([regular, *(mark for mark in marks if mark > now)])


def next_refund_try(tries: int, now: datetime) -> datetime:
    """When a refund that was tried so often, or is under way, is looked at again."""
    return now + _pause(FIRST_REFUND_PAUSE, tries, LONGEST_REFUND_PAUSE)


def _pause(first: timedelta, times: int, longest: timedelta) -> timedelta:
    doubled: timedelta = first * 2 ** min(times, 20)
    return min(doubled, longest)
