"""The plan's editor: structured fields, in the plan's own order."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QFrame, QWidget

from clients.clinician.models.loop.compare import Section
from clients.clinician.models.loop.form import CheckForm, MedicineForm, PlanForm, Violation
from clients.clinician.models.loop.insulins import insulin_kind
from clients.clinician.models.prescription.search import Medicine, MedicineSearch
from clients.clinician.models.settings import Unit
from clients.clinician.views.keys import add_key
from clients.clinician.views.loop import plan_words
from clients.clinician.views.loop.plan_fields import ChoiceField, DaysField, Field, LongField, TextField
from clients.clinician.views.parts import button, card, column, label, line, row
from clients.clinician.views.prescription.medicine_field import MedicineField
from clients.clinician.views.theme import SPACE

_SHORT = 9 * SPACE
_HINTED = 13 * SPACE
_MOST = 20
"""Medicines and checks, by the contract."""


class PlanFormView(QWidget):
    """Shows one form; another form is another view."""

    edited = Signal()
    """Ask `form()`."""

    def __init__(self, form: PlanForm, search: MedicineSearch) -> None:
        super().__init__()
        self._search = search
        self._unit = Unit(form.glucose_unit)
        self._form = form
        self.fields: dict[str, Field] = {}
        """By the contract's path."""
        self.sections = {
            Section.TARGETS: self._targets_section(form),
            Section.MEDICINES: self._medicines_section(form),
            Section.CHECKS: self._checks_section(form),
            Section.MEALS: self._meals_section(form),
            Section.EXERCISE: self._exercise_section(form),
            Section.NOTES: self._notes_section(form),
            Section.TIME_ZONE: self._zone_section(form),
        }
        self.setLayout(column(*self.sections.values(), spacing=2 * SPACE))
        for field in self.fields.values():
            field.edited.connect(self.edited)
        self._arrange()

    def form(self) -> PlanForm:
        """What is typed."""
        return PlanForm(
            glucose_unit=self._unit.value,
            has_targets=self.has_targets.isChecked(),
            range_low=self._low.text,
            range_high=self._high.text,
            in_range_percent=self._in_range.text,
            below_range_percent=self._below.text,
            medicines=[each.form() for each in self._medicine_rows],
            checks=[each.form() for each in self._check_rows],
            carbohydrate_g_per_day=self._carbohydrate_day.text,
            carbohydrate_g_per_meal=self._carbohydrate_meal.text,
            meal_advice=self._meal_advice.text,
            minutes_per_week=self._minutes.text,
            exercise_advice=self._exercise_advice.text,
            notes=self._notes.text,
            time_zone=self._zone.text,
        )

    def tell(self, violations: Sequence[Violation]) -> None:
        """Each at its field; those of no field are left to whoever shows the rest."""
        told = {violation.field: plan_words.violation(violation, self._unit) for violation in violations}
        for path, field in self._all_fields().items():
            field.tell(told.get(path, ""))
        if "targets" in told:
            self._high.tell(told["targets"])

    def knows(self, path: str) -> bool:
        """Whether there is a field of this path."""
        return path in self._all_fields() or path == "targets"

    def _all_fields(self) -> dict[str, Field]:
        found = dict(self.fields)
        for name, rows in (("medicines", self._medicine_rows), ("checks", self._check_rows)):
            for place, each in enumerate(rows):
                found |= {f"{name}[{place}].{field}": widget for field, widget in each.fields.items()}
        return found

    def _targets_section(self, form: PlanForm) -> QFrame:
        unit = self._unit.value
        self.has_targets = QCheckBox(self.tr("Targets of this patient's own; else those of the consensus for adults"))
        self.has_targets.setChecked(form.has_targets)
        self.has_targets.toggled.connect(self._toggle_targets)
        self._low = self._text("targets.range_low_mg_per_dl", form.range_low, unit)
        self._high = self._text("targets.range_high_mg_per_dl", form.range_high, unit)
        self._in_range = self._text("targets.in_range_percent", form.in_range_percent, "%")
        self._below = self._text("targets.below_range_percent", form.below_range_percent, "%")
        self._targets = QWidget()
        self._targets.setLayout(row(self._low, self._high, self._in_range, self._below, None, spacing=2 * SPACE))
        self._targets.setVisible(form.has_targets)
        return _section(Section.TARGETS, self.has_targets, self._targets)

    def _medicines_section(self, form: PlanForm) -> QFrame:
        self._medicines = column(spacing=SPACE)
        self._medicine_rows = [_MedicineRow(each, self._search) for each in form.medicines]
        self.add_medicine = button(self.tr("Add medicine"), self._add_medicine, tip=self.tr("Alt+M"))
        add_key(self, "Alt+M", self.tr("Add a medicine to the plan"), self.add_medicine.click, from_anywhere=True)
        return _section(Section.MEDICINES, self._medicines, row(self.add_medicine, None))

    def _checks_section(self, form: PlanForm) -> QFrame:
        self._checks = column(spacing=SPACE)
        self._check_rows = [_CheckRow(each) for each in form.checks]
        self.add_check = button(self.tr("Add a time to measure"), self._add_check, tip=self.tr("Alt+T"))
        add_key(self, "Alt+T", self.add_check.text(), self.add_check.click, from_anywhere=True)
        return _section(Section.CHECKS, self._checks, row(self.add_check, None))

    def _meals_section(self, form: PlanForm) -> QFrame:
        of_a_day, of_a_meal = "meal_advice.carbohydrate_g_per_day", "meal_advice.carbohydrate_g_per_meal"
        hint = self.tr("no budget")
        self._carbohydrate_day = self._text(of_a_day, form.carbohydrate_g_per_day, "g", hint=hint, pixels=_HINTED)
        self._carbohydrate_meal = self._text(of_a_meal, form.carbohydrate_g_per_meal, "g", hint=hint, pixels=_HINTED)
        self._meal_advice = self._long("meal_advice.advice", form.meal_advice)
        return _section(Section.MEALS, row(self._carbohydrate_day, self._carbohydrate_meal, None), self._meal_advice)

    def _exercise_section(self, form: PlanForm) -> QFrame:
        path, minutes, hint = "exercise_advice.minutes_per_week", self.tr("min"), self.tr("no goal")
        self._minutes = self._text(path, form.minutes_per_week, minutes, hint=hint, pixels=_HINTED)
        self._exercise_advice = self._long("exercise_advice.advice", form.exercise_advice)
        return _section(Section.EXERCISE, row(self._minutes, None), self._exercise_advice)

    def _notes_section(self, form: PlanForm) -> QFrame:
        name = self.tr("Anything else, such as when to see each other again")
        self._notes = self._long("notes", form.notes, name=name)
        return _section(Section.NOTES, self._notes)

    def _zone_section(self, form: PlanForm) -> QFrame:
        name = self.tr("Time zone of these times")
        self._zone = self._text("time_zone", form.time_zone, name=name, pixels=26 * SPACE)
        return _section(Section.TIME_ZONE, row(self._zone, None))

    def _text(
        self, path: str, text: str, unit: str = "", *, hint: str = "", name: str = "", pixels: int = _SHORT
    ) -> TextField:
        name = name or plan_words.field(path.rpartition(".")[2])
        made = TextField(name, text, hint=hint, unit=unit, pixels=pixels)
        self.fields[path] = made
        return made

    def _long(self, path: str, text: str, *, name: str = "") -> LongField:
        made = LongField(name or plan_words.field(path.rpartition(".")[2]), text)
        self.fields[path] = made
        return made

    def _toggle_targets(self, own: bool) -> None:
        self._targets.setVisible(own)
        self.edited.emit()

    def _add_medicine(self) -> None:
        self._medicine_rows.append(_MedicineRow(MedicineForm(), self._search))
        self._arrange()
        self._medicine_rows[-1].fields["name"].editor.setFocus()
        self.edited.emit()

    def _add_check(self) -> None:
        self._check_rows.append(_CheckRow(CheckForm()))
        self._arrange()
        self._check_rows[-1].fields["minute_of_day"].editor.setFocus()
        self.edited.emit()

    def _arrange(self) -> None:
        """Every row is in its layout, and asks here when it changes or goes."""
        for layout, rows in ((self._medicines, self._medicine_rows), (self._checks, self._check_rows)):
            for each in rows:
                if layout.indexOf(each) < 0:
                    layout.addWidget(each)
                    each.edited.connect(self.edited)
                    each.removed.connect(self._remove)
        self.add_medicine.setEnabled(len(self._medicine_rows) < _MOST)
        self.add_check.setEnabled(len(self._check_rows) < _MOST)

    def _remove(self, gone: QWidget) -> None:
        self._medicine_rows = [each for each in self._medicine_rows if each is not gone]
        self._check_rows = [each for each in self._check_rows if each is not gone]
        gone.hide()
        gone.deleteLater()
        self._arrange()
        self.edited.emit()


def _section(of: Section, *parts: QWidget | QBoxLayout) -> QFrame:
    return card(label(plan_words.section(of), "heading"), *parts, spacing=2 * SPACE)


class _Row(QWidget):
    """One of several of a kind."""

    edited = Signal()
    removed = Signal(QWidget)

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Field] = {}

    def _begin(self, name: str) -> None:
        for field in self.fields.values():
            field.edited.connect(self.edited)
        self._gone = button(self.tr("Remove"), self._go, "quiet", name=name)

    def _go(self) -> None:
        self.removed.emit(self)


class _MedicineRow(_Row):
    """A medicine: what, how much, when, how."""

    def __init__(self, form: MedicineForm, search: MedicineSearch) -> None:
        super().__init__()
        self._atc_code, self._atc_name = form.atc_code, form.name
        self._medicine = MedicineField(self.tr("Medicine"), search, self._take, self._take_typed)
        self._medicine.show_medicine(form.name)
        self._name = Field(self.tr("Medicine"), self._medicine)
        self._search = search
        self._kind = ChoiceField(self.tr("Kind"), plan_words.insulin_kinds(), form.insulin_kind)
        self._amount = TextField(self.tr("One dose"), form.amount, pixels=_SHORT)
        self._unit = ChoiceField(self.tr("Unit"), plan_words.dose_units(), form.unit)
        self._insulin_unit = Field(self.tr("Unit"), label("IU"))
        self._insulin_unit.editor.setMinimumHeight(self._amount.editor.sizeHint().height())
        self._times = TextField(self.tr("Times"), form.times, hint="07:00, 18:00")
        self._days = DaysField(self.tr("Days (none chosen: every day)"), form.weekdays)
        self._how = TextField(self.tr("How to take it"), form.instructions)
        self.fields = {
            "name": self._name,
            "insulin_kind": self._kind,
            "amount": self._amount,
            "unit": self._unit,
            "minutes_of_day": self._times,
            "weekdays": self._days,
            "instructions": self._how,
        }
        self._begin(self.tr("Remove this medicine"))
        first = row(self._name, self._kind, self._amount, self._unit, self._insulin_unit, spacing=SPACE)
        first.setStretch(0, 1)
        second = row(self._times, self._days, spacing=SPACE)
        third = row(self._how, self._gone, spacing=SPACE)
        third.setAlignment(self._gone, Qt.AlignmentFlag.AlignBottom)
        self.setLayout(column(first, second, third, line(), spacing=SPACE))
        self.edited.connect(self._show_unit)
        self._show_unit()

    def form(self) -> MedicineForm:
        """As it is typed. The ATC code is of the medicine that it came with."""
        same = self._medicine.stands.casefold() == self._atc_name.strip().casefold()
        return MedicineForm(
            self._medicine.stands,
            self._kind.value,
            self._amount.text,
            self._unit.value,
            self._times.text,
            self._days.chosen,
            self._how.text,
            self._atc_code if same else "",
        )

    def _take(self, medicine: Medicine) -> None:
        """One that was found: its code tells how an insulin acts."""
        self._atc_code, self._atc_name = medicine.atc_code, f"{medicine.name_zh} {medicine.name_en}"
        self._kind.choose(insulin_kind(medicine.atc_code))
        self._show_name(self._atc_name)

    def _take_typed(self) -> None:
        """One that no pharmacy sells; the safety check says whether the formulary knows it."""
        self._show_name(self._search.query)

    def _show_name(self, name: str) -> None:
        self._medicine.show_medicine(name)
        self._amount.editor.setFocus()
        self.edited.emit()

    def _show_unit(self) -> None:
        self._unit.setVisible(not self._kind.value)
        self._insulin_unit.setVisible(bool(self._kind.value))


class _CheckRow(_Row):
    """A moment to measure."""

    def __init__(self, form: CheckForm) -> None:
        super().__init__()
        self._time = TextField(self.tr("Time"), form.time, hint="06:30", pixels=_SHORT)
        self._meal = ChoiceField(self.tr("Meal"), plan_words.meal_contexts(), form.meal_context)
        self._days = DaysField(self.tr("Days (none chosen: every day)"), form.weekdays)
        self.fields = {"minute_of_day": self._time, "meal_context": self._meal, "weekdays": self._days}
        self._begin(self.tr("Remove this time"))
        fields = row(self._time, self._meal, self._days, None, self._gone, spacing=SPACE)
        fields.setAlignment(self._gone, Qt.AlignmentFlag.AlignBottom)
        self.setLayout(fields)

    def form(self) -> CheckForm:
        """As it is typed."""
        return CheckForm(self._time.text, self._meal.value, self._days.chosen)
