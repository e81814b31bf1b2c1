"""One message: a bubble, or a notice across; with the day above it where a day begins."""

from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from clients.clinician.models.consult.conversation import ConversationModel
from clients.clinician.models.consult.messages import Delivery, Line
from clients.clinician.views import words
from clients.clinician.views.consult import cards, terms
from clients.clinician.views.consult.marks import Mark
from clients.clinician.views.consult.voice import VoicePlayer
from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.theme import SPACE, font, theme

_WIDEST_PIXELS = 460
_THUMBNAIL = QSize(260, 220)
_GROUP_SECONDS = 300


class LineView(QWidget):
    """A row of the thread."""

    picture_wanted = Signal(str)
    """Larger: an attachment."""
    document_wanted = Signal(str)
    edit_wanted = Signal(str)
    """What had failed, back into the composer: its client id."""

    def __init__(self, talk: ConversationModel, line: Line, own_id: str) -> None:
        super().__init__()
        self._talk = talk
        self._own = line.sender_id == own_id
        self.line = line
        self._day: QLabel | None = None
        self._name: QLabel | None = None
        self._body: QWidget | None = None
        self._failure: QWidget | None = None
        self._reason: QLabel | None = None
        self._mark = Mark() if self._own else None
        self._time = label("", "muted")
        self._time.setFont(font(11))
        self._frame = _Frame("chosen" if self._own else "surface", line="" if self._own else "line")
        self._inside = column(spacing=4)
        self._inside.setContentsMargins(12, SPACE, 12, 6)
        self._frame.setLayout(self._inside)
        self._layout = column(spacing=4)
        self._layout.setContentsMargins(3 * SPACE, 2, 3 * SPACE, 0)
        self.setLayout(self._layout)
        if line.content.HasField("notice"):
            self._frame.deleteLater()
            text = terms.notice(line.content.notice, talk.name_of(line.content.notice.account_id))
            what = label(f"{text} · {words.clock(line.time)}", "muted", wraps=True)
            what.setAlignment(Qt.AlignmentFlag.AlignCenter)
            what.setContentsMargins(0, SPACE, 0, SPACE)
            self._layout.addWidget(what)
        else:
            meta = row(None, self._time, *([self._mark] if self._mark is not None else []), spacing=4)
            self._inside.addLayout(meta)
            side = row(None, self._frame) if self._own else row(self._frame, None)
            self._layout.addLayout(side)
            self.show_line(line)

    def show_line(self, line: Line) -> None:
        """As it is now."""
        before, self.line = self.line, line
        if line.content.HasField("notice"):
            return
        if self._body is None or before.content != line.content or (before.file is None) != (line.file is None):
            if self._body is not None:
                self._inside.removeWidget(self._body)
                self._body.deleteLater()
            self._body = self._made(line)
            self._inside.insertWidget(0, self._body)
        self._time.setText(words.clock(line.time))
        if self._mark is not None:
            self._mark.show_delivery(line.delivery)
        self._show_failure(line)
        self.setAccessibleName(f"{self._talk.name_of(line.sender_id)}: {terms.brief(line.content)}")

    def arrange(self, before: Line | None) -> None:
        """Behind that one: a new day, or one more of the same person."""
        day = self.line.time.astimezone().date()
        new_day = before is None or before.time.astimezone().date() != day
        grouped = (
            not new_day
            and before is not None
            and before.sender_id == self.line.sender_id
            and not before.content.HasField("notice")
            and (self.line.time - before.time).total_seconds() < _GROUP_SECONDS
        )
        named = not self._own and bool(self.line.sender_id) and not grouped
        if named and self._name is None:
            self._name = label(self._talk.name_of(self.line.sender_id), "muted")
            self._layout.insertWidget(0, self._name)
        if new_day and self._day is None:
            self._day = label(_day_name(self.line.time), "muted")
            self._day.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._day.setContentsMargins(0, 2 * SPACE, 0, SPACE)
            self._layout.insertWidget(0, self._day)
        for part, wanted in ((self._name, named), (self._day, new_day)):
            if part is not None:
                part.setVisible(wanted)
        self._layout.setContentsMargins(3 * SPACE, 2 if grouped else SPACE, 3 * SPACE, 0)

    def refresh(self, attachment_id: str) -> None:
        """Its bytes are here."""
        if isinstance(self._body, _Picture) and self._body.attachment_id == attachment_id:
            self._body.show_content(self._talk.attachments.content(attachment_id))

    def _made(self, line: Line) -> QWidget:
        match line.content.WhichOneof("content"):
            case "text":
                return _text(line.content.text)
            case "picture_attachment_id" | "document_attachment_id" if line.file_is_gone:
                return label(terms.brief(line.content), "muted")
            case "picture_attachment_id":
                picture = _Picture(line.content.picture_attachment_id)
                picture.clicked.connect(self.picture_wanted)
                known = line.file
                if known is None:
                    known = self._talk.attachments.content(line.content.picture_attachment_id)
                picture.show_content(known)
                return picture
            case "document_attachment_id":
                id_ = line.content.document_attachment_id
                if not id_:
                    return label(self.tr("PDF document, uploading"), "muted")
                return button(self.tr("PDF document, open"), lambda: self.document_wanted.emit(id_))
            case "voice_note":
                note = line.content.voice_note
                return VoicePlayer(self._talk.attachments, note.attachment_id, note.duration_seconds)
            case "card":
                return _of_record(cards.title(line.content.card), cards.detail(line.content.card))
            case _:
                return label(self.tr("A newer kind of message; update the app to see it."), "muted", wraps=True)

    def _show_failure(self, line: Line) -> None:
        why = _why_not_sent(line)
        if why and self._failure is None:
            self._reason = label("", "problem", wraps=True)
            self._reason.setAlignment(Qt.AlignmentFlag.AlignRight)
            actions = []
            if not line.file_is_gone:
                actions.append(button(self.tr("Try again"), lambda: self._talk.again(self.line.client_id), "quiet"))
            if line.content.WhichOneof("content") == "text":
                actions.append(button(self.tr("Edit"), lambda: self.edit_wanted.emit(self.line.client_id), "quiet"))
            actions.append(button(self.tr("Discard"), lambda: self._talk.discard(self.line.client_id), "quiet"))
            self._failure = QWidget()
            self._failure.setLayout(column(self._reason, row(None, *actions)))
            self._layout.addWidget(self._failure)
        if self._failure is not None:
            self._failure.setVisible(bool(why))
        if self._reason is not None and why:
            self._reason.setText(why)


class _Frame(QFrame):
    """Painted, since a style sheet for each message is slow."""

    def __init__(self, color: str, *, line: str) -> None:
        super().__init__()
        self._color = color
        self._line = line
        self.setMaximumWidth(_WIDEST_PIXELS + 3 * SPACE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme().color(self._color))
        painter.setPen(theme().color(self._line or self._color))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 12, 12)


class _Picture(QLabel):
    """Small; a click or Enter shows it larger."""

    clicked = Signal(str)

    def __init__(self, attachment_id: str) -> None:
        super().__init__()
        self.attachment_id = attachment_id
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Picture"))

    def show_content(self, content: bytes | None) -> None:
        image = QImage.fromData(content) if content else QImage()
        if image.isNull():
            self.setText(self.tr("Picture, loading") if content is None else self.tr("Picture; click to save it"))
            self.setMinimumSize(140, 80)
            self.setAlignment(Qt.AlignmentFlag.AlignCenter)
            return
        ratio = self.devicePixelRatioF()
        size = QSize(image.size()).scaled(_THUMBNAIL.boundedTo(image.size()), Qt.AspectRatioMode.KeepAspectRatio)
        smooth = Qt.TransformationMode.SmoothTransformation
        pixmap = QPixmap.fromImage(image.scaled(size * ratio, Qt.AspectRatioMode.KeepAspectRatio, smooth))
        pixmap.setDevicePixelRatio(ratio)
        self.setPixmap(pixmap)
        self.setFixedSize(size)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.attachment_id:
            self.clicked.emit(self.attachment_id)


def _why_not_sent(line: Line) -> str:
    if line.delivery is not Delivery.FAILED:
        return ""
    return terms.file_is_gone() if line.file_is_gone else terms.problem(line.failure) if line.failure else ""


def _text(text: str) -> QLabel:
    made = label(text, selectable=True, wraps=True)
    used = font(14)
    made.setFont(used)
    natural = QFontMetrics(used).boundingRect(0, 0, 1 << 20, 1 << 20, 0, text).width() + 4
    made.setMinimumWidth(min(natural, _WIDEST_PIXELS))
    made.setMaximumWidth(_WIDEST_PIXELS)
    return made


def _of_record(title: str, detail: str) -> QWidget:
    made = QWidget()
    heading = label(title, "heading")
    layout: QVBoxLayout | QHBoxLayout = column(heading, label(detail, "muted"), spacing=2)
    made.setLayout(layout)
    made.setMinimumWidth(220)
    return made


def _day_name(time: datetime) -> str:
    return time.astimezone().strftime("%Y-%m-%d")
