"""The life of a courier's job: one for each packed order."""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum, IntEnum

PICK_UP_TIME = timedelta(minutes=45)
"""Whoever has accepted a job picks it up within so long; then it is offered to others."""


class State(IntEnum):
    """Where a job stands, numbered as in the contract."""

    OFFERED = 1
    ACCEPTED = 2
    CARRIED = 3
    DONE = 4
    BROUGHT_BACK = 5
    WITHDRAWN = 6

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self in (State.OFFERED, State.ACCEPTED, State.CARRIED)


class Act(Enum):
    """What happens to a job."""

    ACCEPT = "accept"
    GIVE_BACK = "give back"
    PICK_UP = "pick up"
    FINISH = "finish"
    """The order was handed over."""
    BRING_BACK = "bring back"
    """The order is at the pharmacy again."""
    WITHDRAW = "withdraw"
    """The order was given up."""


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.OFFERED, Act.ACCEPT): State.ACCEPTED,
    (State.OFFERED, Act.WITHDRAW): State.WITHDRAWN,
    (State.ACCEPTED, Act.GIVE_BACK): State.OFFERED,
    (State.ACCEPTED, Act.PICK_UP): State.CARRIED,
    (State.ACCEPTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.CARRIED, Act.FINISH): State.DONE,
    (State.CARRIED, Act.BRING_BACK): State.BROUGHT_BACK,
    (State.CARRIED, Act.WITHDRAW): State.WITHDRAWN,
}


class Failure(IntEnum):
    """Why an order could not be handed over, numbered as in the contract."""

    NOBODY_THERE = 1
    REFUSED = 2
    WRONG_ADDRESS = 3
    COLD_CHAIN_BROKEN = 4
    OTHER = 5


MOST_TRIES = 3
"""To hand an order over."""


class TooManyTriesError(Exception):
    """It was tried as often as it may be: it goes back."""


def require_another_try(failed: int) -> None:
    """One may try again after so many failures. Errors: `TooManyTriesError`."""
    if failed >= MOST_TRIES:
        raise TooManyTriesError(f"at most {MOST_TRIES} tries")


class WrongStateError(Exception):
    """The job is in a state that does not allow this, or the courier is off duty."""


def after(state: State, act: Act) -> State:
    """Errors: `WrongStateError`."""
    if (state, act) not in TRANSITIONS:
        raise WrongStateError(f"the job is {state.name.lower().replace('_', ' ')}")
    return TRANSITIONS[state, act]


_AT_THE_DOOR = (Failure.NOBODY_THERE, Failure.REFUSED, Failure.WRONG_ADDRESS)


def is_of_the_buyer(failure: int, *, unseen: bool, cold_chain_broken: bool) -> bool:
    """Whether a delivery failed at the buyer's door, so that the way there is paid: the courier was seen there, and it
    could have been handed over."""
    return failure in _AT_THE_DOOR and not unseen and not cold_chain_broken


def failure_note(failure: Failure, note: str) -> str:
    """What the order's step says of it."""
    reason = failure.name.lower().replace("_", " ")
    return f"{reason}: {note}" if note else reason
