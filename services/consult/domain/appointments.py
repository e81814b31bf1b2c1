"""The life of an appointment, and what the policy allows when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, IntEnum

from services.consult.domain.fees import FeeAct, FeeState, settled


class State(IntEnum):
    """Where an appointment stands, numbered as in the contract."""

    BOOKED = 1
    CHECKED_IN = 2
    IN_PROGRESS = 3
    COMPLETED = 4
    NO_SHOW = 5
    CANCELLED_BY_PATIENT = 6
    CANCELLED_BY_DOCTOR = 7
    RESCHEDULED = 8


class Act(Enum):
    """What happens to an appointment."""

    CHECK_IN = "check in"
    CALL = "call"
    COMPLETE = "complete"
    MISS = "miss"
    """The patient did not come."""
    CANCEL = "cancel"
    """By the patient."""
    WITHDRAW = "withdraw"
    """The doctor withdraws the slot."""
    LOSE_PATIENT = "lose patient"
    """The patient's account is gone."""
    LOSE_DOCTOR = "lose doctor"
    """The doctor's account is gone."""
    RESCHEDULE = "reschedule"
    """Another appointment takes its place."""


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.BOOKED, Act.CHECK_IN): State.CHECKED_IN,
    (State.BOOKED, Act.MISS): State.NO_SHOW,
    (State.BOOKED, Act.CANCEL): State.CANCELLED_BY_PATIENT,
    (State.BOOKED, Act.WITHDRAW): State.CANCELLED_BY_DOCTOR,
    (State.BOOKED, Act.RESCHEDULE): State.RESCHEDULED,
    (State.BOOKED, Act.LOSE_PATIENT): State.CANCELLED_BY_PATIENT,
    (State.CHECKED_IN, Act.LOSE_PATIENT): State.CANCELLED_BY_PATIENT,
    (State.BOOKED, Act.LOSE_DOCTOR): State.CANCELLED_BY_DOCTOR,
    (State.CHECKED_IN, Act.LOSE_DOCTOR): State.CANCELLED_BY_DOCTOR,
    (State.IN_PROGRESS, Act.LOSE_DOCTOR): State.CANCELLED_BY_DOCTOR,
    (State.CHECKED_IN, Act.CALL): State.IN_PROGRESS,
    (State.CHECKED_IN, Act.WITHDRAW): State.CANCELLED_BY_DOCTOR,
    (State.IN_PROGRESS, Act.COMPLETE): State.COMPLETED,
    (State.IN_PROGRESS, Act.MISS): State.NO_SHOW,
}

GIVEN_BACK = frozenset({State.CANCELLED_BY_PATIENT, State.CANCELLED_BY_DOCTOR, State.RESCHEDULED})
"""The place is free again."""


CHANGE_BEFORE = timedelta(hours=2)
"""A patient cancels or reschedules until so long before the start."""
CHECK_IN_BEFORE = timedelta(minutes=60)
"""A patient checks in from so long before the start on."""
MISSED_AFTER = timedelta(minutes=15)
"""Whoever has not checked in so long behind the end did not come."""
REMIND_BEFORE = (timedelta(hours=24), timedelta(hours=1))


class WrongStateError(Exception):
    """The appointment, or its slot, is in a state that does not allow this."""


class SlotFullError(Exception):
    """No place is left."""


class AlreadyBookedError(Exception):
    """The patient has a place of this slot."""


class TimeConflictError(Exception):
    """The patient has another appointment at that time."""


def require_standing(state: State) -> None:
    """The patient is expected, or is there. Errors: `WrongStateError`."""
    if state > State.IN_PROGRESS:
        raise WrongStateError(f"the appointment is {state.name.lower()}")


def after(state: State, act: Act) -> State:
    """Errors: `WrongStateError`."""
    if (state, act) not in TRANSITIONS:
        raise WrongStateError(f"the appointment is {state.name.lower().replace('_', ' ')}")
    return TRANSITIONS[state, act]


def fee_after(fee: FeeState, state: State) -> FeeState:
    """What becomes of a fee when its appointment comes into this state. A place that was kept is paid for. Errors:
    `FeeSettledError`."""
    if state in GIVEN_BACK:
        return settled(fee, FeeAct.REFUND)
    return settled(fee, FeeAct.EARN) if state in (State.COMPLETED, State.NO_SHOW) else fee


def next_reminder(start: datetime, now: datetime) -> datetime | None:
    """When the patient is next to be reminded of a booked appointment; None: no more."""
    return min((due for before in REMIND_BEFORE if (due := start - before) > now), default=None)
