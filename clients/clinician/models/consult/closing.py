"""How a consultation ends: with its outcome, in the doctor's words."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from enum import Enum
from uuid import uuid4

from apricot.consult.v1.consultation_pb2 import CloseConsultationRequest, Consultation, Outcome, Referral
from apricot.consult.v1.directory_pb2 import Department, ListDepartmentsRequest
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.consult.diagnoses import parsed
from clients.clinician.models.desk import Desk
from clients.clinician.models.draft_store import DraftStore
from clients.sdk import ApricotError


class Need(Enum):
    """What is missing still, or cannot be so."""

    SUMMARY = "summary"
    DIAGNOSES = "diagnoses"
    """A line is no ICD-10 code."""
    FOLLOW_UP = "follow up"
    """No such day."""
    REFERRAL = "referral"
    """A department without a reason, or a reason without one."""


@dataclass(frozen=True)
class Ending:
    """As the doctor fills it in."""

    summary: str = ""
    advice: str = ""
    diagnoses: str = ""
    """A line each, the ICD-10 code first."""
    follow_up_date: str = ""
    """yyyy-mm-dd, in the patient's zone; empty: none."""
    referral_department: str = ""
    """Its code; empty: nowhere else."""
    referral_reason: str = ""
    referral_urgent: bool = False


class ClosingModel(QObject):
    """Of one consultation. What she types is kept until it is closed."""

    changed = Signal()
    """The departments are known, or it is being closed."""
    closed = Signal(object)
    """The Consultation."""
    refused = Signal(object)
    """An ApricotError."""

    def __init__(self, desk: Desk, consultation: Consultation, drafts: DraftStore) -> None:
        super().__init__()
        self.consultation = consultation
        self.departments: tuple[Department, ...] = ()
        self.busy = False
        self._desk = desk
        self._drafts = drafts
        self._key = f"closing/{consultation.consultation_id}"
        self._request_id = str(uuid4())

    @property
    def ending(self) -> Ending:
        """As far as she has typed it."""
        kept = self._drafts.get(self._key)
        return Ending(**json.loads(kept)) if kept else Ending()

    def open(self) -> None:
        """Ask for the departments."""
        self._desk.tasks.spawn(self._list_departments())

    def type(self, ending: Ending) -> None:
        """Keep it."""
        if ending == Ending():
            self._drafts.drop(self._key)
        else:
            self._drafts.put(self._key, json.dumps(asdict(ending)))

    def needs(self, ending: Ending) -> set[Need]:
        """What the platform would refuse it for."""
        needs = set()
        if not ending.summary.strip():
            needs.add(Need.SUMMARY)
        if parsed(ending.diagnoses) is None:
            needs.add(Need.DIAGNOSES)
        if ending.follow_up_date and not _is_day(ending.follow_up_date):
            needs.add(Need.FOLLOW_UP)
        if bool(ending.referral_department) != bool(ending.referral_reason.strip()):
            needs.add(Need.REFERRAL)
        return needs

    def close(self, ending: Ending) -> None:
        """`closed` or `refused`."""
        if not self.busy and not self.needs(ending):
            self.type(ending)
            self.busy = True
            self.changed.emit()
            self._desk.tasks.spawn(self._close(ending))

    async def _close(self, ending: Ending) -> None:
        outcome = Outcome(
            summary=ending.summary.strip(),
            advice=ending.advice.strip(),
            diagnoses=parsed(ending.diagnoses) or [],
            follow_up_date=ending.follow_up_date,
        )
        if ending.referral_department:
            outcome.referral.CopyFrom(
                Referral(
                    department_code=ending.referral_department,
                    reason=ending.referral_reason.strip(),
                    urgent=ending.referral_urgent,
                )
            )
        request = CloseConsultationRequest(
            request_id=self._request_id, consultation_id=self.consultation.consultation_id, outcome=outcome
        )
        try:
            self.consultation = (await self._desk.session.consultations.CloseConsultation(request)).consultation
            self._drafts.drop(self._key)
            self.closed.emit(self.consultation)
        except ApricotError as error:
            self.refused.emit(error)
        finally:
            self.busy, self._request_id = False, str(uuid4())
            self.changed.emit()

    async def _list_departments(self) -> None:
        answer = await self._desk.session.directory.ListDepartments(ListDepartmentsRequest())
        self.departments = tuple(answer.departments)
        self.changed.emit()


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
