"""Everything of one patient that a page shows."""

from clients.clinician.models.desk import Desk
from clients.clinician.models.drafts import Drafts
from clients.clinician.models.loop.access import AccessModel
from clients.clinician.models.loop.plans import PlanModel
from clients.clinician.models.loop.timeline import TimelineModel
from clients.clinician.models.patient.chart import ChartModel
from clients.clinician.models.patient.figures import FiguresModel


class OpenPatient:
    """Shared by all pages that show the patient; live from the first to the last of them."""

    def __init__(self, desk: Desk, patient_id: str, drafts: Drafts) -> None:
        self.patient_id = patient_id
        self.chart = ChartModel(desk, patient_id)
        self.figures = FiguresModel(desk, patient_id)
        self.timeline = TimelineModel(desk, patient_id, drafts)
        self.plan = PlanModel(desk, patient_id, drafts)
        self.access = AccessModel(desk, patient_id)
        self._pages = 0

    def enter(self) -> None:
        """One more page shows it."""
        self._pages += 1
        if self._pages == 1:
            self.chart.open()
            self.figures.open()

    def leave(self) -> bool:
        """One page less; whether it was the last."""
        self._pages -= 1
        if self._pages == 0:
            self.chart.close()
            self.figures.close()
        return self._pages == 0
