"""Licences: where one may go from where it stands, and until when it counts."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
"""Licences are China's, and so are their days."""
YEARS_TO_PRESCRIBE = 3
"""In practice, before a doctor may treat online (Measures on Internet Diagnosis and Treatment, 2018)."""


MAX_WAITING = 10
"""Licences of one account that may wait for review."""
MAX_SCANS = 3
"""Of one licence's certificate."""
MAX_SCAN_BYTES = 2 << 20
"""Of one, as it is kept."""


class State(StrEnum):
    """Where a licence stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Act(Enum):
    """What a reviewer does with a licence."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.SUBMITTED, Act.APPROVE): State.APPROVED,
    (State.SUBMITTED, Act.REJECT): State.REJECTED,
    (State.APPROVED, Act.WITHDRAW): State.WITHDRAWN,
}
_LEADING_TO = {state: act for (_, act), state in TRANSITIONS.items()}


class LicenceInWrongState(Exception):
    """The review does not lead anywhere from where the licence stands."""

    def __init__(self, state: State, decision: State) -> None:
        super().__init__(f"a licence that is {state} cannot become {decision}")


class LicenceExpired(Exception):
    """The last day it is valid has passed."""

    def __init__(self) -> None:
        super().__init__("the licence is expired")


class PracticeTooShort(Exception):
    """Fewer years in practice than the law wants, or it is not told how many."""

    def __init__(self) -> None:
        super().__init__(f"at least {YEARS_TO_PRESCRIBE} years in practice are needed")


class OwnLicence(Exception):
    """Nobody reviews their own."""

    def __init__(self) -> None:
        super().__init__("nobody reviews their own licence")


def end_of(expiry_date: date) -> datetime:
    """The instant at which the last valid day is over."""
    return datetime.combine(expiry_date + timedelta(days=1), datetime.min.time(), ZONE)


def require_live(end_time: datetime, now: datetime) -> None:
    """Errors: `LicenceExpired`."""
    if end_time <= now:
        raise LicenceExpired


def require_practice(first_registration_date: date | None, now: datetime) -> None:
    """Long enough in practice to prescribe online. Errors: `PracticeTooShort`."""
    today, since = now.astimezone(ZONE).date(), first_registration_date
    if since is None or today.timetuple()[:3] < (since.year + YEARS_TO_PRESCRIBE, since.month, since.day):
        raise PracticeTooShort


def review(state: State, decision: State, end_time: datetime, now: datetime) -> State:
    """The state after a review. Errors: `LicenceInWrongState`; `LicenceExpired` for an approval that comes too late."""
    act = _LEADING_TO.get(decision)
    if act is None or (state, act) not in TRANSITIONS:
        raise LicenceInWrongState(state, decision)
    if decision is State.APPROVED:
        require_live(end_time, now)
    return decision
