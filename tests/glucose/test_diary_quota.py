"""A diary takes so much and no more; a sensor and its history fit."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import diary_pb2
from apricot.glucose.v1.entry_pb2 import Entry

from clients.sdk import Recorder
from kit.errors import ApricotError
from services.glucose import events
from services.glucose.domain.quota import COMES_BACK_OVER, Quota
from services.glucose.rpc.diary import Diary
from services.glucose.store.journal import Journal
from stack.platform import Platform
from tests.glucose.called import Asleep, call
from tests.glucose.quiet import NOW, quiet_database

SMALL = Quota(1 << 20)
SENSOR = Recorder.of_device(str(uuid4()), "sensor", "Asia/Shanghai")


def readings(count: int, first: int = 0) -> list[Entry]:
    return [
        SENSOR.sensor_reading(NOW - timedelta(minutes=1 + first + place), 100 + place % 50) for place in range(count)
    ]


class Kept:
    """One patient's diary with a small quota, in as many processes as one asks for."""

    def __init__(self, database: Any) -> None:
        self._database, self.patient, self.now = database, uuid4(), NOW

    def process(self) -> Diary:
        relay = cast(Any, Asleep())
        journal = Journal(self._database, events.entries_logged, relay.wake)
        return Diary(self._database, journal, relay, lambda: self.now, SMALL)

    async def upload(self, diary: Diary, entries: Iterable[Entry]) -> diary_pb2.UploadEntriesResponse:
        whole = list(entries)
        self.now += timedelta(milliseconds=1)  # a write is told from another by its record time

        async def batches() -> AsyncIterator[diary_pb2.UploadEntriesRequest]:
            for place in range(0, len(whole), 100):
                yield diary_pb2.UploadEntriesRequest(patient_id=str(self.patient), entries=whole[place : place + 100])

        return await diary.UploadEntries(batches(), call("DiaryService/UploadEntries", self.patient))

    async def count(self) -> int:
        async with self._database.connection() as connection:
            return int(await connection.fetchval("select count(*) from entry where patient_id = $1", self.patient))


async def test_full_diary_refuses_and_says_when_it_takes_more(engines: Platform) -> None:
    async with quiet_database(engines) as quiet:
        kept = Kept(quiet.database)
        diary = kept.process()
        with pytest.raises(ApricotError) as caught:
            await kept.upload(diary, readings(20_000))
        assert caught.value.reason == Reason.REASON_QUOTA_EXCEEDED
        stored = await kept.count()
        assert 0 < stored < 20_000
        log = diary_pb2.LogEntriesRequest(
            patient_id=str(kept.patient), request_id=str(uuid4()), entries=readings(1, 30_000)
        )
        with pytest.raises(ApricotError) as caught:
            await diary.LogEntries(log, call("DiaryService/LogEntries", kept.patient))
        kept.now += timedelta(seconds=int(caught.value.metadata["retry_after_seconds"]))
        answer = await diary.LogEntries(log, call("DiaryService/LogEntries", kept.patient))
        assert answer.results[0].outcome == diary_pb2.ENTRY_OUTCOME_CREATED
        assert answer.quota_used_percent >= 99
        assert await kept.count() == stored + 1


async def test_warning_comes_before_the_quota_bites(engines: Platform) -> None:
    async with quiet_database(engines) as quiet:
        kept, told = Kept(quiet.database), list[int]()
        diary = kept.process()
        for first in range(0, 1_000_000, 200):
            try:
                told.append((await kept.upload(diary, readings(200, first))).quota_used_percent)
            except ApricotError:
                break
        assert told[0] == 0
        assert any(80 <= percent < 100 for percent in told)


async def test_duplicates_use_no_quota(engines: Platform) -> None:
    async with quiet_database(engines) as quiet:
        kept = Kept(quiet.database)
        diary = kept.process()
        for _ in range(20):
            answer = await kept.upload(diary, readings(500))
        assert (answer.duplicate_count, answer.quota_used_percent) == (500, 0)


async def test_quota_holds_over_processes(engines: Platform) -> None:
    async with quiet_database(engines) as quiet:
        kept = Kept(quiet.database)
        with pytest.raises(ApricotError):
            await kept.upload(kept.process(), readings(20_000))
        stored = await kept.count()
        with pytest.raises(ApricotError) as caught:
            await kept.upload(kept.process(), readings(10_000, 30_000))
        assert caught.value.reason == Reason.REASON_QUOTA_EXCEEDED
        assert await kept.count() - stored < 1_000, "64 KiB that the table does not know of yet, and a batch"


def test_sensor_and_its_history_fit_the_default() -> None:
    """A reading each minute, forever, and ninety days of them at once."""
    quota, reading_bytes = Quota(160 << 20), 200
    now = NOW
    empty_at = now + quota.cost(90 * 1440 * reading_bytes)
    for _ in range(3 * 365):
        quota.require_room(empty_at, now)
        assert not quota.told_percent(empty_at, now)
        now += timedelta(days=1)
        empty_at = max(empty_at, now) + quota.cost(1440 * reading_bytes)
    assert timedelta(days=30) == COMES_BACK_OVER
