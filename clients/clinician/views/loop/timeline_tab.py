"""What happened, why, who answered and what came of it, on one line of time."""

from typing import Any

from PySide6.QtCore import QIdentityProxyModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QLabel, QListView, QPlainTextEdit, QPushButton, QWidget

from clients.clinician.models.loop.timeline import MOST_WORDS, Kind, TimelineModel
from clients.clinician.views.keys import add_key
from clients.clinician.views.loop import step_words
from clients.clinician.views.loop.step_delegate import StepDelegate
from clients.clinician.views.parts import button, card, column, label, row
from clients.clinician.views.theme import SPACE


class TimelineTab(QWidget):
    """Enter on a step answers it; Ctrl+Enter sends; Alt+1, 2, 3 show or hide a kind."""

    def __init__(self, model: TimelineModel) -> None:
        super().__init__()
        self._model = model
        self._kinds = {kind: self._filter(kind, place) for place, kind in enumerate(Kind, start=1)}
        self._zone = label("", "muted")
        self.list = _Steps(model)
        self._empty = label("", "muted", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._answered = label("", "muted", wraps=True)
        self._forget = button(self.tr("Cancel the answer"), lambda: model.answer(None), "quiet")
        self.words = QPlainTextEdit(model.words)
        self.words.setPlaceholderText(self.tr("Write to the patient and the care team"))
        self.words.setAccessibleName(self.tr("Message for the timeline"))
        self.words.setFixedHeight(9 * SPACE)
        self.words.setTabChangesFocus(True)
        self._count = label("", "muted")
        self.send = button(self.tr("Send"), model.send, "primary", tip=self.tr("Send (Ctrl+Enter)"))
        self._comment = card(
            row(self._answered, None, self._forget),
            self.words,
            row(self._count, None, self.send),
        )
        filters = row(*self._kinds.values(), None, self._zone)
        body = column(filters, self._empty, self.list, self._comment)
        self.setLayout(body)
        body.setStretchFactor(self.list, 1)
        body.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        self.list.activated.connect(self._answer)
        self.words.textChanged.connect(self._typed)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            add_key(self, keys, self.tr("Send your message to the timeline"), model.send)
        model.state_changed.connect(self._show)
        model.sent.connect(self._clear)
        self._show()
        model.load()

    def _filter(self, kind: Kind, place: int) -> QPushButton:
        made = button(step_words.kind(kind), self._choose, tip=self.tr("Show or hide (Alt+{key})").format(key=place))
        made.setCheckable(True)
        made.setChecked(kind in self._model.kinds)
        add_key(self, f"Alt+{place}", self.tr("Show or hide kinds of steps"), made.click, from_anywhere=True)
        return made

    def _choose(self) -> None:
        self._model.show(kind for kind, made in self._kinds.items() if made.isChecked())

    def _answer(self, index: QModelIndex) -> None:
        self._model.answer(index.row())
        self.words.setFocus()

    def _typed(self) -> None:
        self._model.write(self.words.toPlainText())
        self._show_words()

    def _clear(self) -> None:
        self.words.clear()

    def _show(self) -> None:
        model = self._model
        zone = model.time_zone
        self._zone.setText(self.tr("Times in {zone}").format(zone=zone) if zone else "")
        self._zone.setToolTip(self.tr("The patient's time zone"))
        rows = model.rowCount()
        self._empty.setVisible(rows == 0)
        self.list.setVisible(rows > 0)
        if not model.readable:
            self._empty.setText(self.tr("The patient has not opened alerts or plans to you."))
        elif model.loading or not model.loaded:
            self._empty.setText(self.tr("Loading …"))
        else:
            self._empty.setText(self.tr("Nothing has happened yet."))
        self._comment.setVisible(model.writable)
        answered = model.answered
        self._forget.setVisible(answered is not None)
        if answered is None:
            self._answered.setText(self.tr("Everybody with access to plans reads this."))
        else:
            what = answered.comment.text[:80] if answered.HasField("comment") else step_words.headline(answered)
            who = step_words.who(answered.actor_id, model.names)
            self._answered.setText(self.tr("Answers {who}: {what}").format(who=who, what=what))
        self._show_words()

    def _show_words(self) -> None:
        length = len(self.words.toPlainText().strip())
        self.send.setEnabled(0 < length <= MOST_WORDS and not self._model.sending)
        self.send.setText(self.tr("Sending …") if self._model.sending else self.tr("Send"))
        left = MOST_WORDS - length
        text: QLabel = self._count
        text.setText(self.tr("{count} characters left").format(count=left) if left < 200 else "")


class _Spoken(QIdentityProxyModel):
    """The steps, with what a screen reader says of each."""

    def __init__(self, model: TimelineModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self.setSourceModel(model)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return super().data(index, role)
        model = self._model
        step = model.step(index.row())
        return step_words.spoken(step, model.names, model.desk.settings.unit, model.time_zone)


class _Steps(QListView):
    """Rows of different heights; older ones are fetched as one scrolls down."""

    def __init__(self, model: TimelineModel) -> None:
        super().__init__()
        self.setModel(_Spoken(model, self))
        self.setItemDelegate(StepDelegate(model, self))
        self.setAccessibleName(self.tr("Timeline"))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()  # words wrap anew
