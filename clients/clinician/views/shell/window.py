"""A window: the pages, how to get to them, and whether what they show is true."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from clients.clinician.models.workplace import Workplace
from clients.clinician.views.parts import column, row
from clients.clinician.views.shell.connection_badge import ConnectionBadge
from clients.clinician.views.theme import SPACE

_RAIL_PIXELS = 88


class Window(QMainWindow):
    """One of any number; each shows what the workplace's models know."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self._workplace = workplace
        self._pages = QStackedWidget()
        self._rail = QVBoxLayout()
        self._rail.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        rail = QWidget()
        rail.setFixedWidth(_RAIL_PIXELS)
        rail.setLayout(column(self._rail, None, ConnectionBadge(workplace.desk)))
        self._notices = QVBoxLayout()
        """Above the pages: what must not be hidden by any of them."""
        page = QWidget()
        page.setLayout(row(rail, column(self._notices, self._pages, spacing=0), spacing=0))
        self.setCentralWidget(page)
        self.setWindowTitle(self.tr("Apricot 杏林"))
        self.resize(1440, 900)

    def add_page(self, name: str, page: QWidget, key: str) -> QToolButton:
        """A page of the rail, and its shortcut; the button, for a badge."""
        place = self._pages.addWidget(page)
        button = QToolButton()
        button.setText(name)
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setProperty("role", "quiet")
        button.setToolTip(f"{name} ({key})")
        button.setFixedWidth(_RAIL_PIXELS - 2 * SPACE)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.clicked.connect(lambda: self._pages.setCurrentIndex(place))
        QShortcut(QKeySequence(key), self, button.click)
        button.setChecked(place == 0)
        self._rail.addWidget(button)
        return button
