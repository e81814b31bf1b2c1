"""The life of an order: what leads from where it stands to where, what follows from it for stock, money, prescription
and courier, and when time alone moves it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, IntEnum


class State(IntEnum):
    """Where an order stands, numbered as in the contract."""

    AWAITING_PAYMENT = 1
    IN_REVIEW = 2
    PREPARING = 3
    READY = 4
    ON_THE_WAY = 5
    DELIVERED = 6
    UNDELIVERED = 7
    RETURNING = 8
    RETURNED = 9
    CANCELLED = 10
    EXPIRED = 11

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self not in (State.DELIVERED, State.RETURNED, State.CANCELLED, State.EXPIRED)


class Act(IntEnum):
    """What happens to an order, numbered as in the contract."""

    PLACE = 1
    """The buyer placed it; its stock is held."""
    PAY = 2
    """The money came, and nothing has to be reviewed."""
    PAY_FOR_REVIEW = 3
    """The money came; a pharmacist has to approve the prescription."""
    EXPIRE = 4
    """Nobody paid in time."""
    CANCEL = 5
    """The buyer does not want it any more."""
    APPROVE = 6
    """A pharmacist approved the prescription."""
    REJECT = 7
    """A pharmacist rejected the prescription."""
    REFUSE = 8
    """The pharmacy cannot fill it."""
    LAPSE = 9
    """It was not reviewed, packed, fetched or brought in time."""
    PACK = 10
    """Packed; a courier may come."""
    PICK_UP = 11
    """The courier has it."""
    DELIVER = 12
    """Handed over, by the code."""
    FAIL = 13
    """It could not be handed over."""
    REDELIVER = 14
    """It is tried once more."""
    BRING_BACK = 15
    """It goes back to the pharmacy for good."""
    ASK_RETURN = 16
    """The buyer gives it back: something is wrong with the goods."""
    ACCEPT_RETURN = 17
    """The pharmacy takes it back."""
    DECLINE_RETURN = 18
    """The pharmacy finds nothing wrong."""


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.AWAITING_PAYMENT, Act.PAY): State.PREPARING,
    (State.AWAITING_PAYMENT, Act.PAY_FOR_REVIEW): State.IN_REVIEW,
    (State.AWAITING_PAYMENT, Act.EXPIRE): State.EXPIRED,
    (State.AWAITING_PAYMENT, Act.CANCEL): State.CANCELLED,
    (State.IN_REVIEW, Act.APPROVE): State.PREPARING,
    (State.IN_REVIEW, Act.REJECT): State.CANCELLED,
    (State.IN_REVIEW, Act.CANCEL): State.CANCELLED,
    (State.IN_REVIEW, Act.LAPSE): State.CANCELLED,
    (State.PREPARING, Act.PACK): State.READY,
    (State.PREPARING, Act.REFUSE): State.CANCELLED,
    (State.PREPARING, Act.CANCEL): State.CANCELLED,
    (State.PREPARING, Act.LAPSE): State.CANCELLED,
    (State.READY, Act.PICK_UP): State.ON_THE_WAY,
    (State.READY, Act.REFUSE): State.CANCELLED,
    (State.READY, Act.CANCEL): State.CANCELLED,
    (State.READY, Act.LAPSE): State.CANCELLED,
    (State.ON_THE_WAY, Act.DELIVER): State.DELIVERED,
    (State.ON_THE_WAY, Act.FAIL): State.UNDELIVERED,
    (State.ON_THE_WAY, Act.LAPSE): State.CANCELLED,
    (State.UNDELIVERED, Act.REDELIVER): State.ON_THE_WAY,
    (State.UNDELIVERED, Act.BRING_BACK): State.CANCELLED,
    (State.UNDELIVERED, Act.LAPSE): State.CANCELLED,
    (State.DELIVERED, Act.ASK_RETURN): State.RETURNING,
    (State.RETURNING, Act.ACCEPT_RETURN): State.RETURNED,
    (State.RETURNING, Act.DECLINE_RETURN): State.DELIVERED,
}


class Consequence(Enum):
    """What follows from a transition, in its own transaction: a step of the saga, or what undoes one."""

    RELEASE_STOCK = "release_stock"
    """What was held is for others again."""
    TAKE_STOCK = "take_stock"
    """What was held has left the shelf."""
    OPEN_REVIEW = "open_review"
    """It stands in the pharmacists' queue."""
    END_REVIEW = "end_review"
    """Nobody has to review it any more."""
    RELEASE_PRESCRIPTION = "release_prescription"
    """Another order may use the prescription."""
    USE_PRESCRIPTION = "use_prescription"
    """It was dispensed, and is told to be."""
    OPEN_JOB = "open_job"
    """Couriers are offered it."""
    END_JOB = "end_job"
    """No courier has anything to do with it any more; where they were is forgotten."""
    TAKE_BACK = "take_back"
    """Likewise: the courier has brought it back."""
    CLOSE_PAYMENT = "close_payment"
    """Nobody shall pay it any more; who did all the same gets it back."""
    REFUND_ALL = "refund_all"
    """All that was paid goes back."""
    REFUND_UNDELIVERED = "refund_undelivered"
    """What was paid goes back, but for the delivery where it failed at the buyer's door."""
    SETTLE = "settle"
    """What was paid is the pharmacy's, the courier's and the platform's."""
    ADD_SUPPLY = "add_supply"
    """The patient has so much more of it."""
    REMOVE_SUPPLY = "remove_supply"
    """The patient gave it back."""


_GIVEN_UP = (Consequence.RELEASE_STOCK, Consequence.RELEASE_PRESCRIPTION)
# Medicine that has left the pharmacy is not sold again: nothing goes back to the shelf.
_NOT_BROUGHT = (Consequence.END_JOB, Consequence.RELEASE_PRESCRIPTION, Consequence.REFUND_ALL)

CONSEQUENCES: Mapping[tuple[State, Act], tuple[Consequence, ...]] = {
    (State.AWAITING_PAYMENT, Act.PAY_FOR_REVIEW): (Consequence.OPEN_REVIEW,),
    (State.AWAITING_PAYMENT, Act.EXPIRE): (*_GIVEN_UP, Consequence.CLOSE_PAYMENT),
    (State.AWAITING_PAYMENT, Act.CANCEL): (*_GIVEN_UP, Consequence.CLOSE_PAYMENT),
    (State.IN_REVIEW, Act.APPROVE): (Consequence.END_REVIEW,),
    (State.IN_REVIEW, Act.REJECT): (*_GIVEN_UP, Consequence.END_REVIEW, Consequence.REFUND_ALL),
    (State.IN_REVIEW, Act.CANCEL): (*_GIVEN_UP, Consequence.END_REVIEW, Consequence.REFUND_ALL),
    (State.IN_REVIEW, Act.LAPSE): (*_GIVEN_UP, Consequence.END_REVIEW, Consequence.REFUND_ALL),
    (State.PREPARING, Act.PACK): (Consequence.OPEN_JOB,),
    (State.PREPARING, Act.REFUSE): (*_GIVEN_UP, Consequence.REFUND_ALL),
    (State.PREPARING, Act.CANCEL): (*_GIVEN_UP, Consequence.REFUND_ALL),
    (State.PREPARING, Act.LAPSE): (*_GIVEN_UP, Consequence.REFUND_ALL),
    (State.READY, Act.PICK_UP): (Consequence.TAKE_STOCK,),
    (State.READY, Act.REFUSE): (*_GIVEN_UP, Consequence.END_JOB, Consequence.REFUND_ALL),
    (State.READY, Act.CANCEL): (*_GIVEN_UP, Consequence.END_JOB, Consequence.REFUND_ALL),
    (State.READY, Act.LAPSE): (*_GIVEN_UP, Consequence.END_JOB, Consequence.REFUND_ALL),
    (State.ON_THE_WAY, Act.DELIVER): (
        Consequence.END_JOB,
        Consequence.USE_PRESCRIPTION,
        Consequence.SETTLE,
        Consequence.ADD_SUPPLY,
    ),
    (State.ON_THE_WAY, Act.LAPSE): _NOT_BROUGHT,
    (State.UNDELIVERED, Act.BRING_BACK): (
        Consequence.TAKE_BACK,
        Consequence.RELEASE_PRESCRIPTION,
        Consequence.REFUND_UNDELIVERED,
    ),
    (State.UNDELIVERED, Act.LAPSE): _NOT_BROUGHT,
    (State.RETURNING, Act.ACCEPT_RETURN): (Consequence.REFUND_ALL, Consequence.REMOVE_SUPPLY),
}
"""Where a transition is not named, nothing follows."""

PAYMENT_TIME = timedelta(minutes=15)
"""How long stock is held for somebody who has not paid."""
RETURN_TIME = timedelta(days=7)
"""How long after delivery one may give back what is faulty."""

DEADLINES: Mapping[State, tuple[timedelta, Act]] = {
    State.AWAITING_PAYMENT: (PAYMENT_TIME, Act.EXPIRE),
    State.IN_REVIEW: (timedelta(hours=24), Act.LAPSE),
    State.PREPARING: (timedelta(hours=24), Act.LAPSE),
    State.READY: (timedelta(hours=24), Act.LAPSE),
    State.ON_THE_WAY: (timedelta(hours=6), Act.LAPSE),
    State.UNDELIVERED: (timedelta(hours=48), Act.LAPSE),
    State.RETURNING: (timedelta(days=7), Act.ACCEPT_RETURN),
}
"""How long an order stands so before time alone moves it, and how. Each is in the buyer's favour."""


class WrongStateError(Exception):
    """The order is in a state that does not allow this."""


def after(state: State, act: Act) -> State:
    """Errors: `WrongStateError`."""
    if (state, act) not in TRANSITIONS:
        raise WrongStateError(f"the order is {state.name.lower().replace('_', ' ')}")
    return TRANSITIONS[state, act]


def paying(*, needs_review: bool) -> Act:
    """What it means that the money came."""
    return Act.PAY_FOR_REVIEW if needs_review else Act.PAY


def due_time(state: State, since: datetime) -> datetime | None:
    """When time alone moves an order that stands so since then; None: never."""
    return since + DEADLINES[state][0] if state in DEADLINES else None
