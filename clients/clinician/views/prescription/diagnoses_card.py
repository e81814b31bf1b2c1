"""For what it is written, and why for longer than a week."""

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from clients.clinician.models.prescription.line import Fault
from clients.clinician.models.prescription.writer import PrescriptionWriter
from clients.clinician.models.prescription.writing import MOST_DIAGNOSES, WEEK_DAYS
from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.prescription import rx_words
from clients.clinician.views.prescription.fields import Entry, Field
from clients.clinician.views.theme import SPACE

_CODE_PIXELS = 96


class _Row(QWidget):
    """One diagnosis."""

    def __init__(self, writer: PrescriptionWriter, place: int) -> None:
        super().__init__()
        self._writer, self._place = writer, place
        self.code = Entry(self.tr("ICD-10 code"), self._typed, hint="E11.9", most=8)
        self.code.setFixedWidth(_CODE_PIXELS)
        self.description = Entry(self.tr("Diagnosis in words"), self._typed, hint=self.tr("In words"), most=200)
        remove = button(self.tr("Remove"), lambda: writer.remove_diagnosis(place), "quiet")
        self._field = Field(self.tr("Diagnosis (ICD-10)"), self.code, self.description, remove, stretches=1)
        self.setLayout(column(self._field))

    def show_writing(self, shows_missing: bool) -> None:
        diagnosis, faults = self._writer.writing.diagnoses[self._place], self._writer.faults
        self.code.show_text(diagnosis.code)
        self.description.show_text(diagnosis.description)
        fault = faults.get(f"diagnoses[{self._place}].code") or faults.get(f"diagnoses[{self._place}].description")
        told = fault is not None and (shows_missing or fault is not Fault.MISSING)
        self._field.show_problem(rx_words.fault(fault) if fault is not None and told else "")
        self.setEnabled(self._writer.editable)

    def _typed(self, _: str) -> None:
        self._writer.edit_diagnosis(self._place, self.code.text(), self.description.text())


class DiagnosesCard(QFrame):
    """What the whole prescription says beside its medicines."""

    def __init__(self, writer: PrescriptionWriter) -> None:
        super().__init__()
        self._writer = writer
        self.setProperty("role", "card")
        self.rows: list[_Row] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(SPACE)
        self.add_button = button(self.tr("Add a diagnosis"), writer.add_diagnosis, "quiet")
        self.long_supply = Entry(
            self.tr("Reason for more than 7 days"),
            writer.write_long_supply_reason,
            hint=self.tr("Such as: stable chronic disease"),
        )
        self._long = Field(self.tr("Why for more than 7 days? The law wants it noted"), self.long_supply)
        layout = column(row(label(self.tr("Diagnoses"), "heading"), None, self.add_button), self._rows, self._long)
        layout.setContentsMargins(12, SPACE, 12, 12)
        self.setLayout(layout)

    @property
    def inputs(self) -> list[QWidget]:
        """In their order."""
        return [*(each for shown in self.rows for each in (shown.code, shown.description)), self.long_supply]

    def show_writing(self, *, shows_missing: bool) -> None:
        writing = self._writer.writing
        while len(self.rows) < len(writing.diagnoses):
            self.rows.append(_Row(self._writer, len(self.rows)))
            self._rows.addWidget(self.rows[-1])
        while len(self.rows) > len(writing.diagnoses):
            gone = self.rows.pop()
            self._rows.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for shown in self.rows:
            shown.show_writing(shows_missing)
        self.long_supply.show_text(writing.long_supply_reason)
        self._long.setVisible(writing.supply_days > WEEK_DAYS)
        fault = self._writer.faults.get("long_supply_reason")
        self._long.show_problem(rx_words.fault(fault) if fault is not None else "")
        self.add_button.setEnabled(self._writer.editable and len(writing.diagnoses) < MOST_DIAGNOSES)
        self._long.setEnabled(self._writer.editable)

    def first_fault(self) -> QWidget | None:
        """Where the first thing is to be corrected."""
        faults = self._writer.faults
        for place, shown in enumerate(self.rows):
            if f"diagnoses[{place}].code" in faults:
                return shown.code
        return self.long_supply if "long_supply_reason" in faults else None
