"""One prescription in a doctor's hand: written, checked as it is written, signed. Nothing is drafted for her."""

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, auto
from uuid import uuid4

from apricot.consult.v1.consultation_pb2 import Consultation, GetConsultationRequest
from apricot.consult.v1.prescription_pb2 import (
    FINDING_CONSEQUENCE_BLOCKS,
    FINDING_CONSEQUENCE_NEEDS_REASON,
    CheckPrescriptionRequest,
    Finding,
    FindingOverride,
    Prescription,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.signing_pb2 import ProveSecondFactorRequest
from PySide6.QtCore import Signal

from clients.clinician.models.desk import Desk
from clients.clinician.models.draft_store import DraftStore
from clients.clinician.models.identity import Identity
from clients.clinician.models.prescription import requests, writing
from clients.clinician.models.prescription.editing import Editing
from clients.clinician.models.prescription.live_check import CheckState, LiveCheck
from clients.clinician.models.prescription.prescriptions import Prescriptions
from clients.clinician.models.prescription.record import PatientRecord
from clients.clinician.models.prescription.requests import SignRequest
from clients.clinician.models.prescription.search import MedicineSearch
from clients.clinician.models.prescription.writing import (
    MOST_DIAGNOSES,
    Diagnosis,
    Writing,
)
from clients.sdk import ApricotError
from clients.sdk.prescriptions import signed_sha256

_ATC = re.compile(r"\b[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}\b")


class Phase(Enum):
    """Of the writing."""

    EDITING = auto()
    SENDING = auto()
    """It is being signed."""
    UNCERTAIN = auto()
    """The answer was lost. The same request is sent again, and issues nothing twice; until then nothing changes."""


class Block(Enum):
    """Why it cannot be signed now."""

    SENDING = auto()
    INCOMPLETE = auto()
    NOT_CHECKED = auto()
    """The check is underway, or the checker does not answer."""
    REFUSED = auto()
    UNSAFE = auto()
    """A finding forbids it."""
    REASON_MISSING = auto()


class PrescriptionWriter(Editing):
    """What was typed, what the check says of it, and the signature."""

    issued = Signal(object)
    """A Prescription."""

    def __init__(self, desk: Desk, consultation_id: str, drafts: DraftStore) -> None:
        super().__init__(drafts, f"prescription:{consultation_id}")
        self._desk = desk
        self.consultation_id = consultation_id
        self.phase = Phase.UNCERTAIN if self.writing.sent else Phase.EDITING
        self.consultation: Consultation | None = None
        """None: not known yet."""
        self.search = MedicineSearch(desk)
        self.check = LiveCheck[CheckPrescriptionRequest](desk, desk.session.prescriptions.CheckPrescription)
        self.record = PatientRecord(desk, consultation_id)
        self.prescriptions = Prescriptions(desk, consultation_id, drafts)
        self.refusal: ApricotError | None = None
        """Of the last try to sign; None: there was none, or something was changed since."""
        self.last_issued: Prescription | None = None
        self._record_revision = -1
        self.check.changed.connect(self.changed)
        self.record.changed.connect(self._record_changed)

    @property
    def identity(self) -> Identity | None:
        """Whom the medicine is for; None: not known yet."""
        return self._desk.feed.identity_in(self.consultation) if self.consultation is not None else None

    def open(self) -> None:
        """Begin: what is known of the patient, and what was issued already."""
        self.reload()
        self.record.load()
        self.prescriptions.load()
        self._ask()

    def reload(self) -> None:
        """Look at the consultation again, as after a decision on eligibility."""
        self._desk.tasks.spawn(self._load())

    def close(self) -> None:
        """What was typed stays as a draft."""
        self.check.close()

    @property
    def editable(self) -> bool:
        return self.phase is Phase.EDITING

    @property
    def violations(self) -> Mapping[str, str]:
        """What the platform says of fields, by the same paths."""
        refused = [error for error in (self.check.error, self.refusal) if error is not None]
        return {each.field.removeprefix("written."): each.description for error in refused for each in error.violations}

    def discard(self) -> None:
        """Begin anew."""
        if self.editable:
            self._begin_anew()

    @property
    def findings(self) -> list[Finding]:
        """Those of the last check, without those of a medicine that is written no longer."""
        codes = {line.atc_code for line in self.writing.lines}
        named = {each.key: set(_ATC.findall(each.key)) for each in self.check.findings}
        return [each for each in self.check.findings if not named[each.key] or named[each.key] & codes]

    @property
    def needs_reason(self) -> list[Finding]:
        return [each for each in self.check.findings if each.consequence == FINDING_CONSEQUENCE_NEEDS_REASON]

    def place_of(self, finding: Finding) -> int | None:
        """The last line whose medicine a finding names: it made it so. None: it is about the patient."""
        codes = finding.key.split(":")
        named = [place for place, line in enumerate(self.writing.lines) if line.atc_code in codes]
        return named[-1] if named else None

    @property
    def blocks(self) -> list[Block]:
        """Nothing: it may be signed."""
        if self.phase is Phase.SENDING:
            return [Block.SENDING]
        if self.phase is Phase.UNCERTAIN:
            return []
        match self.check.state:
            case CheckState.INCOMPLETE:
                return [Block.INCOMPLETE]
            case CheckState.CHECKING | CheckState.UNREACHABLE:
                return [Block.NOT_CHECKED]
            case CheckState.REFUSED:
                return [Block.REFUSED]
        if any(each.consequence == FINDING_CONSEQUENCE_BLOCKS for each in self.check.findings):
            return [Block.UNSAFE]
        if any(not self.writing.reasons.get(each.key, "").strip() for each in self.needs_reason):
            return [Block.REASON_MISSING]
        return []

    def sign(self, code: str = "") -> None:
        """Sign and issue it, by a code of the second factor, which counts for just what is written now. The same call
        asks again for an answer that was lost, without a code."""
        if self.blocks:
            return
        if self.writing.sent:
            request = requests.of_text(self.writing.sent)
        elif (written := writing.written(self.writing)) is not None:
            request = requests.new(self.consultation_id, self.writing, written, self._overrides())
        else:
            return
        before, self.phase, self.refusal = self.phase, Phase.SENDING, None
        self.changed.emit()
        self._desk.tasks.spawn(self._sign(request, code, before))

    async def _sign(self, request: SignRequest, code: str, before: Phase) -> None:
        try:
            if not request.content:
                await self._prepare(request, code)
        except ApricotError as error:
            self._refused(error, before)
            return
        self._keep(replace(self.writing, sent=requests.to_text(request)))
        self._drafts.flush()  # before anything is sent: whatever crashes then, the same request is sent again
        try:
            prescription = await requests.send(self._desk.session, request)
        except ApricotError as error:
            if requests.may_have_happened(error):
                self._refused(error, Phase.UNCERTAIN)
            else:
                self._keep(replace(self.writing, sent=""))
                self._refused(error, Phase.EDITING)
            return
        self.last_issued = prescription
        self._begin_anew()
        self.prescriptions.load()
        self.issued.emit(prescription)

    async def _prepare(self, request: SignRequest, code: str) -> None:
        """Have the bytes made that are to be signed, and prove the second factor for just these."""
        consultation = self.consultation or await self._get()
        request.content = await requests.prepare(self._desk.session, consultation, request)
        if code:
            digest = signed_sha256(request.content)
            prove = ProveSecondFactorRequest(request_id=str(uuid4()), totp_code=code, signed_sha256=digest)
            await self._desk.session.signing.ProveSecondFactor(prove)

    def _refused(self, error: ApricotError, phase: Phase) -> None:
        self.phase, self.refusal = phase, error
        if phase is Phase.EDITING and error.reason in _CHECK_AGAIN:
            self._ask()
        self.changed.emit()

    def _overrides(self) -> list[FindingOverride]:
        return [
            FindingOverride(finding_key=each.key, reason=self.writing.reasons[each.key].strip())
            for each in self.needs_reason
        ]

    def _content_changed(self, *, checks: bool) -> None:
        self.refusal = None
        if checks:
            self._ask()

    def _begin_anew(self) -> None:
        self.phase, self.refusal = Phase.EDITING, None
        self.removed = None
        self._keep(Writing(diagnoses=self._earlier_diagnoses()))
        self.lines_changed.emit()
        self._ask()
        self.changed.emit()

    def _ask(self) -> None:
        written = writing.written(self.writing) if self.phase is not Phase.UNCERTAIN else None
        self.check.ask(
            written
            and CheckPrescriptionRequest(
                consultation_id=self.consultation_id,
                written=written,
                revised_prescription_id=self.writing.revised_id,
            )
        )

    async def _load(self) -> None:
        self.consultation = await self._get()
        if self.writing.diagnoses == (Diagnosis(),) and self.editable:
            self._change(replace(self.writing, diagnoses=self._earlier_diagnoses()), shape=True)
        if self.check.state is CheckState.REFUSED:
            self.check.again()
        self.changed.emit()

    async def _get(self) -> Consultation:
        request = GetConsultationRequest(consultation_id=self.consultation_id)
        return (await self._desk.session.consultations.GetConsultation(request)).consultation

    def _earlier_diagnoses(self) -> tuple[Diagnosis, ...]:
        """Those that she named when she decided on eligibility."""
        known = self.consultation.eligibility.earlier_diagnoses if self.consultation else ()
        return tuple(Diagnosis(each.code, each.description) for each in known)[:MOST_DIAGNOSES] or (Diagnosis(),)

    def _record_changed(self) -> None:
        revision = self.record.record.revision if self.record.record else -1
        if self._record_revision not in (-1, revision):
            self.check.again()
        self._record_revision = revision


_CHECK_AGAIN = {Reason.REASON_REVISION_MISMATCH, Reason.REASON_PRESCRIPTION_UNSAFE}
