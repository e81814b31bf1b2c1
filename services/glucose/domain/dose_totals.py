"""Doses added up: how much of each medicine was taken, in all and on each of the patient's days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class Medicine(NamedTuple):
    """What tells medicines apart: one of these is said."""

    atc_code: str = ""
    name: str = ""
    insulin_kind: int = 0


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose of the diary."""

    medicine: Medicine
    time: datetime
    local_date: date
    amount: Decimal
    unit: int
    """`DoseUnit`; 0: international units of insulin."""


@dataclass(slots=True)
class Sum:
    """Some doses together."""

    count: int = 0
    amounts: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """By unit: what is measured in different units cannot be added."""

    def add(self, dose: Dose) -> None:
        """One more."""
        self.count += 1
        self.amounts[dose.unit] += dose.amount


@dataclass(slots=True)
class Total:
    """What was taken of one medicine."""

    first_time: datetime
    last_time: datetime
    all: Sum = field(default_factory=Sum)
    days: dict[date, Sum] = field(default_factory=lambda: defaultdict(Sum))


def add_up(doses: Iterable[Dose]) -> Mapping[Medicine, Total]:
    """Each medicine's doses together, in whichever order they come."""
    totals: dict[Medicine, Total] = {}
    for dose in doses:
        total = totals.setdefault(dose.medicine, Total(dose.time, dose.time))
        total.first_time, total.last_time = min(total.first_time, dose.time), max(total.last_time, dose.time)
        total.all.add(dose)
        total.days[dose.local_date].add(dose)
    return totals
