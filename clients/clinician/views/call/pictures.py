"""Who is seen."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from clients.clinician.views.call.words import initials
from clients.clinician.views.theme import RADIUS, SPACE, font, theme

_DIMMED = 0.35
_AVATAR_SHARE = 0.38
_LARGEST_AVATAR = 176


class Picture(QWidget):
    """A picture as large as it goes; a name's initials where there is none; dimmed where it is old."""

    def __init__(self, *, mirrored: bool = False) -> None:
        super().__init__()
        self._mirrored = mirrored
        self._image: QImage | None = None
        self._name = ""
        self._note = ""

    @property
    def is_shown(self) -> bool:
        """Whether there is a picture, and not initials."""
        return self._image is not None

    @property
    def is_dimmed(self) -> bool:
        """Whether what it shows is old."""
        return bool(self._note)

    def show_image(self, image: QImage | None) -> None:
        """The next one; None: there is none any more."""
        self._image = image.flipped(Qt.Orientation.Horizontal) if image is not None and self._mirrored else image
        self.update()

    def tell(self, name: str, note: str = "") -> None:
        """Whose it is. A note says why it is old, over what is dimmed then."""
        self._name, self._note = name, note
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), theme().color("raised"))
        if self._note:
            painter.setOpacity(_DIMMED)
        if self._image is None:
            self._paint_avatar(painter)
        else:
            painter.fillRect(self.rect(), QColor("#000000"))
            painter.drawImage(self._fitted(self._image), self._image)
        painter.setOpacity(1)
        if self._note:
            self._paint_note(painter)
        painter.setPen(theme().color("line"))
        painter.drawPath(shape)

    def _paint_avatar(self, painter: QPainter) -> None:
        side = min(self.width() * _AVATAR_SHARE, self.height() * _AVATAR_SHARE, _LARGEST_AVATAR)
        circle = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("chosen"))
        painter.drawEllipse(circle)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme().color("accent"))
        painter.setFont(font(max(int(side * 0.36), 10), QFont.Weight.Bold))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, initials(self._name))

    def _paint_note(self, painter: QPainter) -> None:
        painter.setFont(font(15, QFont.Weight.Bold))
        text = QRectF(painter.fontMetrics().boundingRect(self._note)).adjusted(-2 * SPACE, -SPACE, 2 * SPACE, SPACE)
        text.moveCenter(QRectF(self.rect()).center())
        text.moveBottom(self.height() - 2 * SPACE)  # not over a face
        pill = QPainterPath()
        pill.addRoundedRect(text, text.height() / 2, text.height() / 2)
        painter.fillPath(pill, theme().color("surface"))
        painter.setPen(theme().color("text"))
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, self._note)

    def _fitted(self, image: QImage) -> QRectF:
        """Whole, in the middle."""
        size = image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())
