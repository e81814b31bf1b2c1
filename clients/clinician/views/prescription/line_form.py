"""One medicine, as a compact form; what the check has to say of it stands right under it."""

from collections.abc import Sequence

from apricot.consult.v1.prescription_pb2 import Finding
from PySide6.QtWidgets import QBoxLayout, QFrame, QWidget

from clients.clinician.models.prescription.line import (
    STRENGTH_UNITS,
    UNITS_OF_FORM,
    Fault,
    Line,
    Often,
    computed_quantity,
    faults,
)
from clients.clinician.models.prescription.search import Medicine
from clients.clinician.models.prescription.writer import PrescriptionWriter
from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.prescription import rx_words
from clients.clinician.views.prescription.fields import Choice, Entry, Field
from clients.clinician.views.prescription.findings import FindingList
from clients.clinician.views.prescription.medicine_field import MedicineField
from clients.clinician.views.theme import SPACE

_NUMBER_PIXELS, _CODE_PIXELS, _PADDING = 56, 88, 12
_OF_THE_MEDICINE = ("atc_code", "name_zh", "name_en")


class LineForm(QFrame):
    """Shows its line of the writer, and writes into it."""

    def __init__(self, writer: PrescriptionWriter, key: str, findings: FindingList) -> None:
        super().__init__()
        self.key = key
        self.findings = findings
        self._writer = writer
        self._fields: dict[str, Field] = {}
        """By the contract's names, in the order in which they are filled in."""
        self.setProperty("role", "card")
        layout = column(
            self._head(),
            self._which_medicine(),
            self._presentation(),
            self._dosing(),
            self._supply(),
            self._words(),
            findings,
            spacing=SPACE,
        )
        layout.setContentsMargins(_PADDING, SPACE, _PADDING, _PADDING)
        self.setLayout(layout)

    @property
    def inputs(self) -> list[QWidget]:
        """In their order."""
        return [*(each for field in self._fields.values() for each in field.inputs), *self.findings.inputs]

    def write_by_hand(self) -> None:
        """For what the catalogue does not have."""
        self._by_hand.show()
        self.atc_code.setFocus()

    def show_line(self, place: int, *, shows_missing: bool) -> None:
        """As it stands in the writer."""
        if (line := self._writer.line(self.key)) is None:
            return
        self._number.setText(self.tr("Medicine {number}").format(number=place + 1))
        self.setAccessibleName(self._number.text())
        self._fill(line)
        computed = computed_quantity(line)
        self.quantity.setPlaceholderText(computed)
        self._computed.setText(self._computed_words(line, computed))
        self._show_faults(line, shows_missing)
        self._show_violations(place)
        for field in self._fields.values():
            field.setEnabled(self._writer.editable)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        self.findings.show_findings(findings, lambda key: self._writer.writing.reasons.get(key, ""))

    def first_fault(self) -> QWidget | None:
        """Where the first thing is to be corrected."""
        line = self._writer.line(self.key)
        found = faults(line) if line else {}
        for name, field in self._fields.items():
            if name in found and not field.isHidden():
                if name in _OF_THE_MEDICINE and not self._by_hand.isVisible():
                    return self.medicine
                return field.inputs[0]
        return None

    def _head(self) -> QBoxLayout:
        self._number = label("", "heading")
        tip = self.tr("Remove this medicine (Ctrl+Backspace)")
        remove = button(self.tr("Remove"), lambda: self._writer.remove_line(self.key), "quiet", tip=tip)
        return row(self._number, None, remove)

    def _which_medicine(self) -> QBoxLayout:
        """Found in the catalogue; what is not there is written by hand."""
        name = self.tr("Medicine: type a name in Chinese or English")
        self.medicine = MedicineField(name, self._writer.search, self._chosen, self.write_by_hand)
        self.atc_code = self._entry("atc_code", self.tr("ATC code"), hint="A10BA02", most=7)
        self.atc_code.setFixedWidth(_CODE_PIXELS)
        self.name_zh = self._entry("name_zh", self.tr("Chinese generic name"), most=100)
        self.name_en = self._entry("name_en", self.tr("English generic name (INN)"), most=100)
        found = self._field("medicine", Field(self.tr("Medicine"), self.medicine))
        self._by_hand = QWidget()
        self._by_hand.setLayout(
            row(
                self._field("atc_code", Field(self.tr("ATC code"), self.atc_code, stretches=1)),
                self._field("name_zh", Field(self.tr("Chinese name"), self.name_zh)),
                self._field("name_en", Field(self.tr("English name (INN)"), self.name_en)),
                spacing=SPACE,
            )
        )
        self._by_hand.hide()
        return column(found, self._by_hand, spacing=SPACE)

    def _presentation(self) -> QWidget:
        """Strength, form and route."""
        self.strength = self._number_entry("strength", self.tr("Strength"))
        self.strength_unit = self._choice("strength_unit", self.tr("Unit of the strength"), STRENGTH_UNITS)
        self.form = Choice(
            self.tr("Form"), rx_words.forms().items(), lambda form: self._writer.choose_form(self.key, int(str(form)))
        )
        self.route = Choice(
            self.tr("Route"),
            rx_words.routes().items(),
            lambda route: self._writer.edit(self.key, route=int(str(route))),
        )
        return _wide(
            self._field("strength", Field(self.tr("Strength"), self.strength, self.strength_unit, stretches=1)),
            self._field("form", Field(self.tr("Form"), self.form)),
            self._field("route", Field(self.tr("Route"), self.route)),
            stretches=(4, 4, 3),
        )

    def _dosing(self) -> QWidget:
        """How much, how often, how long."""
        self.dose = self._number_entry("dose", self.tr("Dose"))
        self.dose_unit = self._choice("dose_unit", self.tr("Unit of the dose"), ())
        self.count = self._number_entry("count", self.tr("Frequency"))
        self.often = Choice(
            self.tr("What the frequency counts"),
            [(each.value, rx_words.often(each)) for each in Often],
            lambda often: self._writer.edit(self.key, often=str(often)),
        )
        self.days = self._number_entry("days", self.tr("Days"))
        return _wide(
            self._field("dose", Field(self.tr("One dose"), self.dose, self.dose_unit, stretches=1)),
            self._field("frequency", Field(self.tr("How often"), self.count, self.often, stretches=1)),
            self._field("duration_days", Field(self.tr("Days"), self.days, stretches=1)),
            stretches=(4, 5, 1),
        )

    def _supply(self) -> QWidget:
        """How much is handed out, and how often again."""
        self.quantity = self._number_entry("quantity", self.tr("Quantity"))
        self.quantity_unit = self._choice("quantity_unit", self.tr("Unit of the quantity"), ())
        self.repeats = self._number_entry("repeats", self.tr("Repeats"))
        self._computed = label("", "muted", wraps=True)
        handed_out = Field(self.tr("Quantity dispensed"), self.quantity, self.quantity_unit, stretches=1)
        return _wide(
            self._field("quantity", handed_out),
            self._field("repeats", Field(self.tr("Repeats"), self.repeats, stretches=1)),
            self._computed,
            stretches=(3, 1, 3),
        )

    def _words(self) -> Field:
        hint = self.tr("How to take it, in words the patient reads")
        self.instructions = self._entry("instructions", self.tr("Instructions"), hint=hint)
        return self._field("instructions", Field(self.tr("Instructions"), self.instructions))

    def _field(self, name: str, made: Field) -> Field:
        self._fields[name] = made
        return made

    def _fill(self, line: Line) -> None:
        self.medicine.show_medicine(f"{line.name_zh} {line.name_en}".strip())
        units = UNITS_OF_FORM[line.form]
        _fill_units(self.dose_unit, units.dose, line.dose_unit)
        _fill_units(self.quantity_unit, units.quantity, line.quantity_unit)
        for name in ("atc_code", "name_zh", "name_en", "strength", "dose", "count", "days"):
            getattr(self, name).show_text(getattr(line, name))
        for name in ("quantity", "repeats", "instructions"):
            getattr(self, name).show_text(getattr(line, name))
        for name in ("strength_unit", "form", "route", "dose_unit", "often", "quantity_unit"):
            getattr(self, name).show_choice(getattr(line, name))

    def _computed_words(self, line: Line, computed: str) -> str:
        if not computed:
            if line.dose and line.count and line.days and not line.quantity:
                return self.tr("The quantity cannot be computed from these units: write it.")
            return ""
        said = rx_words.amount(computed, line.quantity_unit)
        if not line.quantity:
            return self.tr("Computed: {quantity}").format(quantity=said)
        return "" if line.quantity == computed else self.tr("Computed would be {quantity}").format(quantity=said)

    def _show_faults(self, line: Line, shows_missing: bool) -> None:
        found = {name: fault for name, fault in faults(line).items() if shows_missing or fault is not Fault.MISSING}
        for name, field in self._fields.items():
            field.show_problem(rx_words.fault(found[name]) if name in found else "")
        if not self._by_hand.isVisibleTo(self):
            of_medicine = [found[name] for name in _OF_THE_MEDICINE if name in found]
            self._fields["medicine"].show_problem(rx_words.fault(of_medicine[0]) if of_medicine else "")
            if of_medicine and any(fault is not Fault.MISSING for fault in of_medicine):
                self._by_hand.show()

    def _show_violations(self, place: int) -> None:
        """What the platform has to say of a field, where nothing is known here."""
        for path, said in self._writer.violations.items():
            for name, field in self._fields.items():
                if path.startswith(f"items[{place}].{name}"):
                    field.show_problem(said)

    def _chosen(self, medicine: Medicine) -> None:
        self._writer.choose(self.key, medicine)
        self._by_hand.hide()
        self.dose.setFocus()

    def _entry(self, name: str, said: str, *, hint: str = "", most: int = 500) -> Entry:
        return Entry(said, lambda text: self._typed(name, text), hint=hint, most=most)

    def _number_entry(self, name: str, said: str) -> Entry:
        made = Entry(said, lambda text: self._typed(name, text.strip()), most=12)
        made.setFixedWidth(_NUMBER_PIXELS)
        return made

    def _typed(self, name: str, text: str) -> None:
        self._writer.edit(self.key, **{name: text.upper() if name == "atc_code" else text})

    def _choice(self, name: str, said: str, units: Sequence[str]) -> Choice:
        options = [(unit, rx_words.unit(unit)) for unit in units]
        return Choice(said, options, lambda unit: self._writer.edit(self.key, **{name: str(unit)}))


def _fill_units(choice: Choice, units: Sequence[str], chosen: str) -> None:
    """Those of the form, and the chosen one."""
    choice.fill([(unit, rx_words.unit(unit)) for unit in dict.fromkeys((*units, chosen))])


def _wide(*fields: QWidget, stretches: Sequence[int]) -> QWidget:
    made, layout = QWidget(), row(*fields, spacing=SPACE)
    for place, stretch in enumerate(stretches):
        layout.setStretch(place, stretch)
    made.setLayout(layout)
    return made
