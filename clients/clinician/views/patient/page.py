"""A patient's page: who she is, and everything about her in tabs."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QTabWidget, QWidget

from clients.clinician.models.open_patient import OpenPatient
from clients.clinician.models.workplace import Workplace
from clients.clinician.views.keys import add_key
from clients.clinician.views.loop.access_tab import AccessTab
from clients.clinician.views.loop.plan_tab import PlanTab
from clients.clinician.views.loop.timeline_tab import TimelineTab
from clients.clinician.views.parts import button, column, row
from clients.clinician.views.patient.chart_tab import ChartTab
from clients.clinician.views.patient.days_tab import DaysTab
from clients.clinician.views.patient.header import PatientHeader
from clients.clinician.views.patient.metrics_tab import MetricsTab
from clients.clinician.views.patient.profile_tab import ProfileTab
from clients.clinician.views.theme import SPACE


class PatientPage(QWidget):
    """Ctrl+1 to Ctrl+7 are the tabs, Alt+Left goes back."""

    left = Signal()
    """Back to where she came from."""

    def __init__(self, workplace: Workplace, patient_id: str) -> None:
        super().__init__()
        patient = workplace.enter_patient(patient_id)
        self.destroyed.connect(lambda: workplace.leave_patient(patient_id))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        for place, (name, tab) in enumerate(self._tabs(patient)):
            self.tabs.addTab(tab, name)
            self.tabs.setTabToolTip(place, f"Ctrl+{place + 1}")
            add_key(self, f"Ctrl+{place + 1}", name, partial(self.tabs.setCurrentIndex, place), from_anywhere=True)
        self.tabs.currentChanged.connect(self._enter_tab)
        back = button(self.tr("Back"), self.left.emit, "quiet", tip="Alt+Left")
        add_key(self, "Alt+Left", self.tr("Back"), self.left.emit, from_anywhere=True)
        head = row(back, PatientHeader(patient.chart), spacing=2 * SPACE)
        head.setStretch(1, 1)
        page = column(head, self.tabs, spacing=SPACE)
        page.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        page.setStretch(1, 1)
        self.setLayout(page)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._enter_tab()

    def _enter_tab(self) -> None:
        """The shown tab has the focus, so that its keys act without a click."""
        self.tabs.currentWidget().setFocus()

    def _tabs(self, patient: OpenPatient) -> list[tuple[str, QWidget]]:
        return [
            (self.tr("Chart"), ChartTab(patient.chart)),
            (self.tr("Typical day"), ProfileTab(patient.figures)),
            (self.tr("Day by day"), DaysTab(patient.figures)),
            (self.tr("Figures"), MetricsTab(patient.figures)),
            (self.tr("Timeline"), TimelineTab(patient.timeline)),
            (self.tr("Plan"), PlanTab(patient.plan)),
            (self.tr("Access"), AccessTab(patient.access)),
        ]
