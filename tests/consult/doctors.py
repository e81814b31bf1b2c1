"""Doctors for tests: a real clinician of identity's, with a practice."""

from uuid import UUID

from apricot.consult.v1.consultation_pb2 import CONSULTATION_MODE_TEXT, ConsultationMode

from kit.database import Database
from tests.people import People, Person


async def listed_doctor(
    people: People,
    database: Database,
    department: str,
    *,
    modes: tuple[ConsultationMode.ValueType, ...] = (CONSULTATION_MODE_TEXT,),
    fee_minor: int = 0,
) -> Person:
    """A new doctor whom patients of the department find."""
    doctor = await people.new_clinician()
    async with database.connection() as connection:
        await connection.execute(
            "insert into doctor (doctor_id, display_name, title, licence_end_time, first_registration_date, "
            "department_code, listed) "
            "values ($1, 'Dr. Test', '主任医师', now() + interval '1 year', '2010-01-01', $2, true)",
            UUID(doctor.account_id),
            department,
        )
        await connection.executemany(
            "insert into doctor_mode (doctor_id, mode, fee_minor, currency) values ($1, $2, $3, 'CNY')",
            [(UUID(doctor.account_id), int(mode), fee_minor) for mode in modes],
        )
    return doctor
