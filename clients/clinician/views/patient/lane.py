"""One sort of what goes with the glucose, ready to be drawn."""

from dataclasses import dataclass

import numpy as np
from apricot.access.v1.access_pb2 import Scope
from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT, Alert
from apricot.glucose.v1.entry_pb2 import Entry
from numpy.typing import NDArray

from clients.clinician.models.patient.chart import ChartModel
from clients.clinician.models.patient.record import time_of
from clients.clinician.views.patient import entry_words
from clients.clinician.views.patient.frame import Frame

LANE_PIXELS = 32
_MOST_CARBOHYDRATE_G, _MOST_UNITS = 100.0, 20.0
"""As high as a lane."""


@dataclass(frozen=True)
class Mark:
    """Something in a lane: from where to where."""

    item: Entry | Alert
    left: float
    right: float
    share: float
    """How high, of the lane."""


class Lane:
    """One sort, as columns that are kept as long as they are the same."""

    def __init__(self, model: ChartModel, name: str, scopes: tuple[Scope.ValueType, ...], *kinds: str) -> None:
        self._model = model
        self.name = name
        self._scopes = scopes
        self._kinds = kinds
        """Cases of `Entry.content`; none: alerts."""
        self.items: list[Entry] | list[Alert] = []
        self.begins = self.ends = self.shares = np.empty(0)
        self.told_apart = np.empty(0, bool)
        """Of insulin the basal doses, of alerts the urgent ones."""

    @property
    def is_open(self) -> bool:
        """Whether the patient shares any of it."""
        return any(self._model.opens(scope) for scope in self._scopes)

    @property
    def kind(self) -> str:
        """The first one; "alert"."""
        return self._kinds[0] if self._kinds else "alert"

    def refresh(self) -> None:
        """Take what has changed."""
        items = self._model.record.of_kind(*self._kinds) if self._kinds else self._model.alerts_in_order
        if items is self.items:
            return
        self.items = items
        columns = np.array([_columns_of(item) for item in items]).reshape(-1, 4)
        self.begins, self.ends, self.shares = columns[:, 0], columns[:, 1], columns[:, 2]
        self.told_apart = columns[:, 3] > 0

    def in_sight(self, frame: Frame) -> NDArray[np.intp]:
        """Their places."""
        return np.flatnonzero((self.ends >= frame.span.start) & (self.begins <= frame.span.end))

    def mark(self, frame: Frame, place: int) -> Mark:
        """One of them; what has not ended goes on until now."""
        end = min(float(self.ends[place]), max(frame.now, float(self.begins[place])))
        left = max(frame.x(float(self.begins[place])), frame.plot.left() if self.kind == "alert" else -1e6)
        return Mark(self.items[place], left, frame.x(end), float(self.shares[place]))


def _columns_of(item: Entry | Alert) -> tuple[float, float, float, float]:
    """Begin and end, seconds; how high, as a share of the lane; 1 when it is told apart."""
    if isinstance(item, Alert):
        end = item.resolve_time.ToNanoseconds() / 1e9 if item.HasField("resolve_time") else np.inf
        return item.raise_time.ToNanoseconds() / 1e9, end, 1.0, item.urgency == ALERT_URGENCY_URGENT
    begin = time_of(item) / 1e6
    share = item.meal.carbohydrate_g / _MOST_CARBOHYDRATE_G
    if item.HasField("insulin_dose"):
        share = float(item.insulin_dose.amount_units.value) / _MOST_UNITS
    basal = item.insulin_dose.kind in entry_words.BASAL
    return begin, begin + 60 * item.exercise.duration_minutes, share, basal


def bar_height(share: float) -> float:
    """In pixels."""
    return max(3.0, min(share, 1.0) * (LANE_PIXELS - 6))
