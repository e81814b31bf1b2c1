"""Two revisions of a plan side by side, in the plan's own structure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from apricot.glucose.v1.plan_pb2 import PlanContent, PlannedCheck, PlannedMedicine

type Value = PlannedMedicine | PlannedCheck | int | str


class Section(Enum):
    """A part of a plan, in the order in which one reads it."""

    TARGETS = "targets"
    MEDICINES = "medicines"
    CHECKS = "checks"
    MEALS = "meal_advice"
    EXERCISE = "exercise_advice"
    NOTES = "notes"
    TIME_ZONE = "time_zone"


class Difference(Enum):
    """What became of a line."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Line:
    """One thing that a plan says, before and after; None where it says nothing."""

    section: Section
    field: str
    """The contract's name in its section, such as "in_range_percent"; "" where the section is a list or a text."""
    old: Value | None
    new: Value | None
    fields: tuple[str, ...] = ()
    """Of a medicine or a check: what of it has changed, by the contract's names."""

    @property
    def difference(self) -> Difference:
        if self.old is None:
            return Difference.ADDED
        if self.new is None:
            return Difference.REMOVED
        return Difference.SAME if self.old == self.new else Difference.CHANGED

    def turned(self) -> "Line":
        """The way back."""
        return Line(self.section, self.field, self.new, self.old, self.fields)


def compare(old: PlanContent, new: PlanContent) -> list[Line]:
    """What was added, removed and changed."""
    return [line for line in align(old, new) if line.difference is not Difference.SAME]


def align(old: PlanContent, new: PlanContent) -> list[Line]:
    """All that either says, line by line. The order of medicines, checks, times and days says nothing."""
    return [
        *_numbers(Section.TARGETS, old, new, _TARGETS),
        *_lists(Section.MEDICINES, old.medicines, new.medicines, _medicine, _by_name),
        *_lists(Section.CHECKS, old.checks, new.checks, _check, lambda check: str(check.minute_of_day)),
        *_numbers(Section.MEALS, old, new, ("carbohydrate_g_per_day", "carbohydrate_g_per_meal", "advice")),
        *_numbers(Section.EXERCISE, old, new, ("minutes_per_week", "advice")),
        *_line(Section.NOTES, "", old.notes.strip() or None, new.notes.strip() or None),
        *_line(Section.TIME_ZONE, "", old.time_zone or None, new.time_zone or None),
    ]


_TARGETS = "range_low_mg_per_dl", "range_high_mg_per_dl", "in_range_percent", "below_range_percent"


def _numbers(section: Section, old: PlanContent, new: PlanContent, names: Iterable[str]) -> Iterable[Line]:
    for name in names:
        yield from _line(section, name, _said(old, section, name), _said(new, section, name))


def _said(content: PlanContent, section: Section, name: str) -> Value | None:
    """None where nothing is said: no budget, no goal, no words. A target of 0 percent below range is one."""
    if not content.HasField(section.value):  # type: ignore[arg-type]
        return None
    value: int | str = getattr(getattr(content, section.value), name)
    if section is Section.TARGETS:
        return value
    return (value.strip() if isinstance(value, str) else value) or None


def _line(section: Section, field: str, old: Value | None, new: Value | None) -> Iterable[Line]:
    if old is not None or new is not None:
        yield Line(section, field, old, new)


def _lists[M: (PlannedMedicine, PlannedCheck)](
    section: Section, old: Iterable[M], new: Iterable[M], plain: Callable[[M], M], key: Callable[[M], str]
) -> Iterable[Line]:
    """Those with one key belong together: first the equal ones, then the others in their order."""
    groups: dict[str, tuple[list[M], list[M]]] = defaultdict(lambda: ([], []))
    for side, messages in enumerate((old, new)):
        for message in messages:
            groups[key(message)][side].append(plain(message))
    for before, after in groups.values():
        for message in list(before):
            if message in after:
                before.remove(message)
                after.remove(message)
                yield Line(section, "", message, message)
        for one, other in zip(before, after, strict=False):
            yield Line(section, "", one, other, _fields(one, other))
        for message in before[len(after) :]:
            yield Line(section, "", message, None)
        for message in after[len(before) :]:
            yield Line(section, "", None, message)


def _fields[M: (PlannedMedicine, PlannedCheck)](one: M, other: M) -> tuple[str, ...]:
    names = (field.name for field in one.DESCRIPTOR.fields)
    return tuple(name for name in names if getattr(one, name) != getattr(other, name))


def _by_name(medicine: PlannedMedicine) -> str:
    return medicine.name.strip().casefold()


def _medicine(medicine: PlannedMedicine) -> PlannedMedicine:
    """As it is meant: 4.0 is 4, and every day of the week is every day."""
    plain = PlannedMedicine()
    plain.CopyFrom(medicine)
    plain.name, plain.instructions = medicine.name.strip(), medicine.instructions.strip()
    if "." in medicine.amount.value:
        plain.amount.value = medicine.amount.value.rstrip("0").rstrip(".")
    plain.minutes_of_day[:] = sorted(medicine.minutes_of_day)
    plain.weekdays[:] = _days(medicine.weekdays)
    return plain


def _check(check: PlannedCheck) -> PlannedCheck:
    plain = PlannedCheck()
    plain.CopyFrom(check)
    plain.weekdays[:] = _days(check.weekdays)
    return plain


def _days(weekdays: Sequence[int]) -> list[int]:
    return [] if len(weekdays) == 7 else sorted(weekdays)
