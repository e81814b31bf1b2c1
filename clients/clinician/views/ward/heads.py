"""The heads above the rows."""

from typing import override

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QFont, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from clients.clinician.models.ward.order import By
from clients.clinician.models.ward.ward_model import WardModel
from clients.clinician.views.theme import SPACE, font, theme
from clients.clinician.views.ward.columns import columns, heads

_HEIGHT = 4 * SPACE


_ORDERS = {"status": By.NEED, "name": By.NAME, "value": By.VALUE, "age": By.AGE, "alert": By.NEED}
"""What a click on a head orders the rows by."""


class Heads(QWidget):
    """As wide as the rows; each tells in its tip what stands below it, and orders the rows when it is clicked."""

    def __init__(self, model: WardModel) -> None:
        super().__init__()
        self._model = model
        self._scroll_bar_pixels = 0
        self.setFixedHeight(_HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        model.narrowed.connect(self.update)
        self.setAccessibleName(", ".join(name for _, name, _ in heads(model.unit.value)))

    def leave_room(self, pixels: int) -> None:
        """For the scroll bar beside the rows."""
        self._scroll_bar_pixels = pixels
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("surface"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme().color("line"))
        painter.setFont(font(12, QFont.Weight.Bold))
        painter.setPen(theme().color("muted"))
        for field, name, _ in heads(self._model.unit.value):
            box = self._box(field)
            if not box.width():
                continue
            align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            if field == "value":
                box.setWidth(64)
                align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            if self._model.order.by is not By.NEED and _ORDERS.get(field) is self._model.order.by:
                name = f"{name} {'↓' if self._model.order.descending else '↑'}"
            painter.drawText(box, int(align), name)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            tip = self.tip_at(event.pos())
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        for field, by in _ORDERS.items():
            if event.button() is Qt.MouseButton.LeftButton and self._box(field).contains(at):
                self._model.order_by(by)

    def tip_at(self, point: QPoint) -> str:
        """What stands below there."""
        return next((tip for field, _, tip in heads(self._model.unit.value) if self._box(field).contains(point)), "")

    def _box(self, field: str) -> QRectF:
        column = getattr(columns(self.width() - self._scroll_bar_pixels), field)
        return QRectF(column.left, 0, column.width, self.height())
