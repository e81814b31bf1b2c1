"""The inbox: sections, who waits how long, what is unread."""

from PySide6.QtCore import (
    QCoreApplication,
    QIdentityProxyModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPainterPath
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from clients.clinician.models.consult.consulting import Consulting
from clients.clinician.models.consult.inbox_list import ITEM_ROLE, Item, Section
from clients.clinician.models.rest import Rest
from clients.clinician.views import identity_words, words
from clients.clinician.views.consult import terms
from clients.clinician.views.resting import RestingClicks
from clients.clinician.views.theme import SPACE, font, theme

type _Index = QModelIndex | QPersistentModelIndex

_ROW_PIXELS = 72
_SECTION_PIXELS = 36
_WAITS_LONG_SECONDS = 600


class InboxView(QListView):
    """Up and down by keys or J and K. What is chosen is the room's."""

    claim_wanted = Signal()
    reply_wanted = Signal()

    def __init__(self, consulting: Consulting) -> None:
        super().__init__()
        self._consulting = consulting
        self._restoring = False
        self.setModel(_Spoken(self, consulting))
        self.setItemDelegate(_Rows(self, consulting))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Inbox"))
        self.setStyleSheet("QListView { background: transparent; }")
        RestingClicks(self, self.model(), Rest(consulting.desk.steady))
        consulting.chosen_changed.connect(self._restore)
        consulting.desk.second.connect(self.viewport().update)
        consulting.inbox.list.dataChanged.connect(self.doItemsLayout)
        consulting.inbox.changed.connect(self.viewport().update)
        self._restore()

    def step(self, by: int) -> None:
        """To the next one, or the one before."""
        row = self.currentIndex().row() + by if self.currentIndex().isValid() else 0
        if 0 <= row < self.model().rowCount():
            self.setCurrentIndex(self.model().index(row, 0))

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and not self._restoring:
            item = current.data(ITEM_ROLE)
            if isinstance(item, Item):
                self._consulting.choose(item.consultation_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_J:
                self.step(1)
            case Qt.Key.Key_K:
                self.step(-1)
            case Qt.Key.Key_C:
                self.claim_wanted.emit()
            case Qt.Key.Key_R | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.reply_wanted.emit()
            case _:
                super().keyPressEvent(event)

    def _restore(self) -> None:
        """What the room has chosen is what the list shows as chosen."""
        chosen = self._consulting.chosen
        row = self._consulting.inbox.list.row_of(chosen.consultation_id) if chosen is not None else -1
        self._restoring = True
        self.setCurrentIndex(self.model().index(row, 0) if row >= 0 else QModelIndex())
        self._restoring = False


class _Spoken(QIdentityProxyModel):
    """The rows with what a screen reader says of them."""

    def __init__(self, parent: InboxView, consulting: Consulting) -> None:
        super().__init__(parent)
        self._consulting = consulting
        self.setSourceModel(consulting.inbox.list)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = super().data(index, ITEM_ROLE)
        if role != Qt.ItemDataRole.AccessibleTextRole or not isinstance(item, Item):
            return super().data(index, role)
        unread = self.tr("{count} unread").format(count=item.unread) if item.unread else ""
        parts = [
            item.consultation.patient_name,
            terms.section(item.section),
            _since(self._consulting, item),
            unread,
            _saying(item),
            *_facts(self._consulting, item),
        ]
        return ", ".join(part for part in parts if part)


class _Rows(QStyledItemDelegate):
    def __init__(self, parent: InboxView, consulting: Consulting) -> None:
        super().__init__(parent)
        self._list = parent
        self._consulting = consulting

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        item = index.data(ITEM_ROLE)
        begins = isinstance(item, Item) and item.begins_section
        return QSize(200, _ROW_PIXELS + (_SECTION_PIXELS if begins else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        item = index.data(ITEM_ROLE)
        if not isinstance(item, Item):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRect(option.rect)
        if item.begins_section:
            self._section(painter, rect.adjusted(2 * SPACE, SPACE, -SPACE, 0), item.section)
            rect.setTop(rect.top() + _SECTION_PIXELS)
        state = option.state
        row = rect.adjusted(SPACE, 1, -SPACE, -1)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            _rounded(painter, row, theme().color("chosen" if chosen else "raised"))
        if chosen and self._list.hasFocus():
            painter.setPen(theme().color("accent"))
            painter.drawRoundedRect(row.adjusted(0, 0, -1, -1), 6, 6)
        self._row(painter, row.adjusted(12, SPACE, -12, -SPACE), item)
        painter.restore()

    def _section(self, painter: QPainter, rect: QRect, section: Section) -> None:
        rect.setHeight(_SECTION_PIXELS - SPACE)
        _text(painter, rect, terms.section(section), "muted", 12, QFont.Weight.Bold)

    def _row(self, painter: QPainter, rect: QRect, item: Item) -> None:
        consultation, height = item.consultation, 18
        first = QRect(rect.left(), rect.top(), rect.width(), height)
        late = _waits(item)
        passed = self._consulting.desk.now() - item.waits_since
        warns = late and passed.total_seconds() > _WAITS_LONG_SECONDS
        used = _text(painter, first, _since(self._consulting, item), "warning" if warns else "muted", 12, right=True)
        bold = QFont.Weight.Bold if item.unread or late else QFont.Weight.Medium
        _text(painter, first.adjusted(0, 0, -used - SPACE, 0), consultation.patient_name or "—", "text", 14, bold)
        second = first.translated(0, height + 1)
        if item.unread:
            second.setRight(second.right() - _badge(painter, second, str(item.unread)) - SPACE)
        _text(painter, second, _saying(item), "text" if item.unread or late else "muted", 13)
        third = first.translated(0, 2 * height + 1)
        _text(painter, third, " · ".join(_facts(self._consulting, item)), "muted", 12)


def _waits(item: Item) -> bool:
    return item.section in (Section.FOR_HER, Section.POOL)


def _since(consulting: Consulting, item: Item) -> str:
    since = words.age(consulting.desk.now() - item.waits_since)
    return QCoreApplication.translate("Consult", "waiting {time}").format(time=since) if _waits(item) else since


def _saying(item: Item) -> str:
    saying = terms.brief(item.last.content) if item.last is not None else item.consultation.complaint
    return " ".join(saying.split())


def _facts(consulting: Consulting, item: Item) -> list[str]:
    consultation = item.consultation
    who = consulting.desk.feed.identity_in(consultation)
    born = identity_words.short(who) if who.birth_date else terms.age_years(consultation)
    facts = [born, identity_words.number(who), terms.mode(consultation)]
    if item.section is Section.ENDED:
        facts.insert(0, terms.state(consultation))
    if item.section is Section.POOL:
        facts.append(terms.department(consultation, consulting.inbox.departments, consulting.desk.settings.language))
        if consultation.escalation_level:
            facts.append(QCoreApplication.translate("Consult", "offered to all departments"))
    return [fact for fact in facts if fact]


def _text(
    painter: QPainter,
    rect: QRect,
    text: str,
    color: str,
    pixels: int,
    weight: QFont.Weight = QFont.Weight.Normal,
    *,
    right: bool = False,
) -> int:
    """In one line; its width."""
    used = font(pixels, weight)
    painter.setFont(used)
    painter.setPen(theme().color(color))
    metrics = QFontMetrics(used)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
    return metrics.horizontalAdvance(shown)


def _badge(painter: QPainter, rect: QRect, text: str) -> int:
    used = font(11, QFont.Weight.Bold)
    width = max(18, QFontMetrics(used).horizontalAdvance(text) + 10)
    place = QRect(rect.right() - width + 1, rect.top(), width, 18)
    _rounded(painter, place, theme().color("accent"), 9)
    painter.setFont(used)
    painter.setPen(theme().color("on_accent"))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
    return width


def _rounded(painter: QPainter, rect: QRect, color: QColor, radius: int = 6) -> None:
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    painter.fillPath(path, color)
