"""The diary and the watch wired in this process: PostgreSQL and NATS are real, identity answers with the grants that a
test gives."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import diary_pb2
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse

from kit.call import Call
from kit.clock import utc_now
from kit.errors import ApricotError
from services.glucose.rpc import live
from services.glucose.rpc.diary import Diary
from services.glucose.rpc.live import Sources
from services.glucose.rpc.watch import Watch
from services.glucose.rpc.watchers import Watchers
from tests.glucose.diaries import ago, ids
from tests.glucose.sharing.diary import MAKERS
from tests.glucose.wired import Wired
from tests.kit.calls import call
from tests.kit.identity import Relations
from tests.patience import PATIENCE

DIARY = "/apricot.glucose.v1.DiaryService/"
WATCH = "/apricot.glucose.v1.WatchService/WatchPatients"


class Service:
    """The diary and the watch of one replica; `patient` is a new one for each test, `other` whoever holds grants."""

    def __init__(self, parts: Wired, grants: Relations) -> None:
        self.parts, self.grants = parts, grants
        self.diary = Diary(parts.database, parts.journal, parts.relay, parts.clock)
        sources = Sources(parts.database, parts.bus, parts.feed, parts.hub, parts.clock, parts.vigil, parts.receipts)
        self._watch = Watch(sources, grants.remote, Watchers(grants.remote))
        self.patient, self.other = uuid4(), uuid4()

    async def call(self, method: str, by: UUID | None = None) -> Call:
        """A call that the chain has let in: what identity says of the caller is on it."""
        made = call(by or self.patient, utc_now() + timedelta(minutes=10), DIARY + method)
        if made.caller.account_id != self.patient:
            (decision,) = await self.grants.remote.decide(made, [self.patient])
            made.views[self.patient] = decision.view
        return made

    async def log(self, *entries: Entry, by: UUID | None = None) -> Sequence[diary_pb2.EntryResult]:
        request = diary_pb2.LogEntriesRequest(patient_id=str(self.patient), request_id=str(uuid4()), entries=entries)
        return (await self.diary.LogEntries(request, await self.call("LogEntries", by))).results

    async def listed(self, by: UUID | None = None, page_size: int = 1000) -> list[Entry]:
        request = diary_pb2.ListEntriesRequest(patient_id=str(self.patient), page_size=page_size)
        found: list[Entry] = []
        while True:
            page = await self.diary.ListEntries(request, await self.call("ListEntries", by))
            found += page.entries
            if not page.next_page_token:
                return found
            assert len(page.entries) == page_size
            request.page_token = page.next_page_token

    async def revisions(self, entry_id: str, by: UUID | None = None) -> Sequence[diary_pb2.EntryRevision]:
        request = diary_pb2.ListEntryRevisionsRequest(patient_id=str(self.patient), entry_id=entry_id)
        return (await self.diary.ListEntryRevisions(request, await self.call("ListEntryRevisions", by))).revisions

    async def amend(self, entry: Entry, revision: int, by: UUID | None = None) -> Entry:
        request = diary_pb2.AmendEntryRequest(
            patient_id=str(self.patient), request_id=str(uuid4()), entry=entry, expected_revision=revision
        )
        return (await self.diary.AmendEntry(request, await self.call("AmendEntry", by))).entry

    async def delete(self, entry_id: str, revision: int, by: UUID | None = None) -> None:
        request = diary_pb2.DeleteEntryRequest(
            patient_id=str(self.patient), request_id=str(uuid4()), entry_id=entry_id, expected_revision=revision
        )
        await self.diary.DeleteEntry(request, await self.call("DeleteEntry", by))

    @asynccontextmanager
    async def watch(self, *others: UUID, by: UUID | None = None, resume_token: str = "") -> AsyncIterator["Messages"]:
        """A watch of the patient, and of others."""
        patients = [str(patient) for patient in (self.patient, *others)]
        request = WatchPatientsRequest(patient_ids=patients, resume_token=resume_token, snapshot_minutes=1440)
        stream = self._watch.WatchPatients(request, call(by or self.other, utc_now() + timedelta(minutes=10), WATCH))
        try:
            yield Messages(stream)
        finally:
            await stream.aclose()


class Messages:
    """What a watch sends."""

    def __init__(self, stream: AsyncGenerator[live.Update]) -> None:
        self._stream = stream

    async def next(self, *, heartbeats: bool = False) -> WatchPatientsResponse:
        async with asyncio.timeout(PATIENCE):
            while True:
                update = await anext(self._stream)
                message = WatchPatientsResponse.FromString(update) if isinstance(update, bytes) else update
                if heartbeats or not message.HasField("heartbeat"):
                    return message

    async def entry_ids(self) -> list[str]:
        """Of the next message, in which entries were logged."""
        message = await self.next()
        assert message.WhichOneof("event") == "entries_logged", message
        return ids(message.entries_logged.entries)

    async def end(self) -> Reason.ValueType:
        while True:
            try:
                await self.next()
            except ApricotError as error:
                return error.reason


def one_of_each(minutes: float = 30) -> list[Entry]:
    """An entry of every kind, minutes ago."""
    return [make(ago(minutes)) for make in MAKERS]


def refused(reason: Reason.ValueType) -> "pytest.RaisesExc[ApricotError]":
    return pytest.raises(ApricotError, check=lambda error: error.reason == reason)
