"""Where a medicine is looked for, with what is found under it. Everything by keys."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMoveEvent, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from clients.clinician.models.prescription.search import Medicine, MedicineSearch, Phase
from clients.clinician.views.prescription import rx_words
from clients.clinician.views.prescription.fields import Entry
from clients.clinician.views.theme import RADIUS, SPACE, font, theme

type Index = QModelIndex | QPersistentModelIndex

_ROW_PIXELS = 44
_MEDICINE = Qt.ItemDataRole.UserRole
_UNDER = Qt.ItemDataRole.UserRole + 1


class MedicineField(Entry):
    """Down and up choose, Enter takes, Escape leaves. Leaving it shows again what stands in the line.

    Enter takes what was found. Writing by hand has to be chosen: the catalogue's name is what the check knows."""

    def __init__(
        self,
        name: str,
        search: MedicineSearch,
        take: Callable[[Medicine], object],
        by_hand: Callable[[], object],
    ) -> None:
        super().__init__(name, search.ask, hint=name, most=100)
        self._search = search
        self._take = take
        self._by_hand = by_hand
        self._stands = ""
        self._popup: QListWidget | None = None
        search.changed.connect(self._show_found)

    def show_medicine(self, text: str) -> None:
        """What stands in the line; what is being typed is left alone."""
        if self.text() == self._stands or not self.hasFocus():
            self.show_text(text)
        self._stands = text

    @property
    def stands(self) -> str:
        """The medicine that was taken, whatever is being typed."""
        return self._stands

    @property
    def popup(self) -> QListWidget:
        """In the window itself, so that the focus stays where it is."""
        if self._popup is None:
            popup = QListWidget(self.window())
            popup.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            popup.setItemDelegate(_Rows(popup))
            popup.setAccessibleName(self.tr("Medicines found"))
            popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            worn = theme()
            popup.setStyleSheet(
                f"QListWidget {{ background: {worn.surface}; border: 1px solid {worn.accent};"
                f" border-radius: {RADIUS}px; }}"
            )
            popup.itemClicked.connect(self._take_item)
            popup.hide()
            self.destroyed.connect(popup.deleteLater)
            self._popup = popup
        return self._popup

    def keyPressEvent(self, event: QKeyEvent) -> None:
        open_ = self._popup is not None and self._popup.isVisible()
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Up if open_:
                self._step(1 if event.key() == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if open_ and not event.modifiers():
                if (item := self.popup.currentItem()) is not None:
                    self._take_item(item)
            case Qt.Key.Key_Escape if open_:
                self._leave()
            case _:
                super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._leave()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._place()

    def _step(self, rows: int) -> None:
        at, count = self.popup.currentRow(), self.popup.count()
        self.popup.setCurrentRow((at + rows) % count if at >= 0 else 0 if rows > 0 else count - 1)

    def _leave(self) -> None:
        if self._popup is not None:
            self._popup.hide()
        self.show_text(self._stands)

    def _show_found(self) -> None:
        if not self.hasFocus() or self._search.phase is Phase.IDLE or self.text().strip() != self._search.query:
            if self._popup is not None:
                self._popup.hide()
            return
        if self._search.phase is Phase.ASKING and self.popup.isVisible():
            return  # what was found before stays until there is an answer: nothing flickers
        self.popup.clear()
        answered = self._search.phase is Phase.ANSWERED
        for medicine in self._search.found if answered else ():
            self._add(f"{medicine.name_zh}  {medicine.name_en}", _under(medicine), medicine)
        match self._search.phase:
            case Phase.ASKING:
                self._add(self.tr("Searching…"), self._search.query, None)
            case Phase.FAILED:
                self._add(self.tr("The catalogue does not answer. Enter it by hand."), self._search.query, None)
            case _ if not self._search.found:
                self._add(
                    self.tr("Nothing found. To enter it by hand: ↓, then Enter"),
                    self.tr("Search by name, brand or substance, in Chinese or English, or by ATC group"),
                    None,
                )
            case _:
                self._add(self.tr("Not listed: enter it by hand"), self.tr("code and names"), None)
        self.popup.setCurrentRow(0 if answered and self._search.found else -1)
        self._place()
        self.popup.show()
        self.popup.raise_()

    def _add(self, text: str, under: str, medicine: Medicine | None) -> None:
        item = QListWidgetItem(text)
        item.setData(_UNDER, under)
        item.setData(_MEDICINE, medicine)
        self.popup.addItem(item)

    def _take_item(self, item: QListWidgetItem) -> None:
        if self._search.phase is Phase.ASKING:
            return  # what is shown answers an older question
        medicine = item.data(_MEDICINE)
        self.popup.hide()
        if isinstance(medicine, Medicine):
            self._stands = self.text()
            self._take(medicine)
        else:
            self.show_text(self._stands)
            self._by_hand()

    def _place(self) -> None:
        if self._popup is None:
            return
        window = self.window()
        under = self.mapTo(window, QPoint(0, self.height() + 2))
        height = min(self._popup.count(), 6) * _ROW_PIXELS + SPACE // 2
        room = max(window.height() - under.y() - SPACE, 2 * _ROW_PIXELS)
        self._popup.setGeometry(QRect(under, QSize(self.width(), min(height, room))))


class _Rows(QStyledItemDelegate):
    """The names, and under them what exactly it is."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, _ROW_PIXELS)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        worn, place = theme(), option.rect.adjusted(4, 1, -4, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(worn.color("chosen"))
            painter.drawRoundedRect(place, RADIUS / 2, RADIUS / 2)
        inside = place.adjusted(SPACE, 4, -SPACE, -4)
        upper, lower = QRect(inside), QRect(inside)
        upper.setHeight(inside.height() // 2)
        lower.setTop(upper.bottom())
        painter.setPen(worn.color("text"))
        painter.setFont(font())
        metrics = painter.fontMetrics()
        painter.drawText(
            upper,
            Qt.AlignmentFlag.AlignVCenter,
            metrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, upper.width()),
        )
        painter.setPen(worn.color("muted"))
        painter.setFont(font(12))
        under = painter.fontMetrics().elidedText(index.data(_UNDER), Qt.TextElideMode.ElideRight, lower.width())
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, under)
        painter.restore()


def _under(medicine: Medicine) -> str:
    strength = medicine.strength_text or rx_words.amount(medicine.strength, medicine.strength_unit)
    return f"{strength} · {rx_words.forms().get(medicine.form, '')} · {medicine.atc_code}"
