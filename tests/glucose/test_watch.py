"""Live streams through the real gateway, with two replicas behind it."""

from datetime import UTC, datetime

from clients.sdk import Recorder
from stack.platform import Platform
from tests.glucose.diaries import HAND, ago, log
from tests.glucose.direct import direct_watch
from tests.people import People


async def test_a_logged_reading_reaches_the_watcher(people: People) -> None:
    patient = await people.patient()
    recorder = Recorder.of_device(patient.account_id, "sensor", "Asia/Shanghai")
    async with patient.session.watch([patient.account_id]) as watch:
        assert (await anext(watch)).WhichOneof("event") == "snapshot"
        entry = recorder.sensor_reading(datetime.now(UTC), 120)
        await patient.session.log(patient.account_id, [entry])
        update = await anext(watch)
        assert [found.entry_id for found in update.entries_logged.entries] == [entry.entry_id]


async def test_a_snapshot_holds_the_recent_entries_and_the_newest_reading(people: People) -> None:
    patient = await people.patient()
    old, older = HAND.sensor_reading(ago(300), 90), HAND.note(ago(301), "old")
    recent = [HAND.note(ago(20), "recent"), HAND.meal(ago(10), 30)]
    await log(patient, old, older, *recent)
    async with patient.session.watch([patient.account_id], snapshot_minutes=60) as watch:
        snapshot = (await anext(watch)).snapshot
    assert [entry.entry_id for entry in snapshot.entries] == [entry.entry_id for entry in recent]
    assert snapshot.latest_reading.entry_id == old.entry_id


async def test_an_empty_diary_has_an_empty_snapshot(people: People) -> None:
    patient = await people.patient()
    async with patient.session.watch([patient.account_id]) as watch:
        snapshot = (await anext(watch)).snapshot
    assert not snapshot.entries
    assert not snapshot.HasField("latest_reading")


async def test_heartbeats_tell_how_far_it_is_complete(platform: Platform, people: People) -> None:
    patient = await people.patient()
    began = datetime.now(UTC)
    async with direct_watch(platform.addresses("glucose")[0], patient.session, [patient.account_id]) as watch:
        first, second = [(await watch.until_heartbeat())[-1].heartbeat.complete_until.ToDatetime(UTC) for _ in range(2)]
    assert abs((first - began).total_seconds()) < 10
    assert 2 < (second - first).total_seconds() < 10


async def test_a_patient_may_be_named_in_upper_case(platform: Platform, people: People) -> None:
    patient = await people.patient()
    named = [patient.account_id.upper()]
    async with direct_watch(platform.addresses("glucose")[0], patient.session, named) as watch:
        assert (await watch.next()).snapshot.patient_id == patient.account_id
        entry = HAND.note(ago(0), "seen")
        await log(patient, entry)
        assert (await watch.next()).entries_logged.entries[0].entry_id == entry.entry_id
