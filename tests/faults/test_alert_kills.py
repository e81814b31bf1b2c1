"""`kill -9` to the evaluation and to what it stands on, under load: no alert is lost, none is raised twice."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import nats
import pytest
from apricot.glucose.v1 import alert_pb2 as pb
from apricot.glucose.v1.diary_pb2 import ENTRY_OUTCOME_CREATED, ENTRY_OUTCOME_DUPLICATE

from clients.sdk import ApricotError, Recorder
from services.glucose.work.progress import CONSUMER
from stack.platform import Platform
from tests.faults.load import ZONE, until
from tests.people import People, Person

PATIENTS = 12
SENSOR = Recorder.by_hand("sensor", ZONE)


@pytest.mark.parametrize("parts", [("glucose-worker",), ("nats", "glucose-worker"), ("postgres",)], ids="+".join)
async def test_no_alert_is_lost_or_raised_twice(wounded: Platform, folk: People, parts: Sequence[str]) -> None:
    patients = await asyncio.gather(*(folk.patient() for _ in range(PATIENTS)))
    others, under_way = patients[: PATIENTS // 2], patients[PATIENTS // 2 :]
    await asyncio.gather(*map(_log_low, others))
    for part in parts:
        wounded.part(part).kill()
    await asyncio.gather(*map(_log_low, under_way))
    for part in parts:
        await wounded.part(part).wait_ready()
    for patient in patients:

        async def is_alarmed(patient: Person = patient) -> bool:
            return bool(await _alerts(patient))

        await until(is_alarmed)
    await until(lambda: _is_all_handled(wounded))
    for patient in patients:
        assert Counter(alert.rule for alert in await _alerts(patient)) == {pb.ALERT_RULE_URGENT_LOW: 1}


async def _log_low(patient: Person) -> None:
    """As a phone does: the same entry again and again, until the platform has it."""
    reading = SENSOR.sensor_reading(datetime.now(UTC), 50)

    async def is_logged() -> bool:
        try:
            (result,) = await patient.session.log(patient.account_id, [reading])
        except ApricotError as error:
            if not error.temporary:
                raise
            return False
        return result.outcome in (ENTRY_OUTCOME_CREATED, ENTRY_OUTCOME_DUPLICATE)

    await until(is_logged)


async def _is_all_handled(platform: Platform) -> bool:
    """Whether nothing waits to be delivered, or delivered once more."""
    client = await nats.connect(platform.nats_url)
    info = await client.jetstream().consumer_info("glucose", CONSUMER)
    await client.close()
    return not info.num_pending and not info.num_ack_pending


async def _alerts(patient: Person) -> Sequence[pb.Alert]:
    request = pb.ListAlertsRequest(patient_ids=[patient.account_id])
    return (await patient.session.alerts.ListAlerts(request)).alerts
