"""A patient or a command by a part of its name: Enter opens the one and does the other."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QLineEdit, QListView, QWidget

from clients.clinician.models.feed import Feed
from clients.clinician.views import identity_words
from clients.clinician.views.parts import column, label
from clients.clinician.views.shell.overlay import Overlay

_WIDTH = 520
_ROWS = 9
_ROW_PIXELS = 36
_PATIENT_ID, _COMMAND = Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
_MOVES = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


class QuickOpen(Overlay):
    """Over the patients who granted her access, then the keys that act where she is."""

    chosen = Signal(str)
    chosen_apart = Signal(str)
    """In a window of its own, by Ctrl+Enter."""

    def __init__(self, parent: QWidget, feed: Feed) -> None:
        super().__init__(parent, _WIDTH)
        self._feed = feed
        self._all = QStandardItemModel(self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._all)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._text = QLineEdit()
        self._text.setPlaceholderText(self.tr("Patient or command"))
        self._text.setAccessibleName(self.tr("Patient or command"))
        self._text.textChanged.connect(self._filter)
        self._text.installEventFilter(self)
        self._list = QListView()
        self._list.setModel(self._found)
        self._list.setAccessibleName(self.tr("Found"))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformItemSizes(True)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setStyleSheet(
            f"QListView::item {{ height: {_ROW_PIXELS}px; padding-left: 8px; border-radius: 6px; }}"
        )
        self._list.clicked.connect(lambda: self._choose(apart=False))
        self._nobody = label(
            self.tr("Neither a patient who shares data with you nor a command has this name."), "muted", wraps=True
        )
        self.fill(
            column(
                self._text,
                self._nobody,
                self._list,
                label(self.tr("Enter opens · Ctrl+Enter in a window of its own · Esc closes"), "muted"),
            )
        )
        self.setFocusProxy(self._text)

    def open(self) -> None:
        self._all.clear()
        patients = self._feed.patients
        identities = [self._feed.identity(patient_id) for patient_id in patients]
        for identity in sorted(identities, key=lambda each: identity_words.name(each).casefold()):
            item = QStandardItem(f"{identity_words.name(identity)} · {identity_words.facts(identity)}")
            item.setData(identity.patient_id, _PATIENT_ID)
            self._all.appendRow(item)
        for shortcut in self._commands():
            keys = shortcut.key().toString(QKeySequence.SequenceFormat.NativeText)
            item = QStandardItem(f"{shortcut.whatsThis()} · {keys}")
            item.setData(shortcut, _COMMAND)
            self._all.appendRow(item)
        self._text.clear()
        self._filter("")
        super().open()

    def _commands(self) -> list[QShortcut]:
        """Return the keys that act now, each deed once; on the page that is shown, not below this one."""
        found = dict[str, QShortcut]()
        for shortcut in self.window().findChildren(QShortcut):
            of = shortcut.parent()
            if shortcut.isEnabled() and isinstance(of, QWidget) and of.isVisible() and not self.isAncestorOf(of):
                found.setdefault(shortcut.whatsThis(), shortcut)
        return list(found.values())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._text and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                self._list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(apart=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
                return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        self._found.setFilterFixedString(text.strip())
        first = self._found.index(0, 0)
        self._list.setCurrentIndex(first)
        self._nobody.setVisible(not first.isValid())
        self._list.setVisible(first.isValid())
        self._list.setFixedHeight(max(1, min(_ROWS, self._found.rowCount())) * _ROW_PIXELS)
        self.place()

    def _choose(self, *, apart: bool) -> None:
        index: QModelIndex = self._list.currentIndex()
        if not index.isValid():
            return
        patient_id, command = index.data(_PATIENT_ID), index.data(_COMMAND)
        self.close_over()
        if isinstance(command, QShortcut):
            command.activated.emit()
            return
        (self.chosen_apart if apart else self.chosen).emit(patient_id)
