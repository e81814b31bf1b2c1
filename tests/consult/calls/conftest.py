"""Two people in a consultation by video, each with a device; a new consultation for each test."""

from dataclasses import dataclass

import pytest

from kit.database import Database
from tests.consult.calls.arranged import Device, arrange_consultation
from tests.people import People, Person


@dataclass(frozen=True)
class Pair:
    """The two sides."""

    patient: Device
    doctor: Device

    @property
    def consultation_id(self) -> str:
        return self.patient.consultation_id

    @property
    def patient_id(self) -> str:
        return self.patient.person.account_id

    @property
    def doctor_id(self) -> str:
        return self.doctor.person.account_id


@pytest.fixture(scope="session")
async def three(people: People) -> tuple[Person, Person, Person]:
    """They are signed in once; whom a test leaves in a call is taken out behind it."""
    return await people.patient(), await people.patient(), await people.patient()


@pytest.fixture(scope="session")
def stranger(three: tuple[Person, Person, Person]) -> Person:
    return three[2]


@pytest.fixture(scope="session")
def colleague(three: tuple[Person, Person, Person]) -> Person:
    return three[2]


@pytest.fixture
async def pair(three: tuple[Person, Person, Person], consult_database: Database) -> Pair:
    patient, doctor, _ = three
    async with consult_database.connection() as connection:
        await connection.execute(
            "with over as (update call set state = 3, end_reason = 1, end_time = now(), ringing_ids = '{}'"
            " where state in (1, 2))"
            " update call_participant set leave_time = now() where leave_time is null"
        )
    consultation = await arrange_consultation(consult_database, patient, doctor)
    return Pair(Device.of(patient, consultation), Device.of(doctor, consultation))
