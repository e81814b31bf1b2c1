"""The bands of the figures: names, colours, edges."""

from apricot.glucose.v1.report_pb2 import (
    GLUCOSE_BAND_HIGH,
    GLUCOSE_BAND_IN_RANGE,
    GLUCOSE_BAND_LOW,
    GLUCOSE_BAND_VERY_HIGH,
    GLUCOSE_BAND_VERY_LOW,
    TARGET_PRESET_PREGNANCY,
    BandShare,
    GlucoseBand,
    TargetPreset,
)
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from clients.clinician.models.settings import Unit
from clients.clinician.views.patient.frame import edges
from clients.clinician.views.theme import theme
from clients.readings.levels import Level
from glycemia.units import MG_PER_DL_PER_MMOL_PER_L

LEVELS: dict[GlucoseBand.ValueType, Level] = {
    GLUCOSE_BAND_VERY_HIGH: Level.VERY_HIGH,
    GLUCOSE_BAND_HIGH: Level.HIGH,
    GLUCOSE_BAND_IN_RANGE: Level.IN_RANGE,
    GLUCOSE_BAND_LOW: Level.LOW,
    GLUCOSE_BAND_VERY_LOW: Level.VERY_LOW,
}
"""From the top."""
_PREGNANCY = {Unit.MG_PER_DL: (63.0, 140.0), Unit.MMOL_PER_L: (3.5, 7.8)}


def target(preset: TargetPreset.ValueType, unit: Unit) -> tuple[float, float]:
    """The target range in mg/dL, by the edges of the unit that is shown."""
    if preset != TARGET_PRESET_PREGNANCY:
        return edges(unit)[1:3]
    factor = 1.0 if unit is Unit.MG_PER_DL else MG_PER_DL_PER_MMOL_PER_L
    low, high = _PREGNANCY[unit]
    return low * factor, high * factor


def percent_of(shares: list[BandShare], *bands: GlucoseBand.ValueType) -> float:
    """Of these together."""
    return sum(share.percent for share in shares if share.band in bands)


def paint_stack(painter: QPainter, rect: QRectF, shares: list[BandShare]) -> dict[GlucoseBand.ValueType, QRectF]:
    """The shares one on top of the other; where each is. What is there is a pixel high at least."""
    top, places = rect.top(), dict[GlucoseBand.ValueType, QRectF]()
    for band, level in LEVELS.items():
        percent = percent_of(shares, band)
        height = max(rect.height() * percent / 100, 1.0 if percent else 0.0)
        places[band] = QRectF(rect.left(), top, rect.width(), height)
        painter.fillRect(places[band], QColor(theme().of_level(level)))
        top += height
    return places
