"""The life of a pharmacist's review of a prescription."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, IntEnum

LEASE = timedelta(minutes=15)
"""How long a review is one pharmacist's."""
MOST_QUESTIONS = 20


class State(IntEnum):
    """Where a review stands, numbered as in the contract."""

    QUEUED = 1
    CLAIMED = 2
    ASKED = 3
    """It waits for the doctor."""
    APPROVED = 4
    REJECTED = 5
    ENDED = 6
    """The order was given up before."""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self in (State.QUEUED, State.CLAIMED, State.ASKED)


class Act(Enum):
    """What happens to a review."""

    CLAIM = "claim"
    RENEW = "renew"
    """The same pharmacist takes more time."""
    RELEASE = "release"
    LAPSE = "lapse"
    """The pharmacist's time is over. Nobody has to do it: it follows from the clock, see `standing`."""
    ASK = "ask"
    ANSWER = "answer"
    APPROVE = "approve"
    REJECT = "reject"
    END = "end"


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.QUEUED, Act.CLAIM): State.CLAIMED,
    (State.ASKED, Act.CLAIM): State.CLAIMED,  # a doctor who does not answer holds nothing up
    (State.CLAIMED, Act.RENEW): State.CLAIMED,
    (State.CLAIMED, Act.RELEASE): State.QUEUED,
    (State.CLAIMED, Act.LAPSE): State.QUEUED,
    (State.CLAIMED, Act.ASK): State.ASKED,
    (State.ASKED, Act.ANSWER): State.QUEUED,
    (State.CLAIMED, Act.APPROVE): State.APPROVED,
    (State.CLAIMED, Act.REJECT): State.REJECTED,
    (State.QUEUED, Act.END): State.ENDED,
    (State.CLAIMED, Act.END): State.ENDED,
    (State.ASKED, Act.END): State.ENDED,
}


class WrongStateError(Exception):
    """The review is in a state that does not allow this, or another pharmacist has it."""


class ChangedError(Exception):
    """What was approved is not what was checked, or has changed since."""


def after(state: State, act: Act) -> State:
    """Errors: `WrongStateError`."""
    if (state, act) not in TRANSITIONS:
        raise WrongStateError(f"the review is {state.name.lower()}")
    return TRANSITIONS[state, act]


def standing(state: State, lease_end_time: datetime | None, now: datetime) -> State:
    """Where a review of this stored state stands at an instant."""
    over = state is State.CLAIMED and (lease_end_time is None or now >= lease_end_time)
    return after(state, Act.LAPSE) if over else state
