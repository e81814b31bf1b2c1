"""Readings, rules and the present instant: what is to be raised, and what is over.

A pure function of what is stored, whatever the order in which it came. A condition is looked for in all readings that
are still fresh, so that a worker that was away for a moment finds what the one before it would have found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from services.glucose.domain.alerts.model import Alert, Reading, Resolution, Rule, Urgency
from services.glucose.domain.alerts.pace import Pace
from services.glucose.domain.alerts.rules import CLEAR_MG_PER_DL, Rules
from services.glucose.domain.alerts.thresholds import Threshold, threshold
from services.glucose.domain.prediction import SOON_MARGIN_MG_PER_DL, predicted_mg_per_dl, rate_mg_per_dl_per_minute

WINDOW_MINUTES = 120.0
"""How much of the readings is looked at, back from the newest."""
FRESH_MINUTES = 10.0
"""An older reading raises nothing."""
STALE_MINUTES = 60.0
"""When nothing came for so long, an alert's readings say nothing any more."""
MISSING_STALE_MINUTES = 24 * 60.0
"""A sensor that is silent for so long was taken off."""
BACK_MINUTES = 15.0
"""For how long readings must be back."""
SOON_MINUTES = 20.0
"""How far ahead an urgent low is predicted."""
GROW_MINUTES = 10.0
"""After so many more minutes, missing data is urgent."""
FALLEN_MG_PER_DL = 10.0
"""A reading so much lower is a fall; a sensor's noise is less."""
_PAIR_MINUTES = 20.0
"""Two readings farther apart do not confirm one another; some sensors send every 15 minutes."""
_SENDING_MINUTES = 60.0
"""A sensor was sending when it had two readings in so long."""

_URGENT = frozenset({Rule.URGENT_LOW, Rule.URGENT_LOW_SOON, Rule.URGENT_HIGH})
_SUPERSEDED_BY = {Rule.LOW: Rule.URGENT_LOW, Rule.URGENT_LOW_SOON: Rule.URGENT_LOW, Rule.HIGH: Rule.URGENT_HIGH}
_THRESHOLDS = (Rule.URGENT_LOW, Rule.LOW, Rule.HIGH, Rule.URGENT_HIGH)
_TRENDS = (Rule.URGENT_LOW_SOON, Rule.FALLING_FAST, Rule.RISING_FAST)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to raise."""

    rule: Rule
    cause: Reading
    urgency: Urgency
    predicted_mg_per_dl: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from the readings."""

    raised: Sequence[Finding]
    resolved: Mapping[Rule, Resolution]
    missing_urgency: Urgency | None
    """How urgent missing data is now."""
    due_time: datetime | None
    """When the passing of time alone may change the verdict."""


class Judge:
    """One patient's readings of the last two hours, oldest first, held against the rules."""

    def __init__(self, readings: Sequence[Reading], rules: Rules, now: datetime, pace: Pace) -> None:
        self.readings = readings
        self._rules = rules
        self._now = now
        self._pace = pace
        self._rates: dict[int, float | None] = {}
        self.sensor = [reading for reading in readings if not reading.fingerstick]
        newest = max(now, readings[-1].time) if readings else now
        self._fresh_from = newest - pace.span(FRESH_MINUTES)

    def verdict(self, active: Mapping[Rule, Alert], causes: Mapping[Rule, Reading]) -> Verdict:
        """`causes` holds the readings that raised the active alerts, as they stand now; a deleted one is not in it."""
        resolved = {
            rule: resolution
            for rule, alert in active.items()
            if (resolution := self._resolution(alert, causes.get(rule))) is not None
        }
        lasting = active.keys() - resolved.keys()
        found = {rule: finding for rule in Rule if rule not in lasting and (finding := self._finding(rule)) is not None}
        for rule, by in _SUPERSEDED_BY.items():
            if by in lasting or by in found:
                found.pop(rule, None)
                if rule in lasting:
                    resolved[rule] = Resolution.SUPERSEDED
        lasting = active.keys() - resolved.keys()
        is_missing = Rule.MISSING_DATA in lasting or Rule.MISSING_DATA in found
        missing_since = active[Rule.MISSING_DATA].cause_time if Rule.MISSING_DATA in lasting else None
        return Verdict(
            raised=list(found.values()),
            resolved=resolved,
            missing_urgency=self._missing_urgency(missing_since) if is_missing else None,
            due_time=self._due_time(lasting | found.keys(), missing_since),
        )

    def is_still(self, rule: Rule) -> bool:
        """Whether the newest reading is fresh and not back; an active trend or silence is still so."""
        edge = threshold(rule, self._rules)
        relevant = self._relevant(edge) if edge else self.sensor
        if rule is Rule.MISSING_DATA:
            return True
        if not relevant or relevant[-1].time < self._fresh_from:
            return False
        return edge is None or not edge.back(relevant[-1])

    def has_fallen(self, alert: Alert) -> bool:
        """Return whether, since an urgent low was acknowledged, a fresh reading is lower by 10 mg/dL than all of the
        alert's before."""
        time = alert.acknowledge_time
        if alert.rule is not Rule.URGENT_LOW or time is None:
            return False
        before = [reading.mg_per_dl for reading in self.readings if alert.cause_time <= reading.time <= time]
        since = [reading.mg_per_dl for reading in self.readings if reading.time > max(time, self._fresh_from)]
        return bool(before and since) and min(since) <= min(before) - FALLEN_MG_PER_DL

    @cached_property
    def rate(self) -> float | None:
        """The rate of change at the newest reading of the sensor; none: nobody can tell."""
        return self._rate(len(self._series)) if self._is_series_fresh else None

    # What is raised

    def _finding(self, rule: Rule) -> Finding | None:
        if not self._rules.is_on(rule):
            return None
        edge = threshold(rule, self._rules)
        urgency = Urgency.URGENT if rule in _URGENT else Urgency.WARNING
        if edge is not None:
            cause = self._beyond(edge, urgency)
            return Finding(rule, cause, urgency) if cause else None
        if rule is Rule.MISSING_DATA:
            return Finding(rule, self.sensor[-1], urgency) if self._is_silent else None
        return self._trend_finding(rule, urgency)

    def _beyond(self, edge: Threshold, urgency: Urgency) -> Reading | None:
        """The first fresh reading that is beyond: by two in a row of one sensor, unless it is urgent. Somebody took a
        fingerstick on purpose: one is enough."""
        previous: dict[str, Reading] = {}
        for reading in self._relevant(edge):
            before = previous.get(reading.device)
            if reading.time >= self._fresh_from and edge.beyond(reading):
                if urgency is Urgency.URGENT or reading.fingerstick:
                    return reading
                if before and edge.beyond(before) and reading.time - before.time <= self._pace.span(_PAIR_MINUTES):
                    return reading
            previous[reading.device] = reading
        return None

    def _relevant(self, edge: Threshold) -> Sequence[Reading]:
        """Beside a sensor a fingerstick counts for lows alone: sugar on a finger reads high."""
        return self.readings if edge.low or not self.sensor else self.sensor

    def _trend_finding(self, rule: Rule, urgency: Urgency) -> Finding | None:
        """Of the present alone: a trend that is over needs nobody."""
        if not self._is_series_fresh:
            return None
        count = len(self._series)
        if not self._trend_holds(rule, count):
            return None
        if urgency is not Urgency.URGENT and not self._trend_holds(rule, count - 1):
            return None
        predicted = self._predicted(count) if rule is Rule.URGENT_LOW_SOON else None
        return Finding(rule, self._series[-1], urgency, predicted)

    # What is over

    def _resolution(self, alert: Alert, cause: Reading | None) -> Resolution | None:
        rule = alert.rule
        if not self._rules.is_on(rule):
            return Resolution.RULE_CHANGED
        if rule is Rule.MISSING_DATA:
            return self._missing_resolution(alert)
        edge = threshold(rule, self._rules)
        relevant = self._relevant(edge) if edge else self.sensor
        if edge is None and not self._admits(alert):
            return Resolution.RULE_CHANGED
        if not self._is_caused(alert, cause, edge):
            is_corrected = cause is None or cause.measured != alert.measured or edge is None
            return Resolution.CORRECTED if is_corrected else Resolution.RULE_CHANGED
        if edge is not None and self._are_back([edge.back(reading) for reading in relevant], relevant):
            return Resolution.RECOVERED
        if edge is None and self._is_trend_over(rule):
            return Resolution.RECOVERED
        last = max(relevant[-1].time, alert.cause_time) if relevant else alert.cause_time
        return Resolution.STALE if self._now - last >= self._pace.span(STALE_MINUTES) else None

    def _is_caused(self, alert: Alert, cause: Reading | None, edge: Threshold | None) -> bool:
        """Whether the reading that raised it, or one after it, is as it must be."""
        if edge is not None:
            if cause is not None and edge.beyond(cause):
                return True
            return any(edge.beyond(reading) for reading in self._relevant(edge) if reading.time >= alert.cause_time)
        if cause is None or cause.measured != alert.measured:
            return False
        counts = [count for count, reading in enumerate(self._series, 1) if reading.time >= alert.cause_time]
        if not counts or self._series[counts[0] - 1].entry_id != alert.cause_entry_id:
            return True  # out of the window, or another device's: nothing says that it was wrong
        return any(self._trend_holds(alert.rule, count) for count in counts)

    def _are_back(self, back: Sequence[bool], relevant: Sequence[Reading]) -> bool:
        """Whether the newest readings have been back for 15 minutes: two of them, or a fingerstick."""
        run = next((count for count, is_back in enumerate(reversed(back)) if not is_back), len(back))
        if run == 0 or (run < 2 and not relevant[-1].fingerstick):
            return False
        since = relevant[-run - 1] if run < len(relevant) else relevant[0]
        return relevant[-1].time - since.time >= self._pace.span(BACK_MINUTES)

    def _is_trend_over(self, rule: Rule) -> bool:
        if not self._series:
            return False
        since = self._series[-1].time - self._pace.span(BACK_MINUTES)
        counts = [count for count, reading in enumerate(self._series, 1) if reading.time >= since]
        return len(counts) >= 2 and counts[0] > 1 and all(self._trend_is_back(rule, count) for count in counts)

    # Trends, within one device

    @cached_property
    def _series(self) -> Sequence[Reading]:
        """The readings of the sensor that spoke last."""
        return [reading for reading in self.sensor if reading.device == self.sensor[-1].device]

    @property
    def _is_series_fresh(self) -> bool:
        return bool(self._series) and self._series[-1].time >= self._fresh_from

    @cached_property
    def _points(self) -> Sequence[tuple[float, float]]:
        origin = self._series[-1].time
        return [(self._pace.minutes(reading.time - origin), reading.mg_per_dl) for reading in self._series]

    def _rate(self, count: int) -> float | None:
        """The rate at the n-th reading; looked at by several rules, and told once."""
        if count not in self._rates:
            self._rates[count] = rate_mg_per_dl_per_minute(self._points[:count])
        return self._rates[count]

    def _predicted(self, count: int) -> float | None:
        return predicted_mg_per_dl(self._points[:count], SOON_MINUTES)

    @property
    def _soon_mg_per_dl(self) -> float:
        return self._rules.urgent_low_mg_per_dl + SOON_MARGIN_MG_PER_DL

    def _trend_holds(self, rule: Rule, count: int) -> bool:
        """Whether the trend was so at the n-th reading of the series."""
        fast = self._rules.fast_mg_per_dl_per_minute
        match rule:
            case Rule.URGENT_LOW_SOON:
                predicted = self._predicted(count)
                return predicted is not None and predicted <= self._soon_mg_per_dl
            case Rule.FALLING_FAST:
                rate = self._rate(count)
                return rate is not None and rate <= -fast
            case _:
                rate = self._rate(count)
                return rate is not None and rate >= fast

    def _admits(self, alert: Alert) -> bool:
        """Whether the trend that was seen would be raised by the present rules."""
        fast = self._rules.fast_mg_per_dl_per_minute
        predicted, rate = alert.predicted_mg_per_dl, alert.rate_mg_per_dl_per_minute
        if alert.rule is Rule.URGENT_LOW_SOON:
            return predicted is None or predicted <= self._soon_mg_per_dl
        return rate is None or abs(rate) >= fast

    def _trend_is_back(self, rule: Rule, count: int) -> bool:
        if rule is Rule.URGENT_LOW_SOON:
            predicted = self._predicted(count)
            return predicted is not None and predicted >= self._soon_mg_per_dl + CLEAR_MG_PER_DL
        return not self._trend_holds(rule, count)

    # Silence

    @property
    def _is_silent(self) -> bool:
        """Whether a sensor that was sending is silent for too long, and not for so long that it was taken off."""
        if not self._was_sending:
            return False
        silent = self._now - self.sensor[-1].time
        missing = self._pace.span(self._rules.missing_data_minutes)
        return missing <= silent < self._pace.span(MISSING_STALE_MINUTES)

    @property
    def _was_sending(self) -> bool:
        if len(self._series) < 2:
            return False
        return self._series[-1].time - self._series[-2].time <= self._pace.span(_SENDING_MINUTES)

    def _last_sensor_time(self, missing_since: datetime | None) -> datetime | None:
        times = [self.sensor[-1].time] if self.sensor else []
        return max([*times, missing_since] if missing_since else times, default=None)

    def _missing_resolution(self, alert: Alert) -> Resolution | None:
        last = self._last_sensor_time(alert.cause_time) or alert.cause_time
        silent = self._now - last
        if silent < self._pace.span(self._rules.missing_data_minutes):
            return Resolution.RECOVERED if last > alert.cause_time else Resolution.RULE_CHANGED
        return Resolution.STALE if silent >= self._pace.span(MISSING_STALE_MINUTES) else None

    def _missing_urgency(self, missing_since: datetime | None) -> Urgency:
        last = self._last_sensor_time(missing_since)
        urgent_after = self._pace.span(self._rules.missing_data_minutes + GROW_MINUTES)
        return Urgency.URGENT if last and self._now - last >= urgent_after else Urgency.WARNING

    # Time

    def _due_time(self, lasting: frozenset[Rule] | set[Rule], missing_since: datetime | None) -> datetime | None:
        """When an alert grows stale, or a silence too long or urgent."""
        moments = []
        if self.readings and lasting - {Rule.MISSING_DATA}:
            moments.append(self.readings[-1].time + self._pace.span(STALE_MINUTES))
        last = self._last_sensor_time(missing_since)
        if last and self._rules.is_on(Rule.MISSING_DATA) and (missing_since or self._was_sending):
            missing = self._rules.missing_data_minutes
            for minutes in missing, missing + GROW_MINUTES, MISSING_STALE_MINUTES:
                moments.append(last + self._pace.span(minutes))
        return min((moment for moment in moments if moment > self._now), default=None)
