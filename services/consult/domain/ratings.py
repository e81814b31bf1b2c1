"""Ratings: where one stands, which count, and what they make of a doctor's score."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, IntEnum

LATEST = timedelta(days=90)
"""After the end: later nobody remembers."""
LEAST_STARS, MOST_STARS = 1, 5

PRIOR_MEAN = 4.0
"""What is expected of a doctor of whom nothing is known: patients who are content give four or five."""
PRIOR_WEIGHT = 10
"""In ratings: with ten of their own a doctor's score is half theirs, and one friend moves a new one by a tenth."""


class State(IntEnum):
    """Where a rating stands, numbered as in the contract."""

    PUBLISHED = 1
    HIDDEN = 2


class Act(Enum):
    """What happens to a rating."""

    REPLY = "reply"
    HIDE = "hide"
    SHOW = "show"


class HidingReason(IntEnum):
    """Why one is hidden, numbered as in the contract."""

    NONE = 0
    SPAM = 1
    INSULT = 2
    PRIVACY = 3


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.PUBLISHED, Act.REPLY): State.PUBLISHED,
    (State.PUBLISHED, Act.HIDE): State.HIDDEN,
    (State.HIDDEN, Act.SHOW): State.PUBLISHED,
}

UNCOUNTED = (HidingReason.SPAM, HidingReason.INSULT)
"""Stars that are no judgement of the doctor. Of what is hidden for privacy the words alone are the fault."""


class WrongStateError(Exception):
    """The rating is in a state that does not allow this."""


def after(state: State, act: Act) -> State:
    """Errors: `WrongStateError`."""
    if (state, act) not in TRANSITIONS:
        raise WrongStateError(f"the rating is {state.name.lower()}")
    return TRANSITIONS[state, act]


def rateable_until(end_time: datetime) -> datetime:
    """Up to when a consultation that ended then can be rated."""
    return end_time + LATEST


def score(stars_sum: int, count: int) -> float:
    """The Bayesian average: (C·m + Σ) / (C + n)."""
    return (PRIOR_WEIGHT * PRIOR_MEAN + stars_sum) / (PRIOR_WEIGHT + count)


def masked(name: str) -> str:
    """A name that its bearer knows and others do not: its first character, then two stars whatever its length."""
    return f"{name[:1]}**"
