"""Which pages a window has, and how one leads to another."""

from apricot.consult.v1.consultation_pb2 import CONSULTATION_MODE_VIDEO, ConsultationMode
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from clients.clinician.models.prescription.writer import PrescriptionWriter
from clients.clinician.models.ward.ward_model import WardModel
from clients.clinician.models.workplace import Workplace
from clients.clinician.views.alerts.bar import AlarmBar
from clients.clinician.views.alerts.panel import AlertsPanel
from clients.clinician.views.alerts.supplies import SuppliesCard
from clients.clinician.views.consult.page import ConsultPage
from clients.clinician.views.parts import button, card, column, label, row
from clients.clinician.views.patient.page import PatientPage
from clients.clinician.views.prescription.writer_view import PrescriptionView
from clients.clinician.views.shell.icons import Icon
from clients.clinician.views.shell.window import Place, Window
from clients.clinician.views.ward.page import WardPage


class Pages(QObject):
    """Of one window; it lives as long."""

    def __init__(self, window: Window, workplace: Workplace) -> None:
        super().__init__(window)
        self._window = window
        self._workplace = workplace
        self._writer: PrescriptionWriter | None = None
        self.ward = WardPage(workplace.desk, WardModel(workplace.ward, parent=self))
        self.alerts = AlertsPanel(workplace.alerts)
        self.alerts.add_below(SuppliesCard(workplace.supplies))
        self.consult = ConsultPage(workplace.consulting)
        self.bar = AlarmBar(workplace.alerts)
        window.add_page(self.tr("Ward"), self.ward, "Alt+1", Icon.WARD)
        self._alerts_button = window.add_page(self.tr("Alerts"), self.alerts, "Alt+2", Icon.ALERTS)
        self._consult_button = window.add_page(self.tr("Consult"), self.consult, "Alt+3", Icon.CONSULT)
        window.add_notice(self.bar)
        window.set_patient_page(self._patient_page)
        window.closed.connect(self._leave_prescription)
        self.ward.patient_chosen_apart.connect(self._open_apart)
        for asks in (
            self.ward.patient_chosen,
            self.alerts.patient_chosen,
            self.bar.patient_chosen,
            self.consult.patient_wanted,
        ):
            asks.connect(window.open_patient)
        self.consult.prescription_wanted.connect(self._write_prescription)
        self.consult.call_wanted.connect(self._call)
        workplace.consulting.chosen_updated.connect(self._look_again)
        workplace.consulting.chosen_changed.connect(self._chosen_changed)
        workplace.alerts.changed.connect(self._count)
        workplace.supplies.changed.connect(self._count)
        workplace.consulting.inbox.changed.connect(self._count)
        self._count()

    def _patient_page(self, patient_id: str) -> QWidget:
        page = PatientPage(self._workplace, patient_id)
        page.left.connect(self._back)
        return page

    def _back(self) -> None:
        self._window.go(Place(self._window.place.page))

    def _open_apart(self, patient_id: str) -> None:
        self._window.window_asked.emit(Place(0, patient_id))

    def _write_prescription(self, consultation_id: str) -> None:
        self._leave_prescription()
        self._writer = PrescriptionWriter(self._workplace.desk, consultation_id, self._workplace.drafts)
        self._writer.open()
        self._show_beside_talk(PrescriptionView(self._writer), stretches=True)

    def _show_beside_talk(self, part: QWidget, *, stretches: bool) -> None:
        side = QWidget()
        back = button(self.tr("Back to the patient"), self._leave_prescription, "quiet")
        side.setLayout(column(row(back, None), part, *(() if stretches else (None,)), spacing=0))
        self.consult.set_side_panel(side)

    def _call(self, consultation_id: str, mode: ConsultationMode.ValueType) -> None:
        self._workplace.telephone.call(consultation_id, video=mode == CONSULTATION_MODE_VIDEO)

    def _look_again(self) -> None:
        """The consultation has changed, as by a decision on eligibility."""
        if self._writer is not None:
            self._writer.reload()
            self._writer.prescriptions.load()

    def _chosen_changed(self) -> None:
        chosen = self._workplace.consulting.chosen
        if self._writer is None or chosen is None or chosen.consultation_id != self._writer.consultation_id:
            self._leave_prescription()
        elif not self._workplace.consulting.treats(chosen):
            self._tell_ended(self._writer)

    def _tell_ended(self, writer: PrescriptionWriter) -> None:
        """The form does not vanish in silence: it says that nothing was signed."""
        writer.close()
        self._writer = None
        told = label(
            self.tr("The consultation has ended. This prescription was not signed. What you wrote is kept as a draft."),
            wraps=True,
        )
        self._show_beside_talk(card(label(self.tr("Not signed"), "heading"), told), stretches=False)

    def _leave_prescription(self) -> None:
        """What was typed stays as a draft."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.consult.set_side_panel(None)

    def _count(self) -> None:
        alerts, inbox = self._workplace.alerts, self._workplace.consulting.inbox
        warned = len(self._workplace.supplies.warnings)
        self._alerts_button.set_badge(alerts.count + warned, urgent=bool(alerts.pressing))
        self._consult_button.set_badge(inbox.waiting + inbox.unread)
