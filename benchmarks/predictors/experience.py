"""What a patient with a predictor would live through, by the rules of the alerts.

An urgent low is raised by a reading at or below the threshold, and resolved by 15 minutes at 10 mg/dL above it or more.
"Urgent low soon" is raised by enough readings in a row that predict the threshold, and resolved by 15 minutes of
predictions 10 mg/dL above it. It also ends with an urgent low, and with a gap of 20 minutes. One of a kind at a time.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from statistics import median
from typing import NamedTuple

from benchmarks.predictors.series import DAY_MINUTES
from services.glucose.domain.prediction import Reading, rate_mg_per_dl_per_minute

URGENT_LOW_MG_PER_DL = 55.0
HYSTERESIS_MG_PER_DL = 10.0
RECOVERY_MINUTES = 15.0
STALE_MINUTES = 20.0
EVENT_MINUTES = 15.0
"""An urgent low is an event when glucose stays at or below the threshold so long (Battelino 2023)."""
COME_TRUE_MINUTES = 40.0
"""Twice the horizon. An alert is false when no reading so soon after it is at or below the threshold, and did not
foretell an event that begins later."""
NOTICE_MINUTES = 10.0
"""Enough to find sugar and eat it."""
STEEP_MG_PER_DL_PER_MINUTE = 1.5
RATE_READINGS = 4
"""Before the newest: a quarter of an hour and one more."""


class Rule(NamedTuple):
    """When a prediction raises the alert."""

    margin_mg_per_dl: float
    """Added to the threshold."""
    readings_in_a_row: int


class Event(NamedTuple):
    """An urgent low of `EVENT_MINUTES` or more."""

    lead_minutes: float
    """How long an alert had stood when it began; infinite: none did."""
    is_steep: bool
    """Whether it began with a fall of `STEEP_MG_PER_DL_PER_MINUTE` or more."""

    @property
    def is_foretold(self) -> bool:
        """Whether the alert was still to be believed."""
        return self.lead_minutes <= COME_TRUE_MINUTES

    @property
    def is_foretold_in_time(self) -> bool:
        """Whether there was time to act."""
        return NOTICE_MINUTES <= self.lead_minutes <= COME_TRUE_MINUTES


@dataclass
class Experience:
    """What was lived through; grows with each series."""

    days: float = 0.0
    events: list[Event] = field(default_factory=list)
    alerts: int = 0
    false_alerts: int = 0

    @property
    def foretold(self) -> float:
        """Share of the events."""
        return sum(event.is_foretold for event in self.events) / max(len(self.events), 1)

    @property
    def foretold_in_time(self) -> float:
        """Share of the events."""
        return sum(event.is_foretold_in_time for event in self.events) / max(len(self.events), 1)

    @property
    def under_older_alert(self) -> float:
        """Share of the events that began under an alert of more than `COME_TRUE_MINUTES`."""
        return sum(COME_TRUE_MINUTES < event.lead_minutes < inf for event in self.events) / max(len(self.events), 1)

    @property
    def median_lead_minutes(self) -> float:
        """Of the events that were foretold."""
        return median([event.lead_minutes for event in self.events if event.is_foretold] or [0.0])

    @property
    def false_alerts_a_day(self) -> float:
        """Of one patient."""
        return self.false_alerts / self.days

    @property
    def precision(self) -> float:
        """Share of the alerts that came true."""
        return 1 - self.false_alerts / max(self.alerts, 1)


def live(experience: Experience, readings: Sequence[Reading], predicted: Sequence[float | None], rule: Rule) -> None:
    """Live through one series; `predicted` holds what was predicted at each reading."""
    minutes = [reading[0] for reading in readings]
    glucose = [reading[1] for reading in readings]
    steps = [0.0, *(later - earlier for earlier, later in pairwise(minutes))]
    at_threshold = [mg_per_dl <= URGENT_LOW_MG_PER_DL for mg_per_dl in glucose]
    recovered = [mg_per_dl >= URGENT_LOW_MG_PER_DL + HYSTERESIS_MG_PER_DL for mg_per_dl in glucose]
    lows = spans(minutes, at_threshold, recovered)
    in_low = {index for low in lows for index in low}

    raise_at = URGENT_LOW_MG_PER_DL + rule.margin_mg_per_dl
    raises, in_a_row = [], 0
    for index, (value, step) in enumerate(zip(predicted, steps, strict=True)):
        in_a_row = in_a_row + 1 if value is not None and value <= raise_at and step <= STALE_MINUTES else 0
        raises.append(in_a_row >= rule.readings_in_a_row and index not in in_low)
    clear = [value is not None and value >= raise_at + HYSTERESIS_MG_PER_DL for value in predicted]
    ends = [index in in_low or step > STALE_MINUTES for index, step in enumerate(steps)]
    alerts = spans(minutes, raises, clear, ends)

    experience.days += sum(min(step, STALE_MINUTES) for step in steps) / DAY_MINUTES
    experience.alerts += len(alerts)
    experience.false_alerts += sum(not comes_true(minutes, at_threshold, alert.start) for alert in alerts)
    raised_before = {alert.stop: minutes[alert.start] for alert in alerts}
    for low in lows:
        if longest_stay(minutes, at_threshold, low) >= EVENT_MINUTES:
            lead = minutes[low.start] - raised_before.get(low.start, -inf)
            rate = rate_mg_per_dl_per_minute(readings[max(0, low.start - RATE_READINGS) : low.start + 1])
            is_steep = rate is not None and rate <= -STEEP_MG_PER_DL_PER_MINUTE
            experience.events.append(Event(lead, is_steep))


def spans(
    minutes: Sequence[float], begins: Sequence[bool], clear: Sequence[bool], ends: Sequence[bool] | None = None
) -> list[range]:
    """The readings of each alert: from one that begins it until clear for `RECOVERY_MINUTES`, or one that ends it."""
    found: list[range] = []
    start: int | None = None
    clear_since: float | None = None
    for index, now in enumerate(minutes):
        if start is not None:
            clear_since = (now if clear_since is None else clear_since) if clear[index] else None
            recovered = clear_since is not None and now - clear_since >= RECOVERY_MINUTES
            if recovered or (ends and ends[index]):
                found.append(range(start, index))
                start = None
        if start is None and begins[index]:
            start, clear_since = index, None
    if start is not None:
        found.append(range(start, len(minutes)))
    return found


def comes_true(minutes: Sequence[float], at_threshold: Sequence[bool], index: int) -> bool:
    """Whether a reading within `COME_TRUE_MINUTES` is at or below the threshold."""
    last = bisect_right(minutes, minutes[index] + COME_TRUE_MINUTES)
    return any(at_threshold[index:last])


def longest_stay(minutes: Sequence[float], at_threshold: Sequence[bool], low: range) -> float:
    """Minutes of the longest run of readings at or below the threshold, each until the next; a gap counts little."""
    longest = stay = 0.0
    for index in low[: len(minutes) - 1 - low.start]:
        step = min(minutes[index + 1] - minutes[index], RECOVERY_MINUTES)
        stay = stay + step if at_threshold[index] else 0.0
        longest = max(longest, stay)
    return longest
