"""The life of a consultation: what leads from where it stands to where, and when time alone does."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, IntEnum

MOST_OPEN = 5
"""Of one patient."""
MOST_MEMBERS = 8
"""In one consultation."""

ESCALATIONS = (timedelta(minutes=10), timedelta(minutes=30))
"""How long one waits in the pool until it is passed on to every department's doctors, and until it is once more."""
POOL_LIFETIME = timedelta(minutes=60)
"""How long one waits in the pool for any doctor."""
ADDRESSED_LIFETIME = timedelta(hours=24)
"""How long one waits for the doctor who was chosen."""
SILENCE_LIFETIME = timedelta(hours=48)
"""How long an active one lasts while nobody says anything."""


class State(IntEnum):
    """Where a consultation stands, numbered as in the contract."""

    WAITING = 1
    ACTIVE = 2
    CLOSED = 3
    REFERRED = 4
    EXPIRED = 5
    CANCELLED = 6

    @property
    def is_open(self) -> bool:
        """Whether anything can still happen to it."""
        return self in (State.WAITING, State.ACTIVE)


class Act(Enum):
    """What happens to a consultation."""

    CLAIM = "claim"
    """A doctor takes it."""
    ESCALATE = "escalate"
    """Nobody took it for a while; more doctors are told."""
    DECLINE = "decline"
    """The chosen doctor does not take it."""
    RETURN = "return"
    """The doctor who took it from the pool gives it back."""
    CANCEL = "cancel"
    """The patient withdraws it."""
    INVITE = "invite"
    """The doctor brings in a colleague."""
    DECIDE = "decide"
    """The doctor decides that prescribing is allowed."""
    CLOSE = "close"
    """The doctor ends it."""
    REFER = "refer"
    """The doctor ends it and sends the patient elsewhere."""
    EXPIRE = "expire"
    """Its time is over."""


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.WAITING, Act.CLAIM): State.ACTIVE,
    (State.WAITING, Act.ESCALATE): State.WAITING,
    (State.WAITING, Act.DECLINE): State.CANCELLED,
    (State.WAITING, Act.CANCEL): State.CANCELLED,
    (State.WAITING, Act.EXPIRE): State.EXPIRED,
    (State.ACTIVE, Act.RETURN): State.WAITING,
    (State.ACTIVE, Act.INVITE): State.ACTIVE,
    (State.ACTIVE, Act.DECIDE): State.ACTIVE,
    (State.ACTIVE, Act.CLOSE): State.CLOSED,
    (State.ACTIVE, Act.REFER): State.REFERRED,
    (State.ACTIVE, Act.EXPIRE): State.EXPIRED,
}


class WrongStateError(Exception):
    """The consultation is in a state that does not allow this."""


def after(state: State, act: Act) -> State:
    """Errors: `WrongStateError`."""
    if (state, act) not in TRANSITIONS:
        raise WrongStateError(f"the consultation is {state.name.lower()}")
    return TRANSITIONS[state, act]


def declining(state: State, *, pool: bool, answered: bool) -> Act:
    """What it means that the doctor does not want it. Errors: `WrongStateError` once it is too late."""
    if state is not State.ACTIVE:
        return Act.DECLINE
    if not pool or answered:
        raise WrongStateError("the doctor has begun; close it with an outcome")
    return Act.RETURN


def waiting_until(since: datetime, *, pool: bool) -> datetime:
    """When one that waits since then expires."""
    return since + (POOL_LIFETIME if pool else ADDRESSED_LIFETIME)


def active_until(last_word: datetime) -> datetime:
    """When an active one expires in which nothing was said since then."""
    return last_word + SILENCE_LIFETIME


def level_at(expire_time: datetime, now: datetime) -> int:
    """The level that one in the pool has reached by now."""
    waited = now - (expire_time - POOL_LIFETIME)
    return sum(waited >= threshold for threshold in ESCALATIONS)
