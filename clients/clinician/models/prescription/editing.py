"""What a doctor types into a prescription, kept as a draft with each key."""

from collections.abc import Mapping
from dataclasses import replace

from apricot.consult.v1.prescription_pb2 import Prescription
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.draft_store import DraftStore
from clients.clinician.models.prescription import writing
from clients.clinician.models.prescription.line import UNITS_OF_FORM, Fault, Line
from clients.clinician.models.prescription.search import Medicine
from clients.clinician.models.prescription.writing import MOST_DIAGNOSES, MOST_LINES, Diagnosis, Writing


class Editing(QObject):
    """`lines_changed` when lines or diagnoses come, go, or are filled; `changed` after each change, those too."""

    changed = Signal()
    lines_changed = Signal()

    def __init__(self, drafts: DraftStore, key: str) -> None:
        super().__init__()
        self._drafts = drafts
        self._key = key
        text = drafts.get(key)
        self.writing = writing.of_text(text) if text else Writing()
        self.removed: Line | None = None
        """The line that was removed last, to be put back; None: none."""

    @property
    def editable(self) -> bool:
        """Whether something may be changed now."""
        return True

    @property
    def faults(self) -> Mapping[str, Fault]:
        """By the path of the field; see `writing.faults`."""
        return writing.faults(self.writing)

    @property
    def can_add_line(self) -> bool:
        return self.editable and len(self.writing.lines) < MOST_LINES

    def add_line(self) -> None:
        if self.can_add_line:
            self._change(replace(self.writing, lines=(*self.writing.lines, Line())), shape=True)

    def remove_line(self, key: str) -> None:
        """The last one is emptied instead."""
        if not self.editable or (removed := self.line(key)) is None:
            return
        if not removed.is_empty:
            self.removed = removed
        left = tuple(line for line in self.writing.lines if line.key != key)
        self._change(replace(self.writing, lines=left or (Line(),)), shape=True)

    def put_back(self) -> None:
        """The line that was removed last."""
        if self.removed is not None and self.editable:
            left = tuple(line for line in self.writing.lines if not line.is_empty)
            if len(left) < MOST_LINES:
                removed, self.removed = self.removed, None
                self._change(replace(self.writing, lines=(*left, removed)), shape=True)

    def line(self, key: str) -> Line | None:
        return next((line for line in self.writing.lines if line.key == key), None)

    def edit(self, key: str, **fields: str | int) -> None:
        """What was typed into a line's fields."""
        if (line := self.line(key)) is not None:
            self._change(self.writing.with_line(replace(line, **fields)))  # type: ignore[arg-type]

    def choose_form(self, key: str, form: int) -> None:
        """The units and the route that go with a form; what was typed stays."""
        usual = UNITS_OF_FORM[form]
        if (line := self.line(key)) is not None:
            changed = replace(
                line, form=form, route=usual.route, dose_unit=usual.dose[0], quantity_unit=usual.quantity[0]
            )
            self._change(self.writing.with_line(changed), shape=True)

    def choose(self, key: str, medicine: Medicine) -> None:
        """One from the catalogue: what it is. How it is taken is hers to write."""
        usual, line = UNITS_OF_FORM[medicine.form], self.line(key)
        if line is None:
            return
        counted = medicine.container if medicine.container in usual.quantity else usual.quantity[0]
        chosen = replace(
            line,
            atc_code=medicine.atc_code,
            name_zh=medicine.name_zh,
            name_en=medicine.name_en,
            strength=medicine.strength,
            strength_unit=medicine.strength_unit,
            form=medicine.form,
            route=usual.route,
            dose_unit=usual.dose[0],
            quantity_unit=counted,
            holds=medicine.holds,
            holds_unit=medicine.holds_unit,
            container=medicine.container,
        )
        self._change(self.writing.with_line(chosen), shape=True)

    def edit_diagnosis(self, place: int, code: str, description: str) -> None:
        made = list(self.writing.diagnoses)
        made[place] = Diagnosis(code.strip().upper(), description)
        self._change(replace(self.writing, diagnoses=tuple(made)))

    def add_diagnosis(self) -> None:
        if self.editable and len(self.writing.diagnoses) < MOST_DIAGNOSES:
            self._change(replace(self.writing, diagnoses=(*self.writing.diagnoses, Diagnosis())), shape=True)

    def remove_diagnosis(self, place: int) -> None:
        left = self.writing.diagnoses[:place] + self.writing.diagnoses[place + 1 :]
        self._change(replace(self.writing, diagnoses=left or (Diagnosis(),)), shape=True)

    def write_long_supply_reason(self, text: str) -> None:
        self._change(replace(self.writing, long_supply_reason=text))

    def give_reason(self, finding_key: str, text: str) -> None:
        """Why all the same."""
        self._change(replace(self.writing, reasons={**self.writing.reasons, finding_key: text}), checks=False)

    @property
    def can_revise(self) -> bool:
        """What is being written would be lost otherwise."""
        return self.editable and self.writing.is_empty

    def revise(self, prescription: Prescription) -> None:
        """Write its next revision, from what it says."""
        if self.can_revise:
            self._change(writing.of_issued(prescription), shape=True)

    def _content_changed(self, *, checks: bool) -> None:
        """For whoever has to do something about it; with `checks`, what is said to the pharmacy is another."""

    def _change(self, changed: Writing, *, shape: bool = False, checks: bool = True) -> None:
        if not self.editable or changed == self.writing:
            return
        self._keep(changed)
        if shape:
            self.lines_changed.emit()
        self._content_changed(checks=checks)
        self.changed.emit()

    def _keep(self, changed: Writing) -> None:
        self.writing = changed
        if changed.is_empty and not changed.sent:
            self._drafts.drop(self._key)
        else:
            self._drafts.put(self._key, writing.to_text(changed))
