"""The prescriptions of a consultation, each revision with where it stands."""

from uuid import uuid4

from apricot.consult.v1.prescription_pb2 import (
    PRESCRIPTION_STATE_EXPIRED,
    PRESCRIPTION_STATE_ISSUED,
    PRESCRIPTION_STATE_REJECTED,
    PRESCRIPTION_STATE_REPEATING,
    ListPrescriptionsRequest,
    Prescription,
    RevokePrescriptionRequest,
)
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.clinician.models.draft_store import DraftStore
from clients.sdk import ApricotError

_REVISABLE = {PRESCRIPTION_STATE_ISSUED, PRESCRIPTION_STATE_REPEATING, PRESCRIPTION_STATE_REJECTED}
_REVOCABLE = {*_REVISABLE, PRESCRIPTION_STATE_EXPIRED}


def is_revisable(prescription: Prescription) -> bool:
    """Whether it may be revised: medicine may still be ordered by it, or a pharmacist rejected it."""
    return prescription.state in _REVISABLE and not prescription.altered


def is_revocable(prescription: Prescription) -> bool:
    """Whether it may be taken back: also behind its validity, while what was ordered in time may be on its way."""
    return prescription.state in _REVOCABLE and not prescription.altered


class Prescriptions(QObject):
    """Newest first. Reasons to take one back are kept as drafts until it was."""

    changed = Signal()

    def __init__(self, desk: Desk, consultation_id: str, drafts: DraftStore) -> None:
        super().__init__()
        self._desk = desk
        self._consultation_id = consultation_id
        self._drafts = drafts
        self.prescriptions: list[Prescription] = []
        self.loaded = False
        self.error: ApricotError | None = None
        self.revoking: str = ""
        """The prescription that is being taken back; empty: none."""

    def load(self) -> None:
        """Ask for them anew."""
        self._desk.tasks.spawn(self._load())

    def revoke(self, prescription_id: str, reason: str) -> None:
        """Take it back; the patient reads why."""
        if reason.strip() and not self.revoking:
            self.revoking = prescription_id
            self.changed.emit()
            self._desk.tasks.spawn(self._revoke(prescription_id, reason.strip()))

    def reason_of(self, prescription_id: str) -> str:
        """What was typed already."""
        return self._drafts.get(_key(prescription_id)) or ""

    def keep_reason(self, prescription_id: str, text: str) -> None:
        if text:
            self._drafts.put(_key(prescription_id), text)
        else:
            self._drafts.drop(_key(prescription_id))

    async def _load(self) -> None:
        request, found = ListPrescriptionsRequest(consultation_id=self._consultation_id), list[Prescription]()
        try:
            while True:
                page = await self._desk.session.prescriptions.ListPrescriptions(request)
                found.extend(page.prescriptions)
                if not page.next_page_token:
                    break
                request.page_token = page.next_page_token
        except ApricotError as error:
            self.error = error
        else:
            self.prescriptions, self.loaded, self.error = found, True, None
        self.changed.emit()

    async def _revoke(self, prescription_id: str, reason: str) -> None:
        request = RevokePrescriptionRequest(request_id=str(uuid4()), prescription_id=prescription_id, reason=reason)
        try:
            await self._desk.session.prescriptions.RevokePrescription(request)
            self._drafts.drop(_key(prescription_id))
        finally:
            self.revoking = ""
            await self._load()


def _key(prescription_id: str) -> str:
    return f"revoke:{prescription_id}"
