"""Small pieces that every page is made of."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from clients.clinician.views.theme import SPACE


def label(text: str = "", role: str = "", *, selectable: bool = False, wraps: bool = False) -> QLabel:
    """Text. `role`: title, heading, muted, value or problem (`theme.py`)."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setTextFormat(Qt.TextFormat.PlainText)  # what patients write is never markup
    made.setWordWrap(wraps)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def button(text: str, pressed: Callable[[], object], role: str = "", *, tip: str = "", name: str = "") -> QPushButton:
    """A button. `role`: primary, urgent or quiet. `name` is what a screen reader says; else its text."""
    made = QPushButton(text)
    made.setProperty("role", role)
    made.setToolTip(tip)
    made.setAccessibleName(name or text)
    made.clicked.connect(lambda: pressed())
    return made


class DropDown(QComboBox):
    """One of a few. The wheel over it scrolls the page, and changes no dose by accident."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def scrolling(page: QWidget, *, sideways: bool = True) -> QScrollArea:
    """A page that may be longer than there is room for; not `sideways`: it is never wider."""
    page.setProperty("role", "page")
    made = QScrollArea() if sideways else _Upright()
    made.setWidgetResizable(True)
    made.setFrameShape(QFrame.Shape.NoFrame)
    if not sideways:
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setWidget(page)
    return made


class _Upright(QScrollArea):
    """As wide as what is in it needs, beside its scroll bar."""

    def minimumSizeHint(self) -> QSize:
        page = self.widget()
        least = page.minimumSizeHint().width() if page is not None else 0
        return QSize(least + self.verticalScrollBar().sizeHint().width(), super().minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


def card(*parts: QWidget | QBoxLayout, spacing: int = SPACE) -> QFrame:
    """Things that belong together, one below the other, on a surface of their own."""
    made = QFrame()
    made.setProperty("role", "card")
    layout = column(*parts, spacing=spacing)
    layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
    made.setLayout(layout)
    return made


def column(*parts: QWidget | QBoxLayout | None, spacing: int = SPACE) -> QVBoxLayout:
    """One below the other; None takes what room is left."""
    return _filled(QVBoxLayout(), parts, spacing)


def row(*parts: QWidget | QBoxLayout | None, spacing: int = SPACE) -> QHBoxLayout:
    """Side by side; None takes what room is left."""
    return _filled(QHBoxLayout(), parts, spacing)


def line() -> QFrame:
    """A thin one across."""
    made = QFrame()
    made.setProperty("role", "line")
    return made


def show_if(wanted: bool, widget: QWidget) -> None:
    """Show or hide it. One that has no parent yet is shown with its parent to come: by itself it would be a window."""
    if not wanted or widget.parentWidget() is not None:
        widget.setVisible(wanted)


def restyle(widget: QWidget, role: str) -> None:
    """Give it another role."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _filled[L: QBoxLayout](layout: L, parts: tuple[QWidget | QBoxLayout | None, ...], spacing: int) -> L:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)
    return layout
