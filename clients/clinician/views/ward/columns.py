"""Where each thing of a row stands; the heads above and the rows below share it."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from clients.clinician.views.theme import SPACE

ROW_PIXELS = 52
_GAP = 2 * SPACE
_STATUS, _VALUE, _AGE, _SHARE = 128, 128, 96, 168
_NAME_PART, _TRACE_PART, _ALERT_PART = 5, 7, 6
_NARROW_PIXELS = 1000
"""Below it the share of 24 hours gives way: names, curves and alerts need the room."""
_NARROW_PARTS = 8, 5, 8


@dataclass(frozen=True)
class Column:
    """From where, and how wide."""

    left: float
    width: float


@dataclass(frozen=True)
class Columns:
    """Of one width of the list."""

    status: Column
    name: Column
    value: Column
    trace: Column
    age: Column
    alert: Column
    share: Column


@lru_cache(maxsize=8)
def columns(width: int) -> Columns:
    """Names, curves and alerts share what the others leave. A column that has no room is 0 wide."""
    narrow = width < _NARROW_PIXELS
    share = 0 if narrow else _SHARE
    free = max(width - _STATUS - _VALUE - _AGE - share - 8 * _GAP, 360)
    parts = _NARROW_PARTS if narrow else (_NAME_PART, _TRACE_PART, _ALERT_PART)
    name, trace, alert = (free * part / sum(parts) for part in parts)
    widths = _STATUS, name, _VALUE, trace, _AGE, alert, share
    placed, left = [], float(_GAP)
    for each in widths:
        placed.append(Column(left, each))
        left += each + _GAP
    return Columns(*placed)


def heads(unit: str) -> list[tuple[str, str, str]]:
    """Of each column in order: its field in `Columns`, its head, and what it means."""
    return [
        (
            "status",
            QCoreApplication.translate("Words", "Level"),
            QCoreApplication.translate(
                "Words", "By the newest reading, as long as it is at most 15 minutes old (Battelino 2019)"
            ),
        ),
        ("name", QCoreApplication.translate("Words", "Patient"), ""),
        (
            "value",
            unit,
            QCoreApplication.translate(
                "Words", "The newest reading, its trend over 15 minutes, and the change since the reading before"
            ),
        ),
        (
            "trace",
            QCoreApplication.translate("Words", "3 hours"),
            QCoreApplication.translate(
                "Words",
                "A sensor's readings as a line, fingersticks as rings; the band is the target range, 70–180 mg/dL",
            ),
        ),
        ("age", QCoreApplication.translate("Words", "Measured"), ""),
        ("alert", QCoreApplication.translate("Words", "Alert"), ""),
        (
            "share",
            QCoreApplication.translate("Words", "24 hours in range"),
            QCoreApplication.translate(
                "Words",
                "The platform's share of readings in each band, from 24 hours ago until now, at most five minutes old; "
                "paler where less than 70 % of a sensor's readings came. A dash: there is no reading, or the "
                "patient does not share reports with you.",
            ),
        ),
    ]
