"""Keys. Each says what it does, so that the help lists it (`shell/help.py`)."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def add_key(of: QWidget, keys: str, does: str, pressed: Callable[[], object], *, from_anywhere: bool = False) -> None:
    """A key of a widget while the focus is in it; or, `from_anywhere`, while it is shown in the active window."""
    made = QShortcut(QKeySequence(keys), of)
    made.setWhatsThis(does)
    if not from_anywhere:
        made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    made.activated.connect(pressed)
