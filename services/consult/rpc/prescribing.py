"""What a prescription says, made from what the doctor wrote and what is known of the patient at that instant."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_ACTIVE, Eligibility
from apricot.consult.v1.prescription_pb2 import (
    Finding,
    FindingOverride,
    PrescriptionContent,
    PrescriptionState,
    WrittenPrescription,
)
from apricot.errors.v1.reason_pb2 import Reason
from sqlmodel.ext.asyncio.session import AsyncSession

from formulary.model import MedicineInUse
from kit.call import Call
from kit.errors import ApricotError
from kit.times import to_timestamp
from prescribing.checks import counted
from prescribing.genuineness import DoctorKeys
from prescribing.overrides import require_safe
from prescribing.safety import findings_of, medicines_of, patient_of
from services.consult.domain.diagnoses import require_eligible
from services.consult.domain.prescriptions import expires, require_may_prescribe
from services.consult.rpc.genuineness import is_as_signed
from services.consult.rpc.participants import Seat, require_doctor
from services.consult.store import health_records
from services.consult.store import prescriptions as store
from services.consult.store.tables import PrescriptionRow

_MOST_BYTES = 64 << 10
"""Of what is signed."""


class Desk(NamedTuple):
    """A doctor who may prescribe to a patient of this age."""

    seat: Seat
    age_years: int


class Order(NamedTuple):
    """What the doctor wrote, and in which place it is to stand."""

    prescription_id: UUID
    revision: int
    previous_sha256: bytes
    """Of the revision before; empty for the first one."""
    written: WrittenPrescription
    overrides: Sequence[FindingOverride]
    issue_time: datetime


async def sit_down(
    session: AsyncSession, call: Call, consultation_id: str, written: WrittenPrescription, now: datetime, *, lock: bool
) -> Desk:
    """Return the treating doctor, where the law allows to prescribe for these diagnoses. With `lock`, neither the
    consultation nor what is known of the patient changes until the transaction ends. Raises NOT_FOUND, NOT_ALLOWED, and
    those of the domain."""
    seat = await require_doctor(session, call, consultation_id, now, lock=lock)
    if lock:
        await health_records.lock(session, seat.consultation.patient_id)
    eligibility = Eligibility.FromString(seat.consultation.eligibility or b"")
    age_years = require_may_prescribe(
        is_active=seat.consultation.state == CONSULTATION_STATE_ACTIVE,
        is_eligible=eligibility.eligible,
        age_years=seat.consultation.patient_age_years,
        guardian_present=eligibility.guardian_present,
    )
    require_eligible(
        (diagnosis.code for diagnosis in written.diagnoses),
        (diagnosis.code for diagnosis in eligibility.earlier_diagnoses),
    )
    return Desk(seat, age_years)


class Prescribing:
    """Checks, and puts into words."""

    def __init__(self, keys: DoctorKeys) -> None:
        self._keys = keys

    async def findings(
        self, session: AsyncSession, desk: Desk, written: WrittenPrescription, now: datetime, besides: UUID | None
    ) -> list[Finding]:
        """What is unsafe, beside the prescription whose place this takes."""
        patient = desk.seat.consultation.patient_id
        with counted():
            record = await health_records.newest(session, patient)
            prescribed = [
                medicine
                for row in await store.in_force(session, patient, now)
                if row.prescription_id != besides
                for medicine in await self._medicines_of(row)
            ]
            return findings_of(written.items, patient_of(record.facts, desk.age_years, prescribed, now))

    async def content(self, session: AsyncSession, desk: Desk, order: Order, now: datetime) -> PrescriptionContent:
        """What is to be signed: the same for the same facts. Errors: MEDICINE_NOT_ALLOWED, PRESCRIPTION_UNSAFE,
        INVALID_FIELD, TOO_LARGE."""
        findings = await self.findings(session, desk, order.written, now, order.prescription_id)
        require_safe(findings, order.overrides)
        consultation, doctor = desk.seat.consultation, desk.seat.member
        content = PrescriptionContent(
            prescription_id=str(order.prescription_id),
            revision=order.revision,
            previous_sha256=order.previous_sha256,
            consultation_id=str(consultation.consultation_id),
            patient_id=str(consultation.patient_id),
            patient_name=consultation.patient_name,
            patient_age_years=desk.age_years,
            doctor_id=str(doctor.account_id),
            doctor_name=doctor.display_name,
            written=order.written,
            findings=findings,
            overrides=order.overrides,
            issue_time=to_timestamp(order.issue_time),
            expire_time=to_timestamp(expires(order.issue_time, order.written.validity_days)),
        )
        if content.ByteSize() > _MOST_BYTES:
            raise ApricotError(Reason.REASON_TOO_LARGE, "more words than a prescription holds")
        return content

    async def _medicines_of(self, row: PrescriptionRow) -> list[MedicineInUse]:
        """Of another prescription. One that was altered holds nobody knows what."""
        content = None
        if await is_as_signed(self._keys, row):
            content = PrescriptionContent.FromString(row.signed_content)
        return medicines_of(row.prescription_id, PrescriptionState.ValueType(row.state), content)
