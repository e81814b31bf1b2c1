"""The ward: all her patients, who needs her first."""

from functools import partial
from typing import override

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from clients.clinician.models.desk import Desk
from clients.clinician.models.ward.order import By
from clients.clinician.models.ward.row import Filter, Row
from clients.clinician.models.ward.ward_model import WardModel
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.theme import SPACE
from clients.clinician.views.ward import phrases
from clients.clinician.views.ward.heads import Heads
from clients.clinician.views.ward.narrowing import Narrowing
from clients.clinician.views.ward.row_list import RowList
from clients.clinician.views.ward.summary import Summary


class WardPage(QWidget):
    """Shows a model; of any number of windows each has its own page."""

    patient_chosen = Signal(str)
    """Open this patient here."""
    patient_chosen_apart = Signal(str)
    """Open this patient in a window of its own."""

    def __init__(self, desk: Desk, model: WardModel) -> None:
        super().__init__()
        self._desk = desk
        self._model = model
        model.spoken = self._spoken
        self.list = RowList(model)
        self.narrowing = Narrowing(model)
        self._heads = Heads(model)
        self._empty = label(role="heading")
        self._why = label(role="muted", wraps=True)
        self._why.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._why.setFixedWidth(60 * SPACE)
        self._show_all = button(self.tr("Show all patients"), self._everybody)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._nobody())
        table = QFrame()
        table.setProperty("role", "card")
        inside = column(self._heads, self._stack, spacing=0)
        inside.setContentsMargins(1, 1, 1, 1)
        table.setLayout(inside)
        page = column(Summary(model), self.narrowing, table, spacing=2 * SPACE)
        page.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 3 * SPACE)
        page.setStretch(2, 1)
        self.setLayout(page)
        self._keys()
        self.setFocusProxy(self.list)
        self.list.opened.connect(self._opened)
        self.narrowing.left.connect(self._to_the_list)
        for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset, model.narrowed, model.counted):
            changed.connect(self._show_whether_empty)
        desk.second.connect(self._second)
        self._show_whether_empty()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._heads.leave_room(self.list.verticalScrollBar().sizeHint().width())

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._model.out_of_sight()

    def _keys(self) -> None:
        for place, chip in enumerate(self.narrowing.chips):
            add_key(self, str(place + 1), self.tr("Show all patients, or some"), chip.click)
        for keys, does, by in (
            ("N", self.tr("Order the patients by name"), By.NAME),
            ("V", self.tr("Order the patients by value"), By.VALUE),
            ("M", self.tr("Order the patients by the time of measurement"), By.AGE),
        ):
            add_key(self, keys, does, partial(self._model.order_by, by))
        add_key(self, "G", self.tr("Group the patients"), self.narrowing.next_grouping)
        for keys in "/", "Ctrl+F":
            add_key(self, keys, self.tr("Find a patient by name"), self.narrowing.begin_search)

    def _nobody(self) -> QWidget:
        page = QWidget()
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        middle = column(None, self._empty, row(None, self._why, None), row(None, self._show_all, None), None)
        page.setLayout(middle)
        return page

    def _show_whether_empty(self) -> None:
        if self._model.rowCount():
            self._stack.setCurrentIndex(0)
            return
        matches = self._model.count(Filter.ALL) > 0
        if matches:
            title, why = self.tr("No patient matches"), self.tr("No patient in this filter has this name.")
        elif self._model.ward.is_told:
            title = self.tr("No patients yet")
            why = self.tr("Patients appear here as soon as they open their data to you or to your organization.")
        else:
            title, why = self.tr("Loading your patients"), ""
        self._empty.setText(title)
        self._why.setText(why)
        self._show_all.setVisible(matches)
        self._stack.setCurrentIndex(1)

    def _everybody(self) -> None:
        self._model.narrow(Filter.ALL, search="")
        self.list.setFocus()

    def _to_the_list(self) -> None:
        self.list.setFocus()
        self.list.choose_first()

    def _opened(self, patient_id: str, apart: bool) -> None:
        (self.patient_chosen_apart if apart else self.patient_chosen).emit(patient_id)

    def _second(self) -> None:
        """Ages have moved, and with them the curves."""
        if self.isVisible():
            self.list.viewport().update()
            self.list.tell_sight()

    def _spoken(self, row: Row) -> str:
        share = self._model.ward.shares.of(row.patient_id) if row.shows_reports else None
        me, now_ns = self._desk.account.account_id, self._model.ward.now_ns
        return phrases.spoken(row, share, self._model.unit, me, now_ns, stale=self._model.is_stale)
