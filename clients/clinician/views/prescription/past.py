"""The consultation's prescriptions: where each stands, taken back or written anew."""

from collections.abc import Callable

from apricot.consult.v1.prescription_pb2 import Prescription
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from clients.clinician.models.prescription.prescriptions import is_revisable, is_revocable
from clients.clinician.models.prescription.writer import PrescriptionWriter
from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.prescription import rx_words
from clients.clinician.views.prescription.fields import Entry
from clients.clinician.views.prescription.sheet import Sheet
from clients.clinician.views.theme import SPACE


class PastPrescription(QWidget):
    """One revision, and what may be done with it."""

    def __init__(self, writer: PrescriptionWriter, prescription: Prescription, revised: Callable[[], object]) -> None:
        super().__init__()
        self._writer = writer
        self._prescription = prescription
        self._revised = revised
        parts: list[QWidget] = [Sheet(prescription)]
        model, key = writer.prescriptions, prescription.prescription_id
        self.reason = Entry(
            self.tr("Reason to revoke it"),
            self._typed,
            hint=self.tr("Why? The patient reads it"),
        )
        self.reason.setText(model.reason_of(key))
        self.reason.returnPressed.connect(self._revoke)
        self.revise_button = button(self.tr("Revise"), self._revise)
        self.revoke_button = button(self.tr("Revoke"), self._revoke)
        if is_revocable(prescription):
            revise = [self.revise_button] if is_revisable(prescription) else []
            actions = QWidget()
            actions.setLayout(row(*revise, self.reason, self.revoke_button))
            parts.append(actions)
        self.setLayout(column(*parts))
        self.show_standing()

    def show_standing(self) -> None:
        """What may be done just now."""
        self.revise_button.setEnabled(self._writer.can_revise)
        self.revise_button.setToolTip(
            "" if self._writer.can_revise else self.tr("Finish or discard what is being written first")
        )
        revoking = self._writer.prescriptions.revoking
        self.revoke_button.setEnabled(bool(self.reason.text().strip()) and not revoking)

    def _typed(self, text: str) -> None:
        self._writer.prescriptions.keep_reason(self._prescription.prescription_id, text)
        self.show_standing()

    def _revise(self) -> None:
        self._writer.revise(self._prescription)
        self._revised()

    def _revoke(self) -> None:
        self._writer.prescriptions.revoke(self._prescription.prescription_id, self.reason.text())


class Past(QWidget):
    """Newest first."""

    revised = Signal()
    """One of them is being written anew."""

    def __init__(self, writer: PrescriptionWriter) -> None:
        super().__init__()
        self._writer = writer
        self._said = label("", "muted", wraps=True)
        self.shown: dict[bytes, PastPrescription] = {}
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2 * SPACE)
        layout = column(self._said, self._rows, None)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        self.setLayout(layout)
        writer.prescriptions.changed.connect(self._show)
        writer.changed.connect(self._show_standing)
        self._show()

    def _show(self) -> None:
        model = self._writer.prescriptions
        if model.error is not None:
            self._said.setText(rx_words.refusal(model.error))
        elif not model.loaded:
            self._said.setText(self.tr("Loading…"))
        else:
            self._said.setText("" if model.prescriptions else self.tr("Nothing was prescribed in this consultation."))
        self._said.setVisible(bool(self._said.text()))
        wanted = {each.SerializeToString(deterministic=True): each for each in model.prescriptions}
        for key in self.shown.keys() - wanted.keys():
            gone = self.shown.pop(key)
            self._rows.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, (key, prescription) in enumerate(wanted.items()):
            if key not in self.shown:
                self.shown[key] = PastPrescription(self._writer, prescription, self.revised.emit)
                self._rows.insertWidget(place, self.shown[key])
        self._show_standing()

    def _show_standing(self) -> None:
        for each in self.shown.values():
            each.show_standing()
