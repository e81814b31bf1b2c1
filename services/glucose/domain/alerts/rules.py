"""A patient's alert rules: their defaults, and the bounds within which they are safe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from services.glucose.domain.alerts.model import Rule
from services.glucose.domain.entries import zone

CLEAR_MG_PER_DL = 10
"""How far readings must be back until an alert is resolved."""


class UnsafeThresholdsError(ValueError):
    """Thresholds that cross each other, or lie outside what is safe."""


class SnoozeTooLongError(ValueError):
    """Longer than the alert's rule allows."""


class SnoozeLengthError(ValueError):
    """Not a length that the alert's rule knows."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Minutes of the patient's day, over midnight when the end is before the start."""

    start_minute: int
    end_minute: int
    time_zone: str

    def end(self, now: datetime) -> datetime | None:
        """When the quiet hours that hold now end; none: they do not hold."""
        local = now.astimezone(zone(self.time_zone))
        minute = local.hour * 60 + local.minute
        length = (self.end_minute - self.start_minute) % (24 * 60)
        if (minute - self.start_minute) % (24 * 60) >= length:
            return None
        day = local.date() + timedelta(days=1 if minute >= self.end_minute else 0)
        # By the wall clock, whatever a change of the clock does in between.
        wall = datetime.combine(day, time(self.end_minute // 60, self.end_minute % 60), local.tzinfo)
        return wall.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force. Defaults: Dexcom (urgent low, rates), the consensus (low, high, urgent high), Nightscout
    (missing data)."""

    urgent_low_mg_per_dl: int = 55
    low_mg_per_dl: int = 70
    high_mg_per_dl: int = 180
    urgent_high_mg_per_dl: int = 250
    fast_mg_per_dl_per_minute: float = 2.0
    missing_data_minutes: int = 20
    switched_off: frozenset[Rule] = frozenset()
    quiet_hours: QuietHours | None = None
    revision: int = 0
    author_id: UUID | None = None
    update_time: datetime | None = None

    def is_on(self, rule: Rule) -> bool:
        """An urgent low cannot be switched off."""
        return rule is Rule.URGENT_LOW or rule not in self.switched_off

    def quiet_until(self, now: datetime) -> datetime | None:
        """Until when warnings are held back; none: they are not."""
        return self.quiet_hours.end(now) if self.quiet_hours else None


DEFAULTS = Rules()


def require_safe(rules: Rules) -> None:
    """Errors: `UnsafeThresholdsError`, `UnknownZoneError`."""
    low_edges = rules.urgent_low_mg_per_dl, rules.low_mg_per_dl
    high_edges = rules.high_mg_per_dl, rules.urgent_high_mg_per_dl
    safe = (
        45 <= rules.urgent_low_mg_per_dl <= 65
        and 60 <= rules.low_mg_per_dl <= 100
        and 120 <= rules.high_mg_per_dl <= 300
        and rules.urgent_high_mg_per_dl <= 400
        and low_edges[0] < low_edges[1]
        and high_edges[0] < high_edges[1]
        and 2 <= rules.fast_mg_per_dl_per_minute <= 5
        and 15 <= rules.missing_data_minutes <= 60
        and Rule.URGENT_LOW not in rules.switched_off
    )
    if not safe:
        raise UnsafeThresholdsError("the thresholds cross each other, or lie outside what is safe")
    if rules.quiet_hours:
        zone(rules.quiet_hours.time_zone)


_LOW_SNOOZES = 15, 30, 45, 60
_URGENT_SNOOZES = range(1, 31)
_OTHER_SNOOZES = range(30, 121)
_SNOOZES: Mapping[Rule, Sequence[int]] = {
    Rule.URGENT_LOW: _URGENT_SNOOZES,
    Rule.URGENT_LOW_SOON: _URGENT_SNOOZES,
    Rule.LOW: _LOW_SNOOZES,
}


def require_snooze(rule: Rule, minutes: int) -> None:
    """Errors: `SnoozeTooLongError`, `SnoozeLengthError`."""
    lengths = _SNOOZES.get(rule, _OTHER_SNOOZES)
    if minutes > max(lengths):
        raise SnoozeTooLongError(f"such an alert is snoozed for at most {max(lengths)} minutes")
    if minutes not in lengths:
        raise SnoozeLengthError("a low is snoozed for 15, 30, 45 or 60 minutes, a high or a rate for 30 to 120")
