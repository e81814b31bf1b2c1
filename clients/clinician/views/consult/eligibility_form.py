"""Deciding whether the law allows to prescribe."""

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QLabel, QRadioButton, QVBoxLayout, QWidget

from clients.clinician.models.consult.eligibility import Decision, EligibilityModel, Need
from clients.clinician.views import words
from clients.clinician.views.consult import terms
from clients.clinician.views.consult.forms import Form, field, text_field
from clients.clinician.views.parts import column, label


class EligibilityForm(Form):
    """A follow-up of a diagnosis that she has seen evidence of; or the patient is sent to a visit in person."""

    def __init__(self, eligibility: EligibilityModel, parent: QWidget) -> None:
        super().__init__(
            parent, self.tr("Is the patient eligible for an online prescription?"), self.tr("Decide"), self.confirm
        )
        self._eligibility = eligibility
        self.allowed = QRadioButton(self.tr("Yes: follow-up of a known diagnosis"))
        self.refused = QRadioButton(self.tr("No: the patient must be seen in person"))
        self._choice = QButtonGroup(self)
        self._choice.addButton(self.allowed)
        self._choice.addButton(self.refused)
        self.allowed.setChecked(True)
        self.diagnoses = text_field(self.tr("Diagnoses"), self.tr("One per line, ICD-10 code first: E11.9 …"), 2)
        self.attachments = [QCheckBox(self._evidence_name(place)) for place in range(len(eligibility.evidence))]
        self.earlier = QComboBox()
        self.guardian = QCheckBox(self.tr("A guardian is present"))
        self.guardian.setVisible(eligibility.guardian_needed)
        self.note = text_field(self.tr("Note"), self.tr("The patient reads it; required if not eligible"), 2)
        evidence = QVBoxLayout()
        for each in self.attachments:
            evidence.addWidget(each)
        if not self.attachments:
            evidence.addWidget(label(self.tr("No picture or document was sent in this conversation."), "muted"))
        self._for_yes = QWidget()
        name: QLabel = label(self.tr("Evidence in this conversation"), "muted")
        self._for_yes.setLayout(
            column(
                field(self.tr("Diagnoses"), self.diagnoses),
                name,
                evidence,
                field(self.tr("Or an earlier consultation with you"), self.earlier),
                self.guardian,
                spacing=12,
            )
        )
        self.lay_out(column(self.allowed, self.refused), self._for_yes, field(self.tr("Note"), self.note))
        self.allowed.toggled.connect(self._for_yes.setVisible)
        eligibility.changed.connect(self._show_earlier)
        eligibility.decided.connect(self.accept)
        eligibility.refused.connect(self.show_refusal)
        self._show_earlier()

    def confirm(self) -> None:
        """Errors are shown."""
        needs = self._eligibility.needs(self._decision())
        self.problem.setText("\n".join(self._need(need) for need in sorted(needs, key=lambda need: need.value)))
        if not needs:
            self._eligibility.decide(self._decision())

    def _decision(self) -> Decision:
        chosen = zip(self._eligibility.evidence, self.attachments, strict=True)
        ids = [
            line.content.picture_attachment_id or line.content.document_attachment_id
            for line, box in chosen
            if box.isChecked()
        ]
        return Decision(
            eligible=self.allowed.isChecked(),
            diagnoses=self.diagnoses.toPlainText(),
            attachment_ids=tuple(dict.fromkeys(ids)),
            earlier_consultation_id=str(self.earlier.currentData() or ""),
            guardian_present=self.guardian.isChecked(),
            note=self.note.toPlainText(),
        )

    def _evidence_name(self, place: int) -> str:
        line = self._eligibility.evidence[place]
        return f"{terms.brief(line.content)} · {line.time.astimezone():%Y-%m-%d} {words.clock(line.time)}"

    def _show_earlier(self) -> None:
        self.confirm_button.setEnabled(not self._eligibility.busy)
        chosen = self.earlier.currentData()
        self.earlier.clear()
        self.earlier.addItem(self.tr("None"), "")
        for each in self._eligibility.earlier:
            codes = ", ".join(diagnosis.code for diagnosis in each.outcome.diagnoses)
            self.earlier.addItem(f"{each.end_time.ToDatetime():%Y-%m-%d} · {codes}", each.consultation_id)
        self.earlier.setCurrentIndex(max(0, self.earlier.findData(chosen)))

    def _need(self, need: Need) -> str:
        return {
            Need.DIAGNOSIS: self.tr("A diagnosis is needed, with its ICD-10 code, such as E11.9."),
            Need.EVIDENCE: self.tr("Choose the evidence: a picture, a document or an earlier consultation."),
            Need.GUARDIAN: self.tr("The patient is under six: a guardian must be present."),
            Need.NOTE: self.tr("Write why; the patient reads it."),
        }[need]
