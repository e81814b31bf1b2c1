"""Small shapes of the timeline, drawn so that no font has to have them. Each fits into 16 by 16 around its middle."""

from enum import Enum

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath


class Icon(Enum):
    """What a step is of."""

    ALERT = "alert"
    DONE = "done"
    PASSED_ON = "passed on"
    RESOLVED = "resolved"
    WORDS = "words"
    PLAN = "plan"
    ACCEPTED = "accepted"
    DECLINED = "declined"


def path(icon: Icon) -> QPainterPath:
    """Lines to be stroked, about the origin."""
    drawn = QPainterPath()
    match icon:
        case Icon.ALERT:  # a triangle with a mark
            drawn.moveTo(0, -6)
            drawn.lineTo(6.5, 5)
            drawn.lineTo(-6.5, 5)
            drawn.closeSubpath()
            _lines(drawn, (0, -2), (0, 1.5))
            drawn.addEllipse(QPointF(0, 3.4), 0.3, 0.3)
        case Icon.DONE | Icon.ACCEPTED:
            _lines(drawn, (-4.5, 0), (-1.2, 3.4), (4.8, -3.6))
        case Icon.PASSED_ON:
            _lines(drawn, (-5.5, 0), (5, 0))
            _lines(drawn, (1, -4), (5.2, 0), (1, 4))
        case Icon.RESOLVED:
            drawn.addEllipse(QRectF(-4.5, -4.5, 9, 9))
        case Icon.WORDS:
            drawn.addRoundedRect(QRectF(-6, -5, 12, 8), 2, 2)
            _lines(drawn, (-3, 3), (-3, 6), (0.5, 3))
        case Icon.PLAN:
            drawn.addRoundedRect(QRectF(-5, -6, 10, 12), 1.5, 1.5)
            for height in (-2.5, 0.5, 3):
                _lines(drawn, (-2.5, height), (2.5, height))
        case Icon.DECLINED:
            _lines(drawn, (-4, -4), (4, 4))
            _lines(drawn, (4, -4), (-4, 4))
    return drawn


def _lines(drawn: QPainterPath, *points: tuple[float, float]) -> None:
    drawn.moveTo(*points[0])
    for point in points[1:]:
        drawn.lineTo(*point)
