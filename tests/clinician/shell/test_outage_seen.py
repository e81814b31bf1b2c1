"""`kill -9` of every glucose replica, seen from the desk: stale, then live again; nothing missed, nothing doubled."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse

from clients.clinician.views.shell.connection_badge import ConnectionBadge
from clients.sdk import Apricot, Phase, Recorder
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.clinician.conftest import OpenDesk
from tests.kit.running import until
from tests.patience import PATIENT
from tests.people import People

PHONE = Recorder.by_hand("phone", "Asia/Shanghai")


def _readings(count: int) -> list[Entry]:
    now = datetime.now(UTC)
    return [PHONE.fingerstick_reading(now - timedelta(seconds=n), 110 + n) for n in range(count)]


@pytest.fixture
async def mortal() -> AsyncIterator[Platform]:
    """A platform of its own."""
    async with temporary_platform(demo=True, glucose_replicas=2, gateway_sign_in_requests_per_minute=100_000) as made:
        yield made


async def test_it_is_stale_then_live_and_whole(mortal: Platform, open_desk: OpenDesk) -> None:
    async with Apricot(mortal.gateway_address.removeprefix("http://"), pace=PATIENT) as apricot:
        people = People(apricot, mortal.part("identity").log.path)
        clinician, patient = await people.new_clinician(), await people.patient()
        await patient.grant(clinician, SCOPE_GLUCOSE_READ)
        desk = await open_desk(clinician)
        badge = ConnectionBadge(desk)
        seen = Counter[str]()

        def count(update: WatchPatientsResponse) -> None:
            seen.update(entry.entry_id for entry in update.snapshot.entries)
            seen.update(entry.entry_id for entry in update.entries_logged.entries)

        desk.feed.updated.connect(count)
        await until(lambda: "Live" in badge.text())
        await patient.session.log(patient.account_id, _readings(5))
        await until(lambda: len(seen) == 5)

        for replica in mortal.replicas("glucose"):
            replica.kill()
        await until(lambda: "Not live since" in badge.text())
        known_until = desk.connection.standing.complete_until
        assert known_until is not None
        for replica in mortal.replicas("glucose"):
            await replica.wait_ready()
        await patient.session.log(patient.account_id, _readings(20))
        await until(lambda: desk.connection.standing.phase is Phase.LIVE)
        assert "Live" in badge.text()
        await until(lambda: len(seen) == 25)
        kept = [entry.entry_id async for entry in patient.session.entries(patient.account_id)]
        assert seen == Counter(kept)
        await until(lambda: (desk.connection.standing.complete_until or known_until) > known_until)
