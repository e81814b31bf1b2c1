"""Consultations for the tests of prescriptions, arranged behind the calls as their life would leave them."""

from datetime import datetime
from uuid import UUID, uuid4

from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_STATE_ACTIVE,
    MEMBER_ROLE_COLLEAGUE,
    MEMBER_ROLE_DOCTOR,
    MEMBER_ROLE_PATIENT,
    DiagnosisCode,
    Eligibility,
)

from kit.database import Database


async def consultation(
    database: Database,
    patient: UUID,
    doctor: UUID,
    now: datetime,
    *,
    eligible: bool | None = True,
    age_years: int | None = 40,
    guardian_present: bool = False,
    state: int = CONSULTATION_STATE_ACTIVE,
    colleague: UUID | None = None,
) -> UUID:
    """A consultation whose eligibility was decided so; None: not decided."""
    consultation_id = uuid4()
    decision = None
    if eligible is not None:
        decision = Eligibility(
            eligible=eligible,
            earlier_diagnoses=[DiagnosisCode(code="E11.9")],
            guardian_present=guardian_present,
            doctor_id=str(doctor),
        ).SerializeToString()
    members = [
        (patient, MEMBER_ROLE_PATIENT, "李雷"),
        (doctor, MEMBER_ROLE_DOCTOR, "Dr. 韩梅梅"),
        *([(colleague, MEMBER_ROLE_COLLEAGUE, "Dr. 林涛")] if colleague else []),
    ]
    async with database.connection() as connection:
        await connection.execute(
            "insert into consultation (consultation_id, patient_id, patient_name, patient_age_years, doctor_id,"
            " department_code, mode, state, pool, escalation_level, complaint, fee_minor, currency, fee_state,"
            " shared_scopes, eligibility, last_sequence, create_time, update_time)"
            " values ($1, $2, '李雷', $3, $4, 'endocrinology', 1, $5, false, 0, 'sugar', 0, 'CNY', 0, '{}', $6, 0,"
            " $7, $7)",
            consultation_id,
            patient,
            age_years,
            doctor,
            state,
            decision,
            now,
        )
        await connection.executemany(
            "insert into member (consultation_id, account_id, patient_id, role, display_name, join_time,"
            " delivered_sequence, read_sequence) values ($1, $2, $3, $4, $5, $6, 0, 0)",
            [(consultation_id, account, patient, int(role), name, now) for account, role, name in members],
        )
    return consultation_id
