"""Met or not met, by a shape and a word."""

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from clients.clinician.views.theme import SPACE, font, theme

_MARK_PIXELS = 12


class Verdict(QWidget):
    """A tick with "met", or a cross with "not met"; nothing where there is no goal."""

    def __init__(self) -> None:
        super().__init__()
        self._met: bool | None = None
        self.tell(None)

    def tell(self, met: bool | None) -> None:
        """How it stands."""
        self._met = met
        self.setVisible(met is not None)
        self.setAccessibleName("" if met is None else self._word)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(int(_MARK_PIXELS + SPACE + QFontMetricsF(font(11)).horizontalAdvance(self._word)) + 2, 18)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(theme().good if self._met else theme().urgent)
        middle = self.height() / 2
        painter.setPen(QPen(colour, 2))
        if self._met:
            painter.drawPolyline([QPointF(1, middle), QPointF(5, middle + 4), QPointF(11, middle - 5)])
        else:
            painter.drawLine(QPointF(2, middle - 4), QPointF(10, middle + 4))
            painter.drawLine(QPointF(2, middle + 4), QPointF(10, middle - 4))
        painter.setFont(font(11))
        painter.drawText(QPointF(_MARK_PIXELS + SPACE / 2, middle + 4), self._word)

    @property
    def _word(self) -> str:
        return self.tr("met") if self._met else self.tr("not met")
