"""A consultation under way, arranged in the database: a real patient, a real clinician."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_STATE_ACTIVE,
    MEMBER_ROLE_DOCTOR,
    MEMBER_ROLE_PATIENT,
    ConsultationState,
    MemberRole,
)

from kit.database import Database
from tests.people import People, Person


@dataclass(frozen=True)
class Arranged:
    """A consultation and who takes part."""

    database: Database
    consultation_id: str
    patient: Person
    doctor: Person

    async def add_member(self, person: Person, role: MemberRole.ValueType) -> None:
        """One more takes part."""
        async with self.database.connection() as connection:
            await connection.execute(
                "insert into member (consultation_id, account_id, patient_id, role, display_name, join_time, "
                "delivered_sequence, read_sequence) values ($1, $2, $3, $4, 'Somebody', now(), 0, 0)",
                UUID(self.consultation_id),
                UUID(person.account_id),
                UUID(self.patient.account_id),
                int(role),
            )

    async def remove_member(self, person: Person) -> None:
        """Takes part no more."""
        async with self.database.connection() as connection:
            await connection.execute(
                "delete from member where consultation_id = $1 and account_id = $2",
                UUID(self.consultation_id),
                UUID(person.account_id),
            )

    async def enter(self, state: ConsultationState.ValueType) -> None:
        """The consultation is in another state from now on."""
        async with self.database.connection() as connection:
            await connection.execute(
                "update consultation set state = $2, update_time = now() where consultation_id = $1",
                UUID(self.consultation_id),
                int(state),
            )


async def arranged(
    people: People,
    database: Database,
    *,
    patient: Person | None = None,
    doctor: Person | None = None,
    state: ConsultationState.ValueType = CONSULTATION_STATE_ACTIVE,
    shared_scopes: Sequence[Scope.ValueType] = (),
) -> Arranged:
    """A new consultation of these two, or of new people."""
    patient = patient or await people.patient()
    doctor = doctor or await people.new_clinician()
    made = Arranged(database, str(uuid4()), patient, doctor)
    async with database.connection() as connection:
        await connection.execute(
            "insert into consultation (consultation_id, patient_id, patient_name, doctor_id, department_code, mode, "
            "state, pool, escalation_level, complaint, fee_minor, currency, fee_state, shared_scopes, last_sequence, "
            "create_time, update_time) "
            "values ($1, $2, 'Test', $3, '03.05', 3, $4, false, 0, 'A question', 0, 'CNY', 0, $5, 0, now(), now())",
            UUID(made.consultation_id),
            UUID(patient.account_id),
            UUID(doctor.account_id),
            int(state),
            list(map(int, shared_scopes)),
        )
    await made.add_member(patient, MEMBER_ROLE_PATIENT)
    await made.add_member(doctor, MEMBER_ROLE_DOCTOR)
    return made
