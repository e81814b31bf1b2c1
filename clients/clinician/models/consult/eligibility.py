"""The decision whether the law allows to prescribe in a consultation."""

from dataclasses import dataclass
from enum import Enum
from uuid import uuid4

from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_STATE_CLOSED,
    Consultation,
    DecideEligibilityRequest,
    ListConsultationsRequest,
)
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.consult.conversation import evidence
from clients.clinician.models.consult.diagnoses import parsed
from clients.clinician.models.consult.messages import Line, MessageList
from clients.clinician.models.desk import Desk
from clients.sdk import ApricotError

_GUARDIAN_YEARS = 6
_PAGES = 5


class Need(Enum):
    """What is missing still."""

    DIAGNOSIS = "diagnosis"
    """At least one that this follows up, as ICD-10 codes."""
    EVIDENCE = "evidence"
    """Something that shows it."""
    GUARDIAN = "guardian"
    """The patient is under six years."""
    NOTE = "note"
    """The patient reads why it is not allowed."""


@dataclass(frozen=True)
class Decision:
    """As the doctor fills it in."""

    eligible: bool = True
    diagnoses: str = ""
    """A line each, the ICD-10 code first."""
    attachment_ids: tuple[str, ...] = ()
    earlier_consultation_id: str = ""
    guardian_present: bool = False
    note: str = ""


class EligibilityModel(QObject):
    """Of one consultation."""

    changed = Signal()
    """Earlier consultations are known, or it is being decided."""
    decided = Signal(object)
    """The Consultation."""
    refused = Signal(object)
    """An ApricotError: EVIDENCE_REQUIRED, GUARDIAN_REQUIRED, AGE_UNKNOWN, …"""

    def __init__(self, desk: Desk, consultation: Consultation, messages: MessageList) -> None:
        super().__init__()
        self.consultation = consultation
        self.evidence: tuple[Line, ...] = tuple(evidence(messages.every_line))
        self.earlier: tuple[Consultation, ...] = ()
        """Hers with this patient that were closed with a diagnosis, the newest first."""
        self.busy = False
        self._desk = desk
        self._request_id = str(uuid4())

    def open(self) -> None:
        """Look for earlier consultations."""
        self._desk.tasks.spawn(self._find_earlier())

    def needs(self, decision: Decision) -> set[Need]:
        """What the platform would refuse it for; nothing: try."""
        if not decision.eligible:
            return set() if decision.note.strip() else {Need.NOTE}
        needs = set()
        if not parsed(decision.diagnoses):
            needs.add(Need.DIAGNOSIS)
        if not decision.attachment_ids and not decision.earlier_consultation_id:
            needs.add(Need.EVIDENCE)
        if self.guardian_needed and not decision.guardian_present:
            needs.add(Need.GUARDIAN)
        return needs

    @property
    def guardian_needed(self) -> bool:
        known = self.consultation.HasField("patient_age_years")
        return known and self.consultation.patient_age_years < _GUARDIAN_YEARS

    def decide(self, decision: Decision) -> None:
        """`decided` or `refused`."""
        if not self.busy and not self.needs(decision):
            self.busy = True
            self.changed.emit()
            self._desk.tasks.spawn(self._decide(decision))

    async def _decide(self, decision: Decision) -> None:
        request = DecideEligibilityRequest(
            request_id=self._request_id,
            consultation_id=self.consultation.consultation_id,
            eligible=decision.eligible,
            earlier_diagnoses=(parsed(decision.diagnoses) or []) if decision.eligible else [],
            evidence_attachment_ids=decision.attachment_ids if decision.eligible else (),
            earlier_consultation_id=decision.earlier_consultation_id if decision.eligible else "",
            guardian_present=decision.guardian_present,
            note=decision.note.strip(),
        )
        try:
            self.consultation = (await self._desk.session.consultations.DecideEligibility(request)).consultation
            self.decided.emit(self.consultation)
        except ApricotError as error:
            self.refused.emit(error)
        finally:
            self.busy, self._request_id = False, str(uuid4())
            self.changed.emit()

    async def _find_earlier(self) -> None:
        request, found = ListConsultationsRequest(state=CONSULTATION_STATE_CLOSED, page_size=200), list[Consultation]()
        for _ in range(_PAGES):
            page = await self._desk.session.consultations.ListConsultations(request)
            found += [each for each in page.consultations if each.patient_id == self.consultation.patient_id]
            request.page_token = page.next_page_token
            if not page.next_page_token:
                break
        self.earlier = tuple(each for each in found if each.outcome.diagnoses)
        self.changed.emit()
