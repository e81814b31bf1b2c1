"""All keys of a window and its pages, gathered from what is there."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from clients.clinician.views.parts import column, label
from clients.clinician.views.shell.overlay import Overlay
from clients.clinician.views.theme import RADIUS, SPACE, font, theme

_WIDTH = 560
_MOST_PIXELS = 640


class Help(Overlay):
    """Lists every key that does something in the window: shortcuts (`views/keys.py`), and actions that have one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, _WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setAccessibleName(self.tr("Keys"))
        self.fill(column(label(self.tr("Keys"), "heading"), self._area, label(self.tr("Esc closes"), "muted")))

    def open(self) -> None:
        inside, grid = QWidget(), QGridLayout()
        inside.setProperty("role", "page")
        grid.setContentsMargins(0, SPACE, SPACE, SPACE)
        grid.setVerticalSpacing(SPACE)
        grid.setHorizontalSpacing(3 * SPACE)
        grid.setColumnStretch(1, 1)
        for line, (does, keys) in enumerate(self._keys().items()):
            key = label("  ".join(keys))
            key.setFont(font(12, QFont.Weight.Bold))
            key.setStyleSheet(f"background: {theme().raised}; border-radius: {RADIUS // 2}px; padding: 3px 8px;")
            grid.addWidget(key, line, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(label(does, wraps=True), line, 1)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid)
        layout.addStretch(1)
        self._area.setWidget(inside)
        self._area.setMinimumHeight(min(_MOST_PIXELS, inside.sizeHint().height() + 2))
        super().open()

    def _keys(self) -> dict[str, list[str]]:
        found = dict[str, list[str]]()
        window = self.window()
        for shortcut in window.findChildren(QShortcut):
            if shortcut.isEnabled():
                found.setdefault(shortcut.whatsThis(), []).extend(_named(shortcut.keys()))
        for action in window.findChildren(QAction):
            if action.text() and action.shortcuts():
                found.setdefault(action.text().replace("&", ""), []).extend(_named(action.shortcuts()))
        return found


def _named(keys: list[QKeySequence]) -> list[str]:
    return [key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys]
