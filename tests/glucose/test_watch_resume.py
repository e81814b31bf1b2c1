"""Watches that break off and go on: nothing missed, nothing doubled."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse

from clients.sdk import ApricotError, Recorder
from stack.platform import Platform
from tests.glucose.diaries import HAND, ZONE, ago, amend, delete, listed, log
from tests.glucose.direct import direct_watch
from tests.people import People, Person


class Ward:
    """One diary rebuilt from what a watch sends, and how often each revision of each entry was sent."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.seen: Counter[tuple[str, int]] = Counter()

    def take(self, update: WatchPatientsResponse) -> None:
        match update.WhichOneof("event"):
            case "snapshot":
                self._put(*update.snapshot.entries)
            case "entries_logged":
                self._put(*update.entries_logged.entries)
            case "entry_amended":
                self._follow(update.entry_amended.previous, update.entry_amended.entry.revision)
                self._put(update.entry_amended.entry)
            case "entry_deleted":
                self._follow(update.entry_deleted.previous, update.entry_deleted.revision)
                self.seen[update.entry_deleted.previous.entry_id, update.entry_deleted.revision] += 1
                del self.entries[update.entry_deleted.previous.entry_id]

    def _put(self, *entries: Entry) -> None:
        for entry in entries:
            self.entries[entry.entry_id] = entry
            self.seen[entry.entry_id, entry.revision] += 1

    def _follow(self, previous: Entry, revision: int) -> None:
        """In order: a change comes behind what it changed."""
        assert self.entries[previous.entry_id] == previous
        assert revision == previous.revision + 1


class Writer:
    """Logs, amends and deletes its own entries at random; knows every revision that it was answered."""

    def __init__(self, patient: Person, seed: int) -> None:
        self.revisions: set[tuple[str, int]] = set()
        self._patient = patient
        self._chance = random.Random(seed)
        self._entries: list[Entry] = []
        self._phone = Recorder.by_hand(f"phone {seed}", ZONE)
        self._times = (ago(60) + timedelta(milliseconds=n) for n in count())

    async def run(self, steps: int) -> None:
        for step in range(steps):
            match self._chance.choice(["log", "log", "amend", "delete"]) if self._entries else "log":
                case "log":
                    made = [self._phone.note(next(self._times), f"{step}") for _ in range(self._chance.randrange(1, 4))]
                    await log(self._patient, *made)
                    for entry in made:
                        entry.revision = 1
                    self._entries += made
                    self.revisions.update((entry.entry_id, 1) for entry in made)
                case "amend":
                    entry = self._chance.choice(self._entries)
                    entry.note.text = f"amended at {step}"
                    entry.revision = (await amend(self._patient, entry, entry.revision)).revision
                    self.revisions.add((entry.entry_id, entry.revision))
                case "delete":
                    entry = self._entries.pop(self._chance.randrange(len(self._entries)))
                    self.revisions.add((entry.entry_id, await delete(self._patient, entry.entry_id, entry.revision)))


@pytest.mark.parametrize("seed", range(3))
async def test_a_watch_that_breaks_off_anywhere_sees_each_change_once(
    platform: Platform, people: People, seed: int
) -> None:
    chance = random.Random(seed)
    patient, ward = await people.patient(), Ward()
    writers = [Writer(patient, 10 * seed + n) for n in range(4)]
    await writers[0].run(5)  # for the snapshot
    before = {(entry.entry_id, entry.revision) for entry in await listed(patient)}
    unseen = writers[0].revisions - before
    last = HAND.note(ago(0), "the last").entry_id

    async def write() -> None:
        await asyncio.gather(*(writer.run(40) for writer in writers))
        entry = HAND.note(ago(0), "the last")
        entry.entry_id = last
        await log(patient, entry)

    async with direct_watch(platform.addresses("glucose")[0], patient.session, [patient.account_id]) as watch:
        snapshot = await watch.next()
    ward.take(snapshot)
    token, streams = snapshot.resume_token, 1
    writing = asyncio.create_task(write())
    while last not in ward.entries:
        address = chance.choice(platform.addresses("glucose"))
        streams += 1
        async with direct_watch(address, patient.session, [patient.account_id], token) as watch:
            for _ in range(chance.randrange(1, 12)):
                update = await watch.next(heartbeats=True)
                token = update.resume_token
                ward.take(update)
                if last in ward.entries or (update.HasField("heartbeat") and chance.random() < 0.5):
                    break
    await writing
    assert streams > 5
    assert {entry.entry_id: entry for entry in await listed(patient)} == ward.entries
    assert set(ward.seen.values()) == {1}
    expected = {revision for writer in writers for revision in writer.revisions} - unseen
    assert set(ward.seen) == expected | {(last, 1)}


@pytest.mark.parametrize("behind", ["snapshot", "heartbeat", "entries_logged"])
async def test_a_token_goes_on_behind_its_message(platform: Platform, people: People, behind: str) -> None:
    patient, (one, other) = await people.patient(), platform.addresses("glucose")
    before, during, after = (HAND.note(ago(n), str(n)) for n in range(3))
    await log(patient, before)
    async with direct_watch(one, patient.session, [patient.account_id]) as watch:
        snapshot, heartbeat = await watch.until_heartbeat()
        await log(patient, during)
        event = await watch.next()
    tokens = {str(message.WhichOneof("event")): message.resume_token for message in (snapshot, heartbeat, event)}
    await log(patient, after)
    async with direct_watch(other, patient.session, [patient.account_id], tokens[behind]) as watch:
        wanted = [after] if behind == "entries_logged" else [during, after]
        for entry in wanted:
            update = await watch.next()
            assert [found.entry_id for found in update.entries_logged.entries] == [entry.entry_id]
        assert (await watch.next(heartbeats=True)).HasField("heartbeat")


@pytest.mark.parametrize("token", ["?", "WzEsMl0=", "W251bGwsMSwiIl0=", "WzEsMSwiYTpiOmMiXQ==", "W" * 4000])
async def test_a_token_of_somebody_elses_making_is_refused(people: People, token: str) -> None:
    patient = await people.patient()
    with pytest.raises(ApricotError) as caught:
        await anext(patient.session.watch([patient.account_id], resume_token=token))
    assert caught.value.reason == Reason.REASON_INVALID_RESUME_TOKEN
