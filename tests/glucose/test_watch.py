"""Live streams through the real gateway, with two replicas behind it."""

from datetime import UTC, datetime

from clients.sdk import Recorder
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
