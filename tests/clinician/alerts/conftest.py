"""A desk without a platform: what is drawn does not depend on one, and what is sent finds nobody."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from apricot.glucose.v1 import alert_pb2 as pb
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from apricot.identity.v1.account_pb2 import Account
from apricot.identity.v1.care_pb2 import Patient

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.desk import Desk
from clients.clinician.models.settings import Settings
from clients.sdk import Apricot, SavedSession
from tests.clinician.alerts.happening import alerts_of
from tests.clinician.alerts.made import ME, PATIENT, at
from tests.kit.running import until


class Alone:
    """Her alerts, told by the test, by the test's clock."""

    def __init__(self, desk: Desk, alerts: AlertList) -> None:
        self.desk = desk
        self.alerts = alerts

    async def tell(self, *told: pb.Alert) -> None:
        """These have changed; when it returns they are shown."""
        for alert in told:
            update = WatchPatientsResponse()
            update.alert_changed.alert.CopyFrom(alert)
            self.desk.feed.updated.emit(update)
        await self._shown()

    async def tell_interrupted(self, *, interrupted: bool) -> None:
        update = WatchPatientsResponse()
        update.alerts_interrupted.interrupted = interrupted
        update.alerts_interrupted.since.FromDatetime(at(1))
        self.desk.feed.updated.emit(update)
        await self._shown()

    async def _shown(self) -> None:
        shown: list[None] = []

        def note() -> None:
            shown.append(None)

        self.alerts.changed.connect(note)
        await until(lambda: bool(shown))
        self.alerts.changed.disconnect(note)


class Clock:
    """Goes as the test moves it."""

    def __init__(self) -> None:
        self.now = at(12)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def alone(settings: Settings, clock: Clock) -> AsyncIterator[Alone]:
    async with Apricot("127.0.0.1:9") as apricot:
        desk = Desk(apricot.resume(SavedSession("none", "none")), Account(account_id=ME), settings, now=clock)
        desk.feed.patients = {PATIENT: Patient(patient_id=PATIENT, display_name="王秀英")}
        yield Alone(desk, alerts_of(desk))
        await desk.close()
