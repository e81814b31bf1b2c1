"""Where she writes: text, pictures and documents by paste, drop or file, cards by key or drop."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from apricot.consult.v1.conversation_pb2 import Card
from PySide6.QtCore import QBuffer, QIODevice, QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QImage, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QMenu, QPlainTextEdit, QSizePolicy, QVBoxLayout

from clients.clinician.models.consult.consulting import Consulting
from clients.clinician.models.consult.conversation import ConversationModel
from clients.clinician.models.consult.files import content_of
from clients.clinician.views.consult import cards
from clients.clinician.views.consult.cards import PatientCard
from clients.clinician.views.dialogs import name_parts, show_beside
from clients.clinician.views.parts import button, column, label, restyle, row
from clients.clinician.views.theme import SPACE, font

_MOST_CHARACTERS = 4000
_LINES_PIXELS = 28, 160


class Composer(QFrame):
    """Of one talk. Text and cards are the talk's: they are there again after a restart. Whatever can be dropped can be
    pasted."""

    def __init__(self, consulting: Consulting, talk: ConversationModel) -> None:
        super().__init__()
        self._consulting = consulting
        self._talk = talk
        self._chips = QVBoxLayout()
        self.refusal = label("", "problem", wraps=True)
        """Why what was dropped is not here."""
        self.refusal.hide()
        self.field = _Field()
        self.field.setPlainText(talk.text)
        self.field.textChanged.connect(self._typed)
        self.field.sent.connect(self.send)
        self.field.card_put.connect(self._put_card)
        self.field.file_put.connect(self._attach_file)
        self.field.picture_put.connect(talk.show_file)
        self._attach = button(self.tr("Attach"), self._choose_file, "quiet", tip=self.tr("A picture or a PDF (Ctrl+O)"))
        self._insert = button(self.tr("Card"), self._show_menu, "quiet", tip=self.tr("From the record (Ctrl+1 to 4)"))
        self._send = button(self.tr("Send"), self.send, "primary", tip=self.tr("Enter"))
        self._menu = QMenu(self)
        for number, (name, add) in enumerate(self._card_choices(), 1):
            action = self._menu.addAction(name)
            action.setShortcut(f"Ctrl+{number}")
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(add)
            self.addAction(action)
        attach = self.addAction(self.tr("Attach a picture or a PDF"))
        attach.setShortcut("Ctrl+O")
        attach.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        attach.triggered.connect(self._choose_file)
        self.setProperty("role", "card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        layout = column(self.refusal, self._chips, self.field, row(self._attach, self._insert, None, self._send))
        layout.setContentsMargins(12, 12, 12, 12)
        self.setLayout(layout)
        self.setAcceptDrops(True)
        talk.changed.connect(self._show_whether_open)
        talk.tray.changed.connect(self._show_cards)
        self._show_cards()
        self._show_whether_open()

    def add_card(self, card: Card) -> None:
        """To be sent with what she writes; a press takes it away."""
        self.refusal.hide()
        self._talk.tray.add(card)

    def put_text(self, text: str) -> None:
        """Behind what is there."""
        before = self.field.toPlainText()
        self.field.setPlainText(f"{before}\n{text}" if before.strip() else text)
        self.field.setFocus()

    def send(self) -> None:
        """What is written, then the cards."""
        text = self.field.toPlainText().strip()
        if not self._send.isEnabled():
            return
        if text:
            self._talk.say(text)
        self.field.clear()
        self.refusal.hide()
        for card in self._talk.tray.take():
            self._talk.show_card(card)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.field.canInsertFromMimeData(event.mimeData()):
            restyle(self, "target")
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        restyle(self, "card")

    def dropEvent(self, event: QDropEvent) -> None:
        restyle(self, "card")
        self.field.insertFromMimeData(event.mimeData())
        event.acceptProposedAction()

    def _put_card(self, of: PatientCard) -> None:
        if of.patient_id == self._talk.consultation.patient_id:
            self.add_card(of.card)
            self.field.setFocus()
        else:
            self._refuse(self.tr("This card is from another patient's record. It was not added to this conversation."))

    def _refuse(self, why: str) -> None:
        self.refusal.setText(why)
        self.refusal.show()

    def _show_cards(self) -> None:
        while (item := self._chips.takeAt(0)) is not None:
            if (chip := item.widget()) is not None:
                chip.hide()
                chip.deleteLater()
        for card in self._talk.tray.cards:
            text = f"{cards.title(card)} · {cards.detail(card)}"
            chip = button(f"{text}  ×", lambda card=card: self._talk.tray.remove(card))  # type: ignore[misc]
            chip.setAccessibleName(self.tr("Remove {card}").format(card=text))
            self._chips.addWidget(chip, 0, Qt.AlignmentFlag.AlignLeft)
        self._typed()

    def _typed(self) -> None:
        text = self.field.toPlainText()
        if text != self._talk.text:
            self._talk.type(text)
        fits = len(text.strip()) <= _MOST_CHARACTERS
        self._send.setEnabled(self._talk.can_talk and fits and bool(text.strip() or self._talk.tray.cards))
        self._send.setToolTip(self.tr("Enter") if fits else self.tr("At most 4000 characters"))

    def _show_whether_open(self) -> None:
        for part in (self.field, self._attach, self._insert):
            part.setEnabled(self._talk.can_talk)
        self._typed()

    def _card_choices(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            (self.tr("Readings of the last 24 hours"), self._add_readings),
            (self.tr("Report of the last 14 days"), self._add_report),
            (self.tr("The plan in force"), self._add_plan),
            (self.tr("The prescription of this consultation"), self._add_prescription),
        ]

    def _add_readings(self) -> None:
        now = self._consulting.desk.now()
        self.add_card(cards.readings_card(now - timedelta(hours=24), now))

    def _add_report(self) -> None:
        now = self._consulting.desk.now()
        self.add_card(cards.report_card(now - timedelta(days=14), now))

    def _add_plan(self) -> None:
        facts = self._consulting.facts
        if facts is not None and facts.plan is not None:
            self.add_card(cards.plan_card(facts.plan.plan_id, facts.plan.revision))

    def _add_prescription(self) -> None:
        if self._talk.last_prescription_id:
            self.add_card(Card(prescription_id=self._talk.last_prescription_id))

    def _show_menu(self) -> None:
        facts = self._consulting.facts
        for action, possible in zip(
            self._menu.actions(),
            (True, True, facts is not None and facts.plan is not None, bool(self._talk.last_prescription_id)),
            strict=True,
        ):
            action.setEnabled(possible)
        self._menu.popup(self._insert.mapToGlobal(self._insert.rect().topLeft()))

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Attach a picture or a document"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setNameFilter(self.tr("Pictures and documents") + " (*.jpg *.jpeg *.png *.webp *.heic *.pdf)")
        dialog.fileSelected.connect(self._attach_file)
        name_parts(dialog)
        show_beside(dialog)

    def _attach_file(self, path: str) -> None:
        if (content := content_of(path)) is None:
            self._refuse(self.tr("{file} cannot be read, or is larger than 20 MB.").format(file=Path(path).name))
        else:
            self.refusal.hide()
            self._talk.show_file(content, path)


class _Field(QPlainTextEdit):
    """Enter or Ctrl+Enter sends; Shift+Enter begins a line."""

    sent = Signal()
    card_put = Signal(object)
    """A PatientCard."""
    file_put = Signal(str)
    """Its path."""
    picture_put = Signal(bytes)
    """What lies nowhere, such as a picture of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(self.tr("Write to the patient"))
        self.setAccessibleName(self.tr("Message"))
        self.setFont(font(14))
        self.setAcceptDrops(False)  # the whole composer takes them
        self.setStyleSheet("QPlainTextEdit { border: none; background: transparent; padding: 0; }")
        self.document().documentLayout().documentSizeChanged.connect(self._grow)
        self._grow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()  # the page's
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return cards.card_of(source) is not None or source.hasImage() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        found = cards.card_of(source)
        paths = [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
        if found is not None:
            self.card_put.emit(found)
        elif files := [path for path in paths if path.is_file()]:
            for path in files:
                self.file_put.emit(str(path))
        elif source.hasImage():
            self.picture_put.emit(_png(source.imageData()))
        else:
            super().insertFromMimeData(source)

    def _grow(self) -> None:
        lines = max(1, int(self.document().size().height()))
        least, most = _LINES_PIXELS
        wanted = lines * self.fontMetrics().lineSpacing() + SPACE
        self.setFixedHeight(min(most, max(least, wanted)))
        off, on = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(on if wanted > most else off)


def _png(image: object) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImage(image).save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
