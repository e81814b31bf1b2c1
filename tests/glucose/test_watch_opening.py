"""Watches that open while entries are being written."""

import asyncio
from collections import Counter
from datetime import timedelta

from apricot.glucose.v1.diary_pb2 import ENTRY_OUTCOME_CREATED

from stack.platform import Platform
from tests.glucose.diaries import HAND, ago, listed, log
from tests.glucose.direct import direct_watch
from tests.people import People, Person


async def test_snapshot_and_events_hold_each_entry_once(platform: Platform, people: People) -> None:
    patient = await people.patient()
    last = HAND.note(ago(600), "the last")  # at an instant of its own
    logged: asyncio.Queue[None] = asyncio.Queue()

    began = ago(0)
    few = asyncio.Semaphore(16)  # so that the calls take many commits

    async def log_one(n: int) -> None:
        note = HAND.note(began - timedelta(seconds=n), str(n))
        async with few:
            (result,) = await log(patient, note)
        assert result.outcome == ENTRY_OUTCOME_CREATED
        logged.put_nowait(None)

    seen = []
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(log_one(n)) for n in range(400)]
        for n in range(30):
            address = platform.addresses("glucose")[n % 2]
            seen.append(group.create_task(_watch(address, patient, last.entry_id)))
            for _ in range(10):
                await logged.get()
        await asyncio.wait(calls)
        await log(patient, last)
    expected = Counter([entry.entry_id for entry in await listed(patient)])
    assert len(expected) == 401
    snapshots = set()
    for task in seen:
        in_snapshot, entries = task.result()
        assert entries == expected
        snapshots.add(in_snapshot)
    assert snapshots - {0, 400}  # some did open in the middle


async def _watch(address: str, patient: Person, last: str) -> tuple[int, Counter[str]]:
    """How many entries the snapshot held, and how often each came in all."""
    seen: Counter[str] = Counter()
    async with direct_watch(address, patient.session, [patient.account_id]) as watch:
        seen.update(entry.entry_id for entry in (await watch.next()).snapshot.entries)
        in_snapshot = seen.total()
        while last not in seen:
            seen.update(entry.entry_id for entry in (await watch.next()).entries_logged.entries)
    return in_snapshot, seen
