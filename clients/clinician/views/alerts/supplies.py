"""Medicine that ran out, and doses that fell behind, below the alerts: nothing that rings."""

from datetime import UTC

from apricot.pharmacy.v1.refill_pb2 import SUPPLY_WARNING_KIND_RAN_OUT, SupplyWarning
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from clients.clinician.models.alerts.supplies import SupplyList
from clients.clinician.views import identity_words
from clients.clinician.views.parts import button, column, label, row, show_if
from clients.clinician.views.theme import SPACE

_MOST = 5
"""The others come as she has seen these."""


class SuppliesCard(QFrame):
    """In sight as long as there is something that she has not seen."""

    def __init__(self, supplies: SupplyList) -> None:
        super().__init__()
        self._supplies = supplies
        self.setProperty("role", "card")
        self.buttons: list[QPushButton] = []
        self._heading, self._rows = label(role="heading"), QWidget()
        self._layout = column(self._heading, self._rows)
        self._layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        self.setLayout(self._layout)
        supplies.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        warnings = self._supplies.warnings
        self._heading.setText(self.tr("Medicine: {count}").format(count=len(warnings)))
        self.buttons, rows = [], QWidget()
        lines = [self._line(warning) for warning in warnings[:_MOST]]
        rows.setLayout(column(*lines))
        self._layout.replaceWidget(self._rows, rows)
        self._rows.deleteLater()
        self._rows = rows
        show_if(bool(warnings), self)

    def _line(self, warning: SupplyWarning) -> QWidget:
        text, line = self._words(warning), QWidget()
        seen = button(
            self.tr("Seen"),
            lambda: self._supplies.acknowledge(warning.warning_id),
            "quiet",
            name=self.tr("Seen: ") + text,
        )
        self.buttons.append(seen)
        words = label(text, wraps=True)
        inside = row(words, seen, spacing=2 * SPACE)
        inside.setStretch(0, 1)
        line.setLayout(inside)
        return line

    def _words(self, warning: SupplyWarning) -> str:
        if warning.kind == SUPPLY_WARNING_KIND_RAN_OUT:
            text = self.tr("{patient}: {medicine} has run out, {day}")
        else:
            text = self.tr("{patient}: fewer doses of {medicine} were logged than are prescribed, {day}")
        day = warning.create_time.ToDatetime(UTC).astimezone().date().isoformat()
        medicine = f"{warning.name_zh} {warning.name_en}".strip()
        identity = self._supplies.identity(warning)
        patient = f"{identity_words.name(identity)} ({identity_words.short(identity)})"
        return text.format(patient=patient, medicine=medicine, day=day)
