"""The messages of a talk, the newest in sight unless she reads further up."""

from PySide6.QtCore import QEvent, QModelIndex, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QScrollArea, QVBoxLayout, QWidget

from clients.clinician.models.consult.conversation import ConversationModel
from clients.clinician.models.frames import OncePerFrame
from clients.clinician.views.consult.bubble import LineView
from clients.clinician.views.consult.picture import PictureWindow
from clients.clinician.views.dialogs import name_parts, show_beside
from clients.clinician.views.parts import button
from clients.clinician.views.theme import SPACE

_NEAR_PIXELS = 48


class Thread(QScrollArea):
    """Of one talk."""

    edit_wanted = Signal(str)
    """A text that had failed, to be said otherwise."""

    def __init__(self, talk: ConversationModel, own_id: str) -> None:
        super().__init__()
        self._talk = talk
        self._own_id = own_id
        self._above = -1
        """How far the reader was from the end, before older messages came above; -1: none came."""
        self._wanted_document = ""
        self._views = QVBoxLayout()
        self._views.setSpacing(0)
        self._older = button(self.tr("Earlier messages"), self._show_older, "quiet")
        inside = QWidget()
        inside.setProperty("role", "page")
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, SPACE, 0, 2 * SPACE)
        layout.addWidget(self._older, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        layout.addLayout(self._views)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Messages"))
        self._jump = button(self.tr("New messages"), self._to_end, "primary")
        self._jump.setParent(self)
        self._jump.hide()
        self._read_soon = OncePerFrame(self._read)
        messages = talk.messages
        messages.following = True
        messages.rowsInserted.connect(self._inserted)
        messages.rowsAboutToBeRemoved.connect(self._removed)
        messages.dataChanged.connect(self._changed)
        talk.attachments.loaded.connect(self._loaded)
        talk.changed.connect(self._read_soon.ask)
        self.verticalScrollBar().rangeChanged.connect(self._keep_place)
        self.verticalScrollBar().valueChanged.connect(self._moved)
        if messages.lines:
            self._inserted(QModelIndex(), 0, len(messages.lines) - 1)
        self._show_whether_older()

    @property
    def views(self) -> list[LineView]:
        """The messages as shown."""
        items = [self._views.itemAt(place).widget() for place in range(self._views.count())]  # type: ignore[union-attr]
        return [item for item in items if isinstance(item, LineView)]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self._read_soon.ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._read_soon.ask()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_jump()

    def _inserted(self, _: QModelIndex, first: int, last: int) -> None:
        lines = self._talk.messages.lines
        above = first == 0 and self._views.count() > 0
        if above and not self._talk.messages.following:
            bar = self.verticalScrollBar()
            self._above = bar.maximum() - bar.value()
        for place in range(first, last + 1):
            view = LineView(self._talk, lines[place], self._own_id)
            view.picture_wanted.connect(self._show_picture)
            view.document_wanted.connect(self._save_document)
            view.edit_wanted.connect(self._edit)
            self._views.insertWidget(place, view)
            view.arrange(lines[place - 1] if place else None)
        self._arrange(last + 1)
        if not self._talk.messages.following and not above:
            self._jump.show()
            self._place_jump()
        self._show_whether_older()
        self._read_soon.ask()

    def _removed(self, _: QModelIndex, first: int, last: int) -> None:
        for place in range(last, first - 1, -1):
            item = self._views.takeAt(place)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._arrange(first)

    def _arrange(self, place: int) -> None:
        item = self._views.itemAt(place)
        view = item.widget() if item is not None else None
        if isinstance(view, LineView):
            before = self._views.itemAt(place - 1).widget() if place else None  # type: ignore[union-attr]
            view.arrange(before.line if isinstance(before, LineView) else None)

    def _changed(self, first: QModelIndex, last: QModelIndex) -> None:
        lines, views = self._talk.messages.lines, self.views
        for place in range(first.row(), last.row() + 1):
            views[place].show_line(lines[place])

    def _loaded(self, attachment_id: str) -> None:
        for view in self.views:
            view.refresh(attachment_id)
        if attachment_id == self._wanted_document:
            self._save_document(attachment_id)

    def _show_older(self) -> None:
        bar = self.verticalScrollBar()
        self._talk.messages.following = False
        self._above = bar.maximum() - bar.value()
        self._talk.messages.show_older()
        self._show_whether_older()

    def _show_whether_older(self) -> None:
        self._older.setVisible(self._talk.messages.has_older)

    def _keep_place(self, _: int, maximum: int) -> None:
        if self._above >= 0:
            self.verticalScrollBar().setValue(maximum - self._above)
            self._above = -1
        elif self._talk.messages.following:
            self.verticalScrollBar().setValue(maximum)

    def _moved(self, value: int) -> None:
        self._talk.messages.following = value >= self.verticalScrollBar().maximum() - _NEAR_PIXELS
        if self._talk.messages.following:
            self._jump.hide()
            self._read_soon.ask()

    def _to_end(self) -> None:
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _place_jump(self) -> None:
        size = self._jump.sizeHint()
        self._jump.setGeometry(
            (self.width() - size.width()) // 2, self.height() - size.height() - 2 * SPACE, size.width(), size.height()
        )
        self._jump.raise_()

    def _read(self) -> None:
        """What is in sight of somebody is read."""
        if self.isVisible() and self.window().isActiveWindow() and self._talk.messages.following:
            self._talk.mark_read()

    def _show_picture(self, attachment_id: str) -> None:
        content = self._talk.attachments.content(attachment_id)
        if content is not None:
            PictureWindow(content, self.window()).show()

    def _save_document(self, attachment_id: str) -> None:
        content = self._talk.attachments.content(attachment_id)
        self._wanted_document = attachment_id if content is None else ""
        if content is None:
            return
        dialog = QFileDialog(self, self.tr("Save the document"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.selectFile(f"{attachment_id[:8]}.pdf")
        dialog.fileSelected.connect(lambda path: _save_and_open(path, content))
        name_parts(dialog)
        show_beside(dialog)

    def _edit(self, client_id: str) -> None:
        line = self._talk.messages.line(client_id)
        if line is not None:
            self._talk.discard(client_id)
            self.edit_wanted.emit(line.content.text)


def _save_and_open(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
    QDesktopServices.openUrl(QUrl.fromLocalFile(path))
