"""What of a patient's data a caller may see: scopes, each with the ranges of the data's own time that grants open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from apricot.access.v1.access_pb2 import Scope

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
END = datetime(9999, 12, 31, tzinfo=UTC)

type Range = tuple[datetime, datetime]
"""From an instant (included) to another (excluded)."""
ALWAYS: Range = BEGINNING, END


@dataclass(frozen=True, slots=True)
class Window:
    """One scope, from an instant (included) to another (excluded)."""

    scope: Scope.ValueType
    start_time: datetime = BEGINNING
    end_time: datetime = END


@dataclass(frozen=True, slots=True)
class View:
    """Everything that live grants open to one caller; two windows of a scope add up."""

    windows: frozenset[Window]

    def allows(self, scope: Scope.ValueType) -> bool:
        """Whether there is any window of the scope."""
        return any(window.scope == scope for window in self.windows)

    def allows_any(self, scopes: Iterable[Scope.ValueType]) -> bool:
        """Whether there is any window of any of these scopes."""
        return any(self.allows(scope) for scope in scopes)

    def shows(self, scope: Scope.ValueType, instant: datetime) -> bool:
        """Whether data of that instant may be seen."""
        return any(window.scope == scope and window.start_time <= instant < window.end_time for window in self.windows)

    def ranges(self, scope: Scope.ValueType) -> list[Range]:
        """The scope's ranges in order, those that touch put together; empty: nothing may be seen."""
        merged: list[Range] = []
        for start, end in sorted((w.start_time, w.end_time) for w in self.windows if w.scope == scope):
            if merged and start <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(merged[-1][1], end)
            else:
                merged.append((start, end))
        return merged

    def only(self, scopes: Iterable[Scope.ValueType]) -> "View":
        """What it opens by these scopes, in its shortest form: two that open the same are equal."""
        return View(frozenset(Window(scope, *found) for scope in scopes for found in self.ranges(scope)))


EVERYTHING = View(frozenset(Window(scope) for scope in Scope.values() if scope))
"""The patient's own view."""
NOTHING = View(frozenset())
