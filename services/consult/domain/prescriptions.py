"""When a doctor may prescribe, and the life of a prescription's revision. The law: China's Prescription Administration
Measures (2007), Long-term Prescription Rules (2021) and Measures on Internet Diagnosis and Treatment (2018)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum, IntEnum

from services.consult.domain.ages import require_age, require_guardian

MOST_VALIDITY_DAYS = 3
"""2007 Measures, article 18; also where the doctor says nothing."""
ORDINARY_SUPPLY_DAYS = 7
"""2007 Measures, article 19: for more the doctor notes a reason."""
MOST_SUPPLY_DAYS = 84
"""2021 Rules: twelve weeks for a stable chronic disease."""
MOST_RETURN_DAYS = 28
"""What was ordered in time is handed out, or comes back and is handed out once more, within so many days."""


class State(IntEnum):
    """Where a revision stands, numbered as in the contract."""

    ISSUED = 1
    REPLACED = 2
    REVOKED = 3
    EXPIRED = 4
    DISPENSED = 5
    """As often as it may be."""
    REPEATING = 6
    """Dispensed, and it may be again."""
    REJECTED = 7
    """A pharmacist rejected it."""


class Act(Enum):
    """What happens to a revision."""

    REPLACE = "replace"
    """A newer revision takes its place."""
    REVOKE = "revoke"
    EXPIRE = "expire"
    """Its time is over. Nobody has to do it: it follows from the clock, see `standing`."""
    DISPENSE = "dispense"
    """A pharmacy handed it out, and it may be handed out again."""
    USE_UP = "use_up"
    """A pharmacy handed it out for the last time."""
    COME_BACK = "come_back"
    """What a pharmacy handed out came back: it may be handed out once more."""
    REJECT = "reject"
    """A pharmacist rejected it."""


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.ISSUED, Act.REPLACE): State.REPLACED,
    (State.ISSUED, Act.REVOKE): State.REVOKED,
    (State.ISSUED, Act.EXPIRE): State.EXPIRED,
    (State.ISSUED, Act.DISPENSE): State.REPEATING,
    (State.ISSUED, Act.USE_UP): State.DISPENSED,
    (State.ISSUED, Act.COME_BACK): State.REPEATING,  # on its way already: the patient had nothing of it
    (State.REPEATING, Act.DISPENSE): State.REPEATING,
    (State.REPEATING, Act.USE_UP): State.DISPENSED,
    (State.REPEATING, Act.COME_BACK): State.REPEATING,
    (State.DISPENSED, Act.COME_BACK): State.REPEATING,
    (State.REPEATING, Act.REPLACE): State.REPLACED,
    (State.REPEATING, Act.REVOKE): State.REVOKED,
    (State.REPEATING, Act.EXPIRE): State.EXPIRED,
    (State.EXPIRED, Act.REVOKE): State.REVOKED,  # an order that was placed in time may be on its way
    (State.ISSUED, Act.REJECT): State.REJECTED,
    (State.REPEATING, Act.REJECT): State.REJECTED,
    (State.DISPENSED, Act.REJECT): State.REJECTED,  # returned and ordered anew; the event of the return may come later
    (State.REJECTED, Act.REPLACE): State.REPLACED,
    (State.REJECTED, Act.REVOKE): State.REVOKED,
}


class WrongStateError(Exception):
    """The prescription, or its consultation, is in a state that does not allow this."""


class NotEligibleError(Exception):
    """The treating doctor has not decided that prescribing is allowed here, or decided that it is not."""


class RevisionMismatchError(Exception):
    """What the call was made from has changed since."""


def after(state: State, act: Act) -> State:
    """Errors: `WrongStateError`."""
    if (state, act) not in TRANSITIONS:
        raise WrongStateError(f"the prescription is {state.name.lower()}")
    return TRANSITIONS[state, act]


def standing(state: State, expire_time: datetime, course_end: datetime, now: datetime) -> State:
    """Where a revision of this stored state stands at an instant. The validity is that of the first dispensing; repeats
    last as long as the course."""
    match state:
        case State.ISSUED if now >= expire_time:
            return after(state, Act.EXPIRE)
        case State.REPEATING if now >= course_end:
            return after(state, Act.EXPIRE)
    return state


def course_end(expire_time: datetime, return_time: datetime | None, supply_days: int) -> datetime:
    """When all of it has been taken, also where it was handed out on the last day, or anew because it came back."""
    return max(expire_time, return_time or expire_time) + timedelta(days=supply_days)


def require_may_prescribe(*, is_active: bool, is_eligible: bool, age_years: int | None, guardian_present: bool) -> int:
    """The patient's age, in a consultation in which the law allows to prescribe. Errors: `WrongStateError`,
    `NotEligibleError`, `AgeUnknownError`, `GuardianRequiredError`."""
    if not is_active:
        raise WrongStateError("the consultation does not go on")
    if not is_eligible:
        raise NotEligibleError("decide first whether the law allows to prescribe here")
    age = require_age(age_years)
    require_guardian(age, present=guardian_present)
    return age


def expires(issue_time: datetime, validity_days: int) -> datetime:
    """The end of a validity of so many whole days; 0: as many as the law allows."""
    return issue_time + timedelta(days=validity_days or MOST_VALIDITY_DAYS)


def supply_days(items: Iterable[tuple[int, int]]) -> int:
    """The days of the medicine that lasts longest, from each one's duration and repeats."""
    return max((duration * (1 + repeats) for duration, repeats in items), default=0)
