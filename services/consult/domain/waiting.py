"""The life of an entry on a waiting list."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, IntEnum


class State(IntEnum):
    """Where an entry stands, numbered as in the contract."""

    WAITING = 1
    OFFERED = 2
    BOOKED = 3
    LAPSED = 4
    LEFT = 5


class Act(Enum):
    """What happens to an entry."""

    OFFER = "offer"
    """A place is held for it."""
    ACCEPT = "accept"
    LAPSE = "lapse"
    """The offer was not accepted in time, or what was waited for is over."""
    LEAVE = "leave"


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.WAITING, Act.OFFER): State.OFFERED,
    (State.WAITING, Act.LAPSE): State.LAPSED,
    (State.WAITING, Act.LEAVE): State.LEFT,
    (State.OFFERED, Act.ACCEPT): State.BOOKED,
    (State.OFFERED, Act.LAPSE): State.LAPSED,
    (State.OFFERED, Act.LEAVE): State.LEFT,
}

HOLD = timedelta(minutes=30)
"""How long a place on offer is held."""
AFTER_WITHDRAWAL = timedelta(days=14)
"""Over how long whoever lost a place to a withdrawal waits for another of the doctor's."""
MOST_OPEN = 20
"""Entries of one patient."""


class WrongStateError(Exception):
    """The entry is in a state that does not allow this."""


class AlreadyWaitingError(Exception):
    """The patient waits for this already."""


def after(state: State, act: Act) -> State:
    """Errors: `WrongStateError`."""
    if (state, act) not in TRANSITIONS:
        raise WrongStateError(f"the entry is {state.name.lower()}")
    return TRANSITIONS[state, act]


def held_until(now: datetime, start: datetime) -> datetime:
    """Until when a place of a slot is held that begins then."""
    return min(now + HOLD, start)
