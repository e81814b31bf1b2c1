"""What alerts are made of. Numbers are those of the contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from glycemia.units import Bound


class Rule(IntEnum):
    """What an alert is about."""

    URGENT_LOW = 1
    URGENT_LOW_SOON = 2
    LOW = 3
    HIGH = 4
    URGENT_HIGH = 5
    FALLING_FAST = 6
    RISING_FAST = 7
    MISSING_DATA = 8


class Urgency(IntEnum):
    """How urgent it is."""

    WARNING = 1
    URGENT = 2


class Resolution(IntEnum):
    """Why it was resolved."""

    RECOVERED = 1
    CORRECTED = 2
    SUPERSEDED = 3
    RULE_CHANGED = 4
    STALE = 5


class RecipientKind(IntEnum):
    """How a recipient stands to the patient, in the order in which they are told."""

    PATIENT = 1
    FOLLOWER = 2
    CLINICIAN = 3


class RecipientState(IntEnum):
    """What a recipient did; it only goes forward."""

    RAISED = 1
    DELIVERED = 2
    SEEN = 3
    ACKNOWLEDGED = 4
    RESOLVED = 5


class StepKind(IntEnum):
    """What happened to an alert."""

    RAISED = 1
    ACKNOWLEDGED = 2
    ESCALATED = 3
    RESOLVED = 4


class Reading(NamedTuple):
    """A glucose reading, in the unit it was measured in."""

    time: datetime
    entry_id: UUID
    device: str
    fingerstick: bool
    value: float
    unit: int
    mg_per_dl: float
    bound: int = Bound.NONE

    @property
    def measured(self) -> tuple[float, int, int]:
        """What the device said."""
        return self.value, self.unit, self.bound


class Carer(NamedTuple):
    """Somebody who may be told of a patient's alerts."""

    account_id: UUID
    kind: RecipientKind


@dataclass(frozen=True, slots=True)
class Recipient:
    """One who was told of an alert, or looked after it unasked."""

    account_id: UUID
    kind: RecipientKind
    raise_time: datetime | None = None
    """When it was raised to them; none: they looked after it unasked."""
    state: RecipientState = RecipientState.RAISED
    deliver_time: datetime | None = None
    see_time: datetime | None = None
    acknowledge_time: datetime | None = None
    snooze_end_time: datetime | None = None
    snoozer_id: UUID | None = None
    told_count: int = 0
    tell_time: datetime | None = None
    """When they were last told."""
    failed_push_count: int = 0
    push_failed: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert with everybody's state."""

    alert_id: UUID
    patient_id: UUID
    rule: Rule
    urgency: Urgency
    raise_time: datetime
    cause_time: datetime
    cause_entry_id: UUID | None = None
    measured: tuple[float, int, int] | None = None
    """What the cause said: value, unit, bound."""
    rate_mg_per_dl_per_minute: float | None = None
    predicted_mg_per_dl: float | None = None
    resolve_time: datetime | None = None
    resolution: Resolution | None = None
    recipients: Sequence[Recipient] = ()
    escalate_time: datetime | None = None
    escalate_to: RecipientKind | None = None
    """To whom it is passed on then, or was at last; none: nobody was told yet."""
    revision: int = 0

    @property
    def active(self) -> bool:
        """Whether it is not resolved."""
        return self.resolve_time is None

    @property
    def acknowledge_time(self) -> datetime | None:
        """When somebody last said that they take care of it."""
        times = [found.acknowledge_time for found in self.recipients if found.acknowledge_time is not None]
        return max(times, default=None)

    @property
    def acknowledged(self) -> bool:
        """Whether anybody takes care of it."""
        return self.acknowledge_time is not None

    def recipient(self, account_id: UUID) -> Recipient | None:
        """The recipient of that account."""
        return next((found for found in self.recipients if found.account_id == account_id), None)


class Step(NamedTuple):
    """A step of an alert, for the timeline."""

    alert: Alert
    kind: StepKind
    actor_id: UUID | None = None
    escalated_to: RecipientKind | None = None
