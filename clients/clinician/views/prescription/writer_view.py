"""The prescription's panel: what is known, what is written, what is unsafe about it, and the signature."""

from collections import defaultdict
from itertools import pairwise

from apricot.consult.v1.prescription_pb2 import FINDING_CONSEQUENCE_BLOCKS, Finding, Prescription
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QButtonGroup, QStackedWidget, QVBoxLayout, QWidget

from clients.clinician.models.prescription.live_check import CheckState
from clients.clinician.models.prescription.writer import Block, PrescriptionWriter
from clients.clinician.views import identity_words
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import button, column, label, row, scrolling
from clients.clinician.views.prescription.diagnoses_card import DiagnosesCard
from clients.clinician.views.prescription.findings import FindingList, FindingRow
from clients.clinician.views.prescription.line_form import LineForm
from clients.clinician.views.prescription.past import Past
from clients.clinician.views.prescription.record_card import RecordCard
from clients.clinician.views.prescription.sign_bar import SignBar
from clients.clinician.views.theme import SPACE, theme

_LEAST_PIXELS = 420


class PrescriptionView(QWidget):
    """Beside a consultation, or a page of its own. Ctrl+N a medicine, Ctrl+Backspace removes the one with the focus,
    Ctrl+Shift+Z puts it back, Ctrl+R records what the patient says, Ctrl+I turns to what was issued,
    Ctrl+Enter signs."""

    def __init__(self, writer: PrescriptionWriter) -> None:
        super().__init__()
        self._writer = writer
        self._shows_missing = False
        self._tabs: list[QWidget] = []
        """In the order of the Tab key."""
        self.setStyleSheet(f"QLineEdit:disabled, QComboBox:disabled {{ color: {theme().muted}; }}")
        self._title = label(self.tr("Prescription"), "title")
        self._patient = label("", "muted", wraps=True)
        self.record = RecordCard(writer.record)
        self.forms: dict[str, LineForm] = {}
        self._lines = QVBoxLayout()
        self._lines.setSpacing(2 * SPACE)
        self.general = FindingList(writer.give_reason, self._ask_record)
        self.add_button = button(self.tr("Add a medicine"), self.add_line, tip="Ctrl+N")
        self.undo_button = button(self.tr("Undo removal"), self._put_back, "quiet", tip="Ctrl+Shift+Z")
        self.diagnoses = DiagnosesCard(writer)
        self.sign_bar = SignBar(writer)
        self.past = Past(writer)
        self.past.revised.connect(self.show_writing)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._written_page())
        self._pages.addWidget(scrolling(self.past, sideways=False))
        self._writing_tab, self._past_tab = (
            button(self.tr("Write"), self.show_writing, tip="Ctrl+I"),
            button("", self.show_past, tip="Ctrl+I"),
        )
        tabs = QButtonGroup(self)
        for tab in (self._writing_tab, self._past_tab):
            tab.setCheckable(True)
            tabs.addButton(tab)
        self._writing_tab.setChecked(True)
        head = row(column(self._title, self._patient, spacing=2), None, self._writing_tab, self._past_tab)
        head.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, 0)
        self.setLayout(column(head, self._pages, spacing=SPACE))
        add_key(self, "Ctrl+N", self.tr("Prescribe one more medicine"), self.add_line)
        add_key(self, "Ctrl+Backspace", self.tr("Remove the medicine"), self._remove_line)
        add_key(self, "Ctrl+Shift+Z", self.tr("Put the removed medicine back"), self._put_back)
        add_key(self, "Ctrl+R", self.tr("Fill in the patient's record"), self._ask_record)
        add_key(self, "F5", self.tr("Refresh"), writer.record.load)
        add_key(self, "Ctrl+I", self.tr("What is being written, or what was prescribed before"), self._turn_page)
        for keys in "Ctrl+Return", "Ctrl+Enter":
            add_key(self, keys, self.tr("Sign the prescription"), self.sign)
        writer.lines_changed.connect(self._show_lines)
        writer.changed.connect(self._show)
        writer.prescriptions.changed.connect(self._show_tabs)
        writer.issued.connect(self._issued)
        self._show_lines()
        self._show()
        self._show_tabs()

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        return QSize(max(least.width(), _LEAST_PIXELS), least.height())

    def add_line(self) -> None:
        """One more medicine, ready to be typed."""
        if self._writer.can_add_line:
            self._writer.add_line()
            self.forms[self._writer.writing.lines[-1].key].medicine.setFocus()

    def sign(self) -> None:
        """Sign, or lead to what is missing."""
        if self._writer.check.state is CheckState.INCOMPLETE and self._writer.editable:
            self._shows_missing = True
            self._show()
            self._lead()
        elif row_against := self._against():
            (row_against.reason or row_against).setFocus()
            self._area.ensureWidgetVisible(row_against)
        else:
            self.sign_bar.sign()

    def _turn_page(self) -> None:
        if self._pages.currentIndex():
            self.show_writing()
        else:
            self.show_past()

    def show_writing(self) -> None:
        self._pages.setCurrentIndex(0)
        self._writing_tab.setChecked(True)

    def show_past(self) -> None:
        self._pages.setCurrentIndex(1)
        self._past_tab.setChecked(True)

    def _written_page(self) -> QWidget:
        paper, page = QWidget(), QWidget()
        content = column(
            self.record,
            self.general,
            self._lines,
            row(self.add_button, self.undo_button, None),
            self.diagnoses,
            None,
            spacing=2 * SPACE,
        )
        content.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        paper.setLayout(content)
        self._area = scrolling(paper, sideways=False)
        foot = column(self.sign_bar)
        foot.setContentsMargins(SPACE, 0, SPACE, SPACE)
        page.setLayout(column(self._area, foot, spacing=SPACE))
        return page

    def _show_lines(self) -> None:
        lines = self._writer.writing.lines
        for key in self.forms.keys() - {line.key for line in lines}:
            gone = self.forms.pop(key)
            self._lines.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, line in enumerate(lines):
            if line.key not in self.forms:
                findings = FindingList(self._writer.give_reason, self._ask_record)
                self.forms[line.key] = LineForm(self._writer, line.key, findings)
                self._lines.insertWidget(place, self.forms[line.key])

    def _show(self) -> None:
        writer, of_line = self._writer, defaultdict[int | None, list[Finding]](list)
        for finding in writer.findings:
            of_line[writer.place_of(finding)].append(finding)
        for place, line in enumerate(writer.writing.lines):
            self.forms[line.key].show_line(place, shows_missing=self._shows_missing)
            self.forms[line.key].show_findings(of_line[place])
        self.general.show_findings(of_line[None], lambda key: writer.writing.reasons.get(key, ""))
        self.diagnoses.show_writing(shows_missing=self._shows_missing)
        self._order_tabs()
        self.add_button.setEnabled(writer.can_add_line)
        self.undo_button.setVisible(writer.removed is not None)
        consultation = writer.consultation
        if consultation is not None:
            age = (
                self.tr("{age} years").format(age=consultation.patient_age_years)
                if consultation.HasField("patient_age_years")
                else self.tr("age unknown")
            )
            identity = writer.identity
            who = f"{identity_words.name(identity)} · {identity_words.facts(identity)}" if identity else ""
            self._patient.setText(f"{who} · {age}")
        self._title.setText(self.tr("Revision") if writer.writing.revised_id else self.tr("Prescription"))

    def _show_tabs(self) -> None:
        count = len(self._writer.prescriptions.prescriptions)
        self._past_tab.setText(self.tr("Issued ({count})").format(count=count))

    def _issued(self, prescription: Prescription) -> None:
        self._shows_missing = False
        self.show_past()

    def _ask_record(self) -> None:
        self.record.ask()
        self._area.ensureWidgetVisible(self.record)

    def _put_back(self) -> None:
        self._writer.put_back()

    def _remove_line(self) -> None:
        for form in list(self.forms.values()):
            if form.isAncestorOf(self.focusWidget()):
                place = next(n for n, line in enumerate(self._writer.writing.lines) if line.key == form.key)
                self._writer.remove_line(form.key)
                left = self._writer.writing.lines
                self.forms[left[min(place, len(left) - 1)].key].medicine.setFocus()
                return

    def _against(self) -> FindingRow | None:
        """The first finding that stands against signing, or still wants a reason."""
        if not {Block.UNSAFE, Block.REASON_MISSING} & {*self._writer.blocks}:
            return None
        lists = [self.general, *(self.forms[line.key].findings for line in self._writer.writing.lines)]
        rows = [shown for each in lists for shown in each.rows.values()]
        blocking = (shown for shown in rows if shown.finding.consequence == FINDING_CONSEQUENCE_BLOCKS)
        wanting = (shown for shown in rows if shown.reason is not None and not shown.reason.text().strip())
        return next(blocking, None) or next(wanting, None)

    def _lead(self) -> None:
        """To the first thing that is to be corrected."""
        fields = [self.forms[line.key].first_fault() for line in self._writer.writing.lines]
        for field in [*fields, self.diagnoses.first_fault()]:
            if field is not None:
                field.setFocus()
                self._area.ensureWidgetVisible(field)
                return

    def _order_tabs(self) -> None:
        """From top to bottom, whatever was made when."""
        lines = self._writer.writing.lines
        wanted = [*self.general.inputs, *(each for line in lines for each in self.forms[line.key].inputs)]
        wanted += [self.add_button, *self.diagnoses.inputs, self.sign_bar.code, self.sign_bar.sign_button]
        if wanted != self._tabs:
            self._tabs = wanted
            for one, next_one in pairwise([self.record, *wanted]):
                QWidget.setTabOrder(one, next_one)
