"""What the platform's safety check says of the medicines in a plan that is being written."""

from apricot.errors.v1.reason_pb2 import Reason
from PySide6.QtWidgets import QWidget

from clients.clinician.models.loop.plans import PlanModel
from clients.clinician.models.prescription.live_check import CheckState
from clients.clinician.views import words
from clients.clinician.views.parts import card, column, label, restyle
from clients.clinician.views.prescription.findings import FindingList


class PlanSafety(QWidget):
    """Hidden while there is nothing to check. A finding that needs a reason has a field for it."""

    def __init__(self, model: PlanModel) -> None:
        super().__init__()
        self._model = model
        self.findings = FindingList(model.give_reason, record=None)
        self.verdict = label("", wraps=True)
        self.setLayout(column(card(label(self.tr("Safety check"), "heading"), self.verdict, self.findings)))
        model.checked.connect(self._show)
        self._show()

    def _show(self) -> None:
        model = self._model
        self.setVisible(model.writing is not None and model.check.state is not CheckState.INCOMPLETE)
        self.findings.show_findings(model.findings, model.reason)
        self.verdict.setText(self._verdict())
        forbidden = model.is_unsafe or model.check.state in (CheckState.REFUSED, CheckState.UNREACHABLE)
        restyle(self.verdict, "problem" if forbidden else "muted")

    def _verdict(self) -> str:
        model = self._model
        match model.check.state:
            case CheckState.CHECKING:
                return self.tr("Checking …")
            case CheckState.UNREACHABLE:
                return self.tr("The safety check does not answer. Until it does, no plan with medicines can be sent.")
            case CheckState.REFUSED:
                return self._refusal()
        if model.is_unsafe:
            return self.tr("This plan cannot be sent. Resolve what the safety check found.")
        if model.reasons_missing:
            return self.tr("Before you send this plan, say why it is right for this patient.")
        return self.tr("Checked.") if model.findings else self.tr("Checked. Nothing was found.")

    def _refusal(self) -> str:
        error = self._model.check.error
        if error is None:
            return ""
        if error.reason == Reason.REASON_AGE_UNKNOWN:
            return self.tr("The patient's birth date is not known. Without it no medicine can be planned.")
        if error.violations:
            return self.tr("The check needs what is marked at the medicines below.")
        return words.problem(error)
