"""A window: the pages, how to get to them, and whether what they show is true."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from clients.clinician.models.workplace import Workplace
from clients.clinician.views import identity_words
from clients.clinician.views.dialogs import show_beside
from clients.clinician.views.ending import ended_by_qt
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import column, row
from clients.clinician.views.shell.connection_badge import ConnectionBadge
from clients.clinician.views.shell.cover import Cover
from clients.clinician.views.shell.help import Help
from clients.clinician.views.shell.icons import Icon
from clients.clinician.views.shell.quick_open import QuickOpen
from clients.clinician.views.shell.rail_button import RailButton
from clients.clinician.views.shell.toast import Toast
from clients.clinician.views.theme import SPACE

_RAIL_PIXELS = 88
_FIRST_SIZE = QSize(1440, 900)
_FRAME_PIXELS = 40
"""Of the title bar that the desktop puts above a window."""


@dataclass(frozen=True)
class Place:
    """Where a window is: a page of the rail, or a patient."""

    page: int = 0
    patient_id: str = ""


class Window(QMainWindow):
    """One of any number; each shows what the workplace's models know. `Windows` makes them; closed, it ends."""

    window_asked = Signal(object)
    """Another one, at a Place."""
    settings_asked = Signal()
    moved_on = Signal()
    """It shows another page or patient."""
    closed = Signal()

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ended_by_qt(self)
        self._workplace = workplace
        self._make_patient: Callable[[str], QWidget] | None = None
        self._patient_page: QWidget | None = None
        self._patient_id = ""
        self._buttons: list[RailButton] = []
        self._page = 0
        self._pages = QStackedWidget()
        self._rail = QVBoxLayout()
        self._rail.setSpacing(4)
        self._rail.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        self._content = QWidget()
        self._notices = QVBoxLayout()
        """Above the pages: what must not be hidden by any of them."""
        self._notices.setContentsMargins(0, 0, 0, 0)
        self._content.setLayout(row(self._make_rail(), column(self._notices, self._pages, spacing=0), spacing=0))
        self._cover: Cover | None = None
        self._focus: QWidget | None = None
        self._toast = Toast(self._content, workplace.desk.problems)
        self._quick_open = QuickOpen(self._content, workplace.desk.feed)
        self._quick_open.chosen.connect(self.open_patient)
        self._quick_open.chosen_apart.connect(self._open_apart)
        self._help = Help(self._content)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._content)
        self.setCentralWidget(self._stack)
        self._add_keys()
        self._name_window()
        self.is_last: Callable[[], bool] = lambda: False
        """Whether alarms end with it; `Windows` knows."""
        self._end_question: QMessageBox | None = None
        self._may_end = False
        self.resize(first_size(self.screen().availableSize()))
        workplace.desk.feed.patients_changed.connect(self._name_window)
        workplace.lock.changed.connect(self._cover_or_show)
        self._cover_or_show()

    @property
    def place(self) -> Place:
        """What it shows."""
        return Place(self._page, self._patient_id)

    def add_page(self, name: str, page: QWidget, key: str, icon: Icon) -> RailButton:
        """A page of the rail, and its shortcut; the button, for a badge."""
        place = self._pages.addWidget(page)
        button = RailButton(name, icon)
        button.setToolTip(f"{name} ({QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)})")
        button.clicked.connect(lambda: self._go(place))
        self.add_key(key, name, button.click)
        button.setChecked(place == self._page)
        if place == self._page:
            page.setFocus()
        self._buttons.append(button)
        self._rail.addWidget(button)
        return button

    def set_patient_page(self, make: Callable[[str], QWidget]) -> None:
        """Makes the page of a patient, by the id; it is shown in place of a page of the rail."""
        self._make_patient = make

    def add_notice(self, notice: QWidget) -> None:
        """Above the pages, whatever they show; its height never changes, so that they stand still."""
        self._notices.addWidget(notice)

    def add_key(self, key: str, does: str, pressed: Callable[[], object]) -> None:
        """A key of the window; Help lists what it does. While the window is covered no key acts."""
        add_key(self._content, key, does, pressed, from_anywhere=True)

    def open_patient(self, patient_id: str) -> None:
        """Show the patient here."""
        if self._make_patient is None or not patient_id:
            return
        self._leave_patient()
        self._patient_page, self._patient_id = self._make_patient(patient_id), patient_id
        self._pages.addWidget(self._patient_page)
        self._pages.setCurrentWidget(self._patient_page)
        self._moved()

    def go(self, place: Place) -> None:
        """Show this."""
        if 0 <= place.page < len(self._buttons):
            self._buttons[place.page].setChecked(True)
            self._go(place.page)
        self.open_patient(place.patient_id)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The last window asks first: no alarm is heard without it."""
        if self.is_last() and not self._may_end:
            event.ignore()
            self._ask_to_end()
            return
        super().closeEvent(event)
        self.closed.emit()

    def _ask_to_end(self) -> None:
        if self._end_question is not None:
            self._end_question.raise_()
            return
        self._end_question = box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(self.tr("Close the app?"))
        waiting = len(self._workplace.alerts.pressing)
        told = self.tr("Alarms stop until you open it again.")
        if waiting:
            one, many = self.tr("1 urgent alert is waiting."), self.tr("{count} urgent alerts are waiting.")
            told = f"{one if waiting == 1 else many.format(count=waiting)} {told}"
        box.setInformativeText(told)
        end = box.addButton(self.tr("Close, without alarms"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(self.tr("Keep open"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        end.clicked.connect(self._end)
        box.finished.connect(self._forget_question)
        show_beside(box)

    def _end(self) -> None:
        self._may_end = True
        self.close()

    def _forget_question(self) -> None:
        self._end_question = None

    def _make_rail(self) -> QWidget:
        rail, desk = QWidget(), self._workplace.desk
        rail.setFixedWidth(_RAIL_PIXELS)
        below = QVBoxLayout()
        below.setSpacing(4)
        below.setContentsMargins(SPACE, 0, SPACE, SPACE)
        for name, icon, key, pressed in (
            (self.tr("Settings"), Icon.SETTINGS, "Ctrl+,", self.settings_asked.emit),
            (self.tr("Lock"), Icon.LOCK, "Ctrl+L", self._workplace.lock.lock),
        ):
            button = RailButton(name, icon, checkable=False)
            button.setToolTip(f"{name} ({QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)})")
            button.clicked.connect(lambda _=False, pressed=pressed: pressed())
            below.addWidget(button)
            self.add_key(key, name, pressed)
        badge = ConnectionBadge(desk)
        badge.setContentsMargins(4, SPACE, 4, 2 * SPACE)
        rail.setLayout(column(self._rail, None, badge, below, spacing=0))
        return rail

    def _add_keys(self) -> None:
        self.add_key("Ctrl+K", self.tr("Find a patient or a command"), self._quick_open.open)
        self.add_key("Ctrl+N", self.tr("New window"), lambda: self.window_asked.emit(self.place))
        self.add_key("Ctrl+W", self.tr("Close this window"), self.close)
        self.add_key("F1", self.tr("Show all keys"), self._help.toggle)
        self.add_key("?", self.tr("Show all keys"), self._help.toggle)

    def _go(self, page: int) -> None:
        self._page = page
        self._leave_patient()
        self._pages.setCurrentIndex(page)
        self._moved()

    def _leave_patient(self) -> None:
        if self._patient_page is not None:
            self._pages.removeWidget(self._patient_page)
            self._patient_page.deleteLater()
        self._patient_page, self._patient_id = None, ""

    def _open_apart(self, patient_id: str) -> None:
        self.window_asked.emit(Place(self._page, patient_id))

    def _moved(self) -> None:
        if page := self._pages.currentWidget():
            page.setFocus()
        self._name_window()
        self.moved_on.emit()

    def _name_window(self) -> None:
        app = self.tr("Apricot 杏林")
        shown = self._patient_id and not self._workplace.lock.locked
        feed = self._workplace.desk.feed
        name = identity_words.name(feed.identity(self._patient_id)) if shown else ""
        self.setWindowTitle(f"{name} – {app}" if name else app)

    def _cover_or_show(self) -> None:
        """The content goes out of sight, for screen readers too, and keeps all that was typed."""
        locked = self._workplace.lock.locked
        if locked and self._cover is None:
            self._focus = self.focusWidget()
            self._cover = Cover(self._workplace)
            self._stack.setCurrentIndex(self._stack.addWidget(self._cover))
            self._cover.setFocus()
        elif not locked and self._cover is not None:
            self._stack.removeWidget(self._cover)
            self._cover.deleteLater()
            self._cover = None
            if self._focus is not None:
                self._focus.setFocus()
            self._focus = None
        self._name_window()


def first_size(available: QSize) -> QSize:
    """Return how large a window begins: all of it fits on the screen, with its title bar."""
    return _FIRST_SIZE.boundedTo(available - QSize(0, _FRAME_PIXELS))
