"""What is known of the patient, and what she says when asked. Unknown is said as unknown."""

from apricot.consult.v1 import health_record_pb2 as pb
from apricot.consult.v1.health_record_pb2 import HealthFacts
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from clients.clinician.models.prescription.record import PatientRecord
from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.prescription import rx_words
from clients.clinician.views.prescription.fields import Choice, Entry, Field
from clients.clinician.views.theme import SPACE, theme


class RecordCard(QFrame):
    """Four facts that the check asks for."""

    def __init__(self, record: PatientRecord) -> None:
        super().__init__()
        self._record = record
        self.setProperty("role", "card")
        self._values = {name: label("", wraps=True, selectable=True) for name in self._captions()}
        known, grid = QWidget(), QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for place, (name, caption) in enumerate(self._captions().items()):
            grid.addWidget(label(caption, "muted"), place, 0)
            grid.addWidget(self._values[name], place, 1)
        known.setLayout(grid)
        self._toggle = button(
            self.tr("Record…"), self.open, "quiet", tip=self.tr("Record what the patient says (Ctrl+R)")
        )
        self._problem = label("", "problem", wraps=True)
        self.allergy = Entry(self.tr("An allergy"), lambda _: None, hint=self.tr("Name, then Enter"), most=100)
        self.allergy.returnPressed.connect(self._add_allergy)
        self.medicine = Entry(self.tr("A medicine"), lambda _: None, hint=self.tr("Name, then Enter"), most=100)
        self.medicine.returnPressed.connect(self._add_medicine)
        self.egfr = Entry(self.tr("eGFR measured today"), lambda _: None, hint="mL/min/1.73 m²", most=3)
        self.egfr.returnPressed.connect(self._add_egfr)
        self.pregnancy = Choice(
            self.tr("Pregnancy"),
            [(0, self.tr("choose…")), *self._pregnancies().items()],
            lambda state: record.say_pregnancy(pb.PregnancyState.ValueType(int(str(state)))) if state else None,
        )
        none = self.tr("Asked: none")
        no_allergies = button(none, record.say_no_allergies, name=self.tr("Asked: no allergies"))
        no_medicines = button(none, record.say_no_medicines, name=self.tr("Asked: takes no medicines"))
        self._form = QWidget()
        self._form.setLayout(
            column(
                Field(self.tr("Allergies"), no_allergies, self.allergy, stretches=1),
                Field(self.tr("Current medicines"), no_medicines, self.medicine, stretches=1),
                row(
                    Field(self.tr("eGFR today, then Enter"), self.egfr),
                    Field(self.tr("Pregnancy as of today"), self.pregnancy),
                ),
            )
        )
        self._form.hide()
        layout = column(
            row(label(self.tr("Patient record"), "heading"), None, self._toggle), known, self._problem, self._form
        )
        layout.setContentsMargins(12, SPACE, 12, 12)
        self.setLayout(layout)
        record.changed.connect(self._show)
        record.desk.second.connect(self._look)
        self._show()

    def open(self) -> None:
        """Let it be written, or hide that again."""
        self._form.setVisible(self._form.isHidden())
        if not self._form.isHidden():
            self.allergy.setFocus()

    def ask(self) -> None:
        """Let it be written."""
        if self._form.isHidden():
            self.open()

    def _captions(self) -> dict[str, str]:
        return {
            "allergies": self.tr("Allergies"),
            "medicines": self.tr("Current medicines"),
            "kidneys": self.tr("Kidneys"),
            "pregnancy": self.tr("Pregnancy"),
        }

    def _look(self) -> None:
        if self.isVisible():
            self._record.look()

    def _show(self) -> None:
        record = self._record.record
        said = self._said(record.facts) if record else dict.fromkeys(self._values, "")
        counts = {"kidneys": self._record.kidneys_count, "pregnancy": self._record.pregnancy_counts}
        for name, value in self._values.items():
            text = said[name] or (self.tr("Unknown: never asked") if record else self.tr("Not known yet"))
            known = bool(said[name]) and counts.get(name, True)
            if said[name] and not known:
                text = self.tr("{told}: too old to count").format(told=text)
            value.setText(text)
            value.setStyleSheet("" if known else f"color: {theme().warning}; font-weight: 700;")
        error = self._record.error
        self._problem.setText(rx_words.refusal(error) if error else "")
        self._problem.setVisible(error is not None)
        self._form.setEnabled(not self._record.adding)

    def _said(self, facts: HealthFacts) -> dict[str, str]:
        """Empty: nobody knows."""
        kidneys, pregnancy = facts.kidney_function, facts.pregnancy
        return {
            "allergies": _listed([each.name for each in facts.allergies.entries], self.tr("None"))
            if facts.HasField("allergies")
            else "",
            "medicines": _listed([each.name for each in facts.medicines.entries], self.tr("None"))
            if facts.HasField("medicines")
            else "",
            "kidneys": self.tr("eGFR {value} mL/min/1.73 m² on {date}").format(
                value=kidneys.egfr_ml_per_min_per_1_73_m2, date=kidneys.measure_date
            )
            if facts.HasField("kidney_function")
            else "",
            "pregnancy": self.tr("{state}, as of {date}").format(
                state=self._pregnancies().get(pregnancy.state, ""), date=pregnancy.state_date
            )
            if facts.HasField("pregnancy")
            else "",
        }

    def _pregnancies(self) -> dict[int, str]:
        return {
            pb.PREGNANCY_STATE_NOT_POSSIBLE: self.tr("Not possible"),
            pb.PREGNANCY_STATE_NEITHER: self.tr("Neither pregnant nor breastfeeding"),
            pb.PREGNANCY_STATE_PREGNANT: self.tr("Pregnant"),
            pb.PREGNANCY_STATE_BREASTFEEDING: self.tr("Breastfeeding"),
        }

    def _add_allergy(self) -> None:
        if name := self.allergy.text().strip():
            self._record.add_allergy(name)
            self.allergy.clear()

    def _add_medicine(self) -> None:
        if name := self.medicine.text().strip():
            self._record.add_medicine(name)
            self.medicine.clear()

    def _add_egfr(self) -> None:
        text = self.egfr.text().strip()
        if text.isascii() and text.isdigit() and int(text) <= 250:
            self._record.measure_kidneys(int(text))
            self.egfr.clear()


def _listed(names: list[str], none: str) -> str:
    return "; ".join(names) or none
