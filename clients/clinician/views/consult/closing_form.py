"""Ending a consultation with its outcome."""

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from clients.clinician.models.consult.closing import ClosingModel, Ending, Need
from clients.clinician.models.settings import Language
from clients.clinician.translations import resolved
from clients.clinician.views.consult.forms import Form, field, text_field


class ClosingForm(Form):
    """What is typed is kept with each key."""

    def __init__(self, closing: ClosingModel, parent: QWidget, language: Language) -> None:
        super().__init__(parent, self.tr("Close the consultation"), self.tr("Close it"), self.confirm)
        self._closing = closing
        self._chinese = resolved(language) is Language.CHINESE
        kept = closing.ending
        self.summary = text_field(self.tr("Summary"), self.tr("What it was about and what was found"))
        self.summary.setPlainText(kept.summary)
        self.advice = text_field(self.tr("Advice"), self.tr("What the patient should do"))
        self.advice.setPlainText(kept.advice)
        self.diagnoses = text_field(self.tr("Diagnoses"), self.tr("One per line, ICD-10 code first: E11.9 …"), 2)
        self.diagnoses.setPlainText(kept.diagnoses)
        self.follow_up = QLineEdit(kept.follow_up_date)
        self.follow_up.setPlaceholderText("2026-12-24")
        self.department = QComboBox()
        self.reason = QLineEdit(kept.referral_reason)
        self.reason.setPlaceholderText(self.tr("Why the patient is sent there"))
        self.urgent = QCheckBox(self.tr("Urgent"))
        self.urgent.setChecked(kept.referral_urgent)
        self._show_departments()
        self.lay_out(
            field(self.tr("Summary"), self.summary),
            field(self.tr("Advice"), self.advice),
            field(self.tr("Diagnoses"), self.diagnoses),
            field(self.tr("Follow-up on (patient's date)"), self.follow_up),
            field(self.tr("Refer to"), self.department),
            self.reason,
            self.urgent,
        )
        for text in (self.summary, self.advice, self.diagnoses):
            text.textChanged.connect(self._typed)
        for line in (self.follow_up, self.reason):
            line.textChanged.connect(self._typed)
        self.department.currentIndexChanged.connect(self._typed)
        self.urgent.toggled.connect(self._typed)
        closing.changed.connect(self._show_departments)
        closing.closed.connect(self.accept)
        closing.refused.connect(self.show_refusal)
        self._typed()

    def confirm(self) -> None:
        """Errors are shown."""
        needs = self._closing.needs(self._ending())
        self.problem.setText("\n".join(self._need(need) for need in sorted(needs, key=lambda need: need.value)))
        if not needs:
            self._closing.close(self._ending())

    def _ending(self) -> Ending:
        return Ending(
            summary=self.summary.toPlainText(),
            advice=self.advice.toPlainText(),
            diagnoses=self.diagnoses.toPlainText(),
            follow_up_date=self.follow_up.text().strip(),
            referral_department=str(self.department.currentData() or ""),
            referral_reason=self.reason.text(),
            referral_urgent=self.urgent.isChecked(),
        )

    def _typed(self) -> None:
        self._closing.type(self._ending())

    def _show_departments(self) -> None:
        self.confirm_button.setEnabled(not self._closing.busy)
        if self.department.count() > 1:
            return
        wanted = self._closing.ending.referral_department
        self.department.blockSignals(True)
        self.department.clear()
        self.department.addItem(self.tr("No referral"), "")
        for department in self._closing.departments:
            self.department.addItem(department.name if self._chinese else department.name_en, department.code)
        if wanted and self.department.findData(wanted) < 0:
            self.department.addItem(wanted, wanted)
        self.department.setCurrentIndex(max(0, self.department.findData(wanted)))
        self.department.blockSignals(False)

    def _need(self, need: Need) -> str:
        return {
            Need.SUMMARY: self.tr("A summary is needed."),
            Need.DIAGNOSES: self.tr("Each diagnosis begins with an ICD-10 code, such as E11.9."),
            Need.FOLLOW_UP: self.tr("Not a valid date. Write it as 2026-12-24."),
            Need.REFERRAL: self.tr("A referral needs a department and a reason."),
        }[need]
