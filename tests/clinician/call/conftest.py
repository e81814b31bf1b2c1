"""A patient and a clinician in a consultation by video: the patient by the tests' peer, the clinician by the app."""

from collections.abc import AsyncIterator

import aioice.ice
import pytest

from kit.database import Database
from stack.platform import Platform
from tests.clinician.call.sides import Clinic, clinic_of
from tests.clinician.conftest import OpenDesk
from tests.consult.calls.arranged import Device, arrange_consultation
from tests.consult.calls.lines import Line, on_line
from tests.people import People, Person


@pytest.fixture(scope="session")
async def consult_database(platform: Platform) -> AsyncIterator[Database]:
    database = Database(platform.database_url or "", "consult", platform.sealing_keys("consult"))
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def doctor(people: People) -> Person:
    """Signed in once; each test leaves her in no call."""
    return await people.new_clinician()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """aioice leaves loopback out; a machine without a network has nothing else."""
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


@pytest.fixture
async def patient(people: People, doctor: Person, consult_database: Database, loopback: None) -> AsyncIterator[Line]:
    """On line, in a new consultation."""
    person = await people.patient()
    consultation_id = await arrange_consultation(consult_database, person, doctor)
    async with on_line(Device.of(person, consultation_id)) as (line,):
        yield line


@pytest.fixture
async def clinic(patient: Line, doctor: Person, open_desk: OpenDesk) -> AsyncIterator[Clinic]:
    """The app's side of it."""
    async with clinic_of(await open_desk(doctor), patient.device.consultation_id) as made:
        yield made
