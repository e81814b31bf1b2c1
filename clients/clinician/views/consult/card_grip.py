"""Where a card of the patient's record is taken hold of: dragged into a talk, or copied and pasted there."""

from collections.abc import Callable

from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QDrag, QGuiApplication, QIcon, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip, QWidget

from clients.clinician.views.consult import cards
from clients.clinician.views.consult.cards import PatientCard
from clients.clinician.views.parts import card, label
from clients.clinician.views.theme import theme

type Offered = Callable[[], PatientCard | None]
"""The card of this moment; None: there is nothing to take hold of."""

_ICON_PIXELS = 14


class CardSource:
    """Lets a card be dragged out of a widget, which tells it what its mouse does."""

    def __init__(self, widget: QWidget, offered: Offered) -> None:
        self._widget = widget
        self._offered = offered
        self._pressed_at: QPoint | None = None
        widget.setCursor(Qt.CursorShape.OpenHandCursor)

    def drag(self) -> QDrag | None:
        """Ready for `exec`: a composer takes it."""
        if (offered := self._offered()) is None:
            return None
        made = QDrag(self._widget.window())  # the widget may be made anew while it is dragged
        made.setMimeData(cards.card_mime(offered))
        made.setPixmap(picture_of(offered))
        made.setHotSpot(QPoint(0, 0))
        return made

    def press(self, event: QMouseEvent) -> None:
        """It may be the beginning of a drag."""
        left = event.button() is Qt.MouseButton.LeftButton
        self._pressed_at = event.position().toPoint() if left else None

    def begins(self, event: QMouseEvent) -> bool:
        """Whether with this move of the mouse it is a drag."""
        if self._pressed_at is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return False
        moved = event.position().toPoint() - self._pressed_at
        return moved.manhattanLength() >= QApplication.startDragDistance()

    def carry(self) -> None:
        """Until it is dropped. Qt's own loop turns meanwhile, and asyncio's with it."""
        self._pressed_at = None
        if (drag := self.drag()) is not None:
            drag.exec(Qt.DropAction.CopyAction)


class CardGrip(QPushButton):
    """A handle: dragged it is the card; pressed, the card is copied."""

    def __init__(self, offered: Offered) -> None:
        super().__init__(self.tr("Card"))
        self._offered = offered
        self.source = CardSource(self, offered)
        self.setProperty("role", "quiet")
        self.setToolTip(self.tr("Drag it into a conversation, or press to copy it"))
        self.setWhatsThis(self.toolTip())
        self.setAccessibleName(self.tr("Card for a conversation: press to copy it"))
        self.setIcon(_dots())
        self.setIconSize(QSize(_ICON_PIXELS, _ICON_PIXELS))
        self.clicked.connect(self._copy)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self.source.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if self.source.begins(event):
            self.setDown(False)  # what is dragged was not pressed
            self.source.carry()

    def _copy(self) -> None:
        if (found := self._offered()) is not None:
            QGuiApplication.clipboard().setMimeData(cards.card_mime(found))
            QToolTip.showText(
                self.mapToGlobal(self.rect().bottomLeft()), self.tr("Copied: paste it into the conversation"), self
            )


def forget_copied() -> None:
    """For the app's end: a card that was copied goes with it. Nobody shall paste it afterwards; and what Python made Qt
    cannot end once Python has ended."""
    clipboard = QGuiApplication.clipboard()
    held: QMimeData | None = clipboard.mimeData()  # none: nothing was copied yet
    if held is not None and cards.card_of(held) is not None:
        clipboard.setText("")  # `clear` leaves it there on some platforms


def picture_of(of: PatientCard) -> QPixmap:
    """As it hangs at the mouse; without a name, for it is dragged across screens."""
    made = card(label(cards.title(of.card), "heading"), label(cards.detail(of.card), "muted"), spacing=2)
    made.adjustSize()
    return made.grab()


def _dots() -> QIcon:
    ratio = QApplication.primaryScreen().devicePixelRatio()
    pixmap = QPixmap(round(_ICON_PIXELS * ratio), round(_ICON_PIXELS * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("muted"))
    for x in 4.5, 9.5:
        for y in 2.5, 7.0, 11.5:
            painter.drawEllipse(QPointF(x, y), 1.3, 1.3)
    painter.end()
    return QIcon(pixmap)
