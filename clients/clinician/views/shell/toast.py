"""What went wrong, told quietly: one notice at a time, below, away from what is urgent above."""

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QWidget

from clients.clinician.models.problems import Problems
from clients.clinician.views import words
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import label, row
from clients.clinician.views.shell import icons
from clients.clinician.views.shell.icons import Icon
from clients.clinician.views.theme import SPACE, theme
from clients.sdk import ApricotError, Reason

_SHOWN_MILLISECONDS = 12_000
_MOST_PIXELS = 440


class Toast(QFrame):
    """In a corner of its parent; the newest takes the place of the one before."""

    def __init__(self, parent: QWidget, problems: Problems) -> None:
        super().__init__(parent)
        self._whole = parent
        self.setProperty("role", "card")
        self._text = label(wraps=True)
        close = _Close()
        close.setToolTip(self.tr("Dismiss (Esc)"))
        close.setAccessibleName(self.tr("Dismiss this notice"))
        close.clicked.connect(self.hide)
        self._layout = layout = row(self._text, close, spacing=SPACE)
        layout.setContentsMargins(2 * SPACE, SPACE + 4, SPACE, SPACE + 4)
        layout.setAlignment(close, Qt.AlignmentFlag.AlignTop)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        # While it is hidden, Esc is others'.
        add_key(self, "Esc", self.tr("Dismiss the notice"), self.hide, from_anywhere=True)
        self._timer = QTimer(self, singleShot=True, interval=_SHOWN_MILLISECONDS)
        self._timer.timeout.connect(self._fade)
        parent.installEventFilter(self)
        self.hide()
        problems.told.connect(self._told)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def say(self, text: str) -> None:
        """Show it for a while."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _told(self, error: ApricotError) -> None:
        if error.reason != Reason.REASON_SESSION_ENDED:  # that leads to the sign-in, which says it
            self.say(words.problem(error))

    def _fade(self) -> None:
        if self.underMouse():
            self._timer.start()
        else:
            self.hide()

    def _place(self) -> None:
        parent = self._whole
        width = min(_MOST_PIXELS, parent.width() - 4 * SPACE)
        self.setFixedWidth(width)
        height = self._layout.totalHeightForWidth(width)
        self.setFixedHeight(height)
        self.move(parent.width() - width - 2 * SPACE, parent.height() - height - 2 * SPACE)


class _Close(QAbstractButton):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(QSize(24, 24))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def paintEvent(self, _: QPaintEvent) -> None:
        color = theme().color("accent" if self.hasFocus() else "text" if self.underMouse() else "muted")
        icons.paint(QPainter(self), Icon.CLOSE, QRectF(4, 4, 16, 16), color)
