"""Declining a consultation, and asking a colleague into one."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from clients.clinician.models.consult.colleagues import Colleagues
from clients.clinician.views.consult.forms import Form, field, text_field


class DecliningForm(Form):
    """With a note for the patient, or without."""

    def __init__(self, decline: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent, self.tr("Decline the consultation"), self.tr("Decline"), self.confirm)
        self._decline = decline
        self.note = text_field(self.tr("Note"), self.tr("The patient reads it; at most 500 characters"))
        self.lay_out(field(self.tr("Note"), self.note))

    def confirm(self) -> None:
        """At once."""
        self._decline(self.note.toPlainText().strip()[:500])
        self.accept()


class InvitingForm(Form):
    """Finds doctors of the directory by words."""

    def __init__(self, colleagues: Colleagues, parent: QWidget) -> None:
        super().__init__(parent, self.tr("Invite a colleague"), self.tr("Invite"), self.confirm)
        self._colleagues = colleagues
        self.words = QLineEdit()
        self.words.setPlaceholderText(self.tr("Name, department, hospital"))
        self.doctors = QListWidget()
        self.doctors.setAccessibleName(self.tr("Doctors found"))
        self.lay_out(field(self.tr("Who"), self.words), self.doctors)
        self.words.textChanged.connect(colleagues.search)
        self.doctors.itemActivated.connect(self.confirm)
        colleagues.found.connect(self._show)
        colleagues.invited.connect(self.accept)
        colleagues.refused.connect(self.show_refusal)
        colleagues.search("")

    def confirm(self) -> None:
        """The chosen one."""
        item = self.doctors.currentItem()
        if item is not None:
            self._colleagues.invite(str(item.data(Qt.ItemDataRole.UserRole)))

    def _show(self) -> None:
        self.doctors.clear()
        for doctor in self._colleagues.doctors:
            facts = filter(None, (doctor.display_name, doctor.title, doctor.department.name, doctor.hospital.name))
            item = QListWidgetItem(" · ".join(facts))
            item.setData(Qt.ItemDataRole.UserRole, doctor.doctor_id)
            self.doctors.addItem(item)
        self.doctors.setCurrentRow(0)
