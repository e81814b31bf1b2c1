"""A desk whose feed a test feeds by hand, where no platform is needed."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from itertools import count

import pytest
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from apricot.identity.v1.account_pb2 import Account
from apricot.identity.v1.care_pb2 import Patient

from clients.clinician.models.desk import Desk
from clients.clinician.models.settings import Settings
from clients.clinician.models.ward.ward import Ward
from clients.clinician.models.ward.ward_model import WardModel
from clients.sdk import Apricot, SavedSession
from tests.clinician.ward.told import ME, NOW

type Admit = Callable[..., None]


class Handfed:
    """A ward, its list, and the clock."""

    def __init__(self, desk: Desk, calm_seconds: float) -> None:
        self.desk = desk
        self.ward = Ward(desk)
        self.model = WardModel(self.ward, calm_seconds=calm_seconds)
        moments = count(step=10)
        self.desk.steady = lambda: next(moments)  # each look is long after the one before: no click rests

    def admit(self, *patients: Patient) -> None:
        self.desk.feed.patients = {patient.patient_id: patient for patient in patients}
        self.desk.feed.patients_changed.emit()

    def tell(self, *updates: WatchPatientsResponse) -> None:
        for update in updates:
            self.desk.feed.updated.emit(update)

    @property
    def names(self) -> list[str]:
        """As they stand; heads as their names."""
        return [
            str(getattr(item, "name", None) or item.head.name)  # type: ignore[union-attr]  # a row, or a head
            for item in map(self.model.item, range(self.model.rowCount()))
        ]


@pytest.fixture
async def quiet_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Nobody is called from it."""
    now: list[datetime] = [NOW]
    async with Apricot("127.0.0.1:1", tls=False) as apricot:
        session = apricot.resume(SavedSession(refresh_token="", refresh_request_id=""))
        yield Desk(session, Account(account_id=ME), settings, now=lambda: now[0])


@pytest.fixture
def handfed(quiet_desk: Desk) -> Handfed:
    """Whose order changes at once."""
    return Handfed(quiet_desk, calm_seconds=0.0)


@pytest.fixture
def calm(quiet_desk: Desk) -> Handfed:
    """Whose order waits for an hour, unless somebody is in need."""
    return Handfed(quiet_desk, calm_seconds=3600.0)
