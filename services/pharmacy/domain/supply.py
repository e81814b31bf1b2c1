"""How long a supply of a medicine lasts: what was dispensed, less what was taken, by what is to be taken a day.

What was taken the diary says, where the patient logs it (MEASURED); else the calendar (ASSUMED). What cannot be told
from the units is unknown, and never guessed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum
from itertools import zip_longest
from zoneinfo import ZoneInfo

from formulary.amounts import Amount, substance

LEAD = timedelta(days=5)
"""So long before the end a patient is reminded: two days for review and delivery, and three to be on the safe side."""
LOGGING_DAYS = 14
"""Who has logged no dose for so many days does not log them. As many days are held against the prescription."""
_ENOUGH = Decimal("0.8")
"""A smaller part of the doses than this has fallen behind (the usual threshold of the proportion of days covered)."""
_FAR_DAYS = 36_500.0
"""Nobody looks further ahead."""


class Basis(IntEnum):
    """How it is known what was taken, numbered as in the contract."""

    MEASURED = 1
    """By the doses that the patient logged."""
    ASSUMED = 2
    """By the calendar, as prescribed."""


class State(IntEnum):
    """How a supply stands, numbered as in the contract."""

    UNKNOWN = 1
    """Nobody knows how long it lasts."""
    ENOUGH = 2
    LOW = 3
    """A new one has to be ordered now."""
    RAN_OUT = 4


@dataclass(frozen=True, slots=True)
class Lot:
    """What was dispensed at once."""

    time: datetime
    amount: Amount
    """As `measured` makes it."""
    strength: Amount | None
    """Of one unit of the form."""
    daily: Decimal | None
    """What is to be taken of it a day, in the amount's unit; None: not known, or when needed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was logged as taken on one of the patient's days, in one unit."""

    local_date: date
    amount: Amount


@dataclass(frozen=True, slots=True)
class Outlook:
    """How long a supply lasts."""

    run_out_time: datetime | None
    """None: not known. In the past or now: nothing is left."""
    basis: Basis | None
    """None: nothing is known."""
    fell_behind: bool
    """Whether the doses logged over the last 14 days are fewer than four fifths of those prescribed."""

    def state(self, now: datetime) -> State:
        """How it stands."""
        if self.run_out_time is None:
            return State.UNKNOWN
        if self.run_out_time <= now:
            return State.RAN_OUT
        return State.LOW if self.run_out_time <= now + LEAD else State.ENOUGH


UNKNOWN = Outlook(None, None, fell_behind=False)


def measured(amount: Amount, strength: Amount | None) -> Amount:
    """An amount as substance (mg, international units) where that can be told, else as it is; two can be compared when
    their units are the same."""
    held = substance(amount, strength) if strength else None
    plain = Amount(amount.value, "{tablet}") if amount.unit == "{capsule}" else amount
    return held or plain


def look_ahead(lots: Sequence[Lot], taken: Sequence[Taken], now: datetime, zone: ZoneInfo) -> Outlook:
    """From all that was dispensed, the oldest first. The doses of the day of a delivery count as taken of it."""
    spans = _spans(lots, now, zone)
    if spans is None:
        return UNKNOWN
    logged = _logged(spans, taken, now.astimezone(zone).date())
    left = Decimal(0)
    for span in spans:
        used = _used_as_logged(span, logged, zone) if logged else span.daily * _days(span.start, span.end)
        left = max(Decimal(0), left + span.lot.amount.value - used)
    run_out_time = now + timedelta(days=min(float(left / spans[-1].daily), _FAR_DAYS))
    basis = Basis.MEASURED if logged else Basis.ASSUMED
    return Outlook(run_out_time, basis, fell_behind=_fell_behind(spans, logged, now.astimezone(zone).date()))


@dataclass(frozen=True, slots=True)
class _Span:
    """The time from one delivery to the next, or to now."""

    lot: Lot
    start: datetime
    end: datetime
    first_day: date
    behind: date
    """The day behind its last one."""
    daily: Decimal


def _spans(lots: Sequence[Lot], now: datetime, zone: ZoneInfo) -> Sequence[_Span] | None:
    """None: the amounts cannot be added, or nobody knows how fast they are used."""
    rate = next((lot.daily for lot in lots if lot.daily), None)
    if rate is None or len({lot.amount.unit for lot in lots}) > 1:
        return None
    spans = []
    for lot, following in zip_longest(lots, lots[1:]):
        rate = lot.daily or rate
        end = following.time if following else max(now, lot.time)
        behind = following.time.astimezone(zone).date() if following else date.max
        spans.append(_Span(lot, lot.time, end, lot.time.astimezone(zone).date(), behind, rate))
    return spans


def _logged(spans: Sequence[_Span], taken: Sequence[Taken], today: date) -> Mapping[date, Decimal]:
    """How much was logged on each day, in the unit of the supply; nothing where the patient does not log it, or in
    units that cannot be compared."""
    logged: dict[date, Decimal] = defaultdict(Decimal)
    for dose in taken:
        for span in spans:
            if span.first_day <= dose.local_date < span.behind:
                amount = measured(dose.amount, span.lot.strength)
                if amount.unit != span.lot.amount.unit:
                    return {}
                logged[dose.local_date] += amount.value
    is_logging = any(day > today - timedelta(days=LOGGING_DAYS) for day in logged)
    return logged if is_logging else {}


def _used_as_logged(span: _Span, logged: Mapping[date, Decimal], zone: ZoneInfo) -> Decimal:
    """Before the patient began to log, by the calendar."""
    began = datetime.combine(min(logged), time(), zone)
    unlogged = span.daily * _days(span.start, min(began, span.end))
    return unlogged + sum((logged[day] for day in logged if span.first_day <= day < span.behind), Decimal(0))


def _fell_behind(spans: Sequence[_Span], logged: Mapping[date, Decimal], today: date) -> bool:
    """Over the last whole days, where the patient has logged for so long."""
    start = today - timedelta(days=LOGGING_DAYS)
    if not logged or min(logged) > start:
        return False
    daily = min(span.daily for span in spans if span.behind > start)
    taken = sum((amount for day, amount in logged.items() if start <= day < today), Decimal(0))
    return taken < _ENOUGH * daily * LOGGING_DAYS


def _days(start: datetime, end: datetime) -> Decimal:
    return max(Decimal(0), Decimal((end - start).total_seconds()) / 86_400)
