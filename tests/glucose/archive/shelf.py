"""A patient's diary in this process, whose old months a test freezes and thaws."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from apricot.glucose.v1 import diary_pb2
from apricot.glucose.v1.diary_pb2 import ListEntriesRequest
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.export_pb2 import ExportDiaryRequest, ExportFormat

from clients.sdk import Recorder
from kit.database import Database
from services.glucose import events
from services.glucose.domain.months import months_before
from services.glucose.rpc.diary import Diary
from services.glucose.rpc.exports import Exports
from services.glucose.store.archive import freeze, thaw
from services.glucose.store.journal import Journal
from services.glucose.work import archiving
from tests.glucose.called import Asleep, call

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
MONTHS = [date(2022, month, 1) for month in (1, 2, 3)]
SENSOR = Recorder.by_hand("sensor", "Asia/Shanghai")


class Shelf:
    """Calls without a server."""

    def __init__(self, database: Database, patient: UUID | None = None) -> None:
        self.database = database
        self.patient = patient or uuid4()
        self.now = NOW
        relay = cast(Any, Asleep())
        self._diary = Diary(database, Journal(database, events.entries_logged, relay.wake), relay, lambda: self.now)
        self._exports = Exports(database, lambda: NOW)

    async def log(self, *entries: Entry) -> list[diary_pb2.EntryResult]:
        self.now += timedelta(milliseconds=1)  # a write is told from another by its record time
        request = diary_pb2.LogEntriesRequest(patient_id=str(self.patient), request_id=str(uuid4()), entries=entries)
        answer = await self._diary.LogEntries(request, call("DiaryService/LogEntries", self.patient))
        return list(answer.results)

    async def amend(self, entry: Entry, revision: int) -> Entry:
        request = diary_pb2.AmendEntryRequest(
            patient_id=str(self.patient), request_id=str(uuid4()), entry=entry, expected_revision=revision
        )
        return (await self._diary.AmendEntry(request, call("DiaryService/AmendEntry", self.patient))).entry

    async def delete(self, entry_id: str, revision: int) -> None:
        request = diary_pb2.DeleteEntryRequest(
            patient_id=str(self.patient), request_id=str(uuid4()), entry_id=entry_id, expected_revision=revision
        )
        await self._diary.DeleteEntry(request, call("DiaryService/DeleteEntry", self.patient))

    async def revisions(self, entry_id: str) -> list[diary_pb2.EntryRevision]:
        request = diary_pb2.ListEntryRevisionsRequest(patient_id=str(self.patient), entry_id=entry_id)
        answer = await self._diary.ListEntryRevisions(request, call("DiaryService/ListEntryRevisions", self.patient))
        return list(answer.revisions)

    async def page(self, request: ListEntriesRequest) -> diary_pb2.ListEntriesResponse:
        return await self._diary.ListEntries(request, call("DiaryService/ListEntries", self.patient))

    async def listed(self, **asked: Any) -> list[Entry]:
        """All pages."""
        request = ListEntriesRequest(patient_id=str(self.patient), **asked)
        found: list[Entry] = []
        while True:
            answer = await self.page(request)
            found += answer.entries
            if not answer.next_page_token:
                return found
            request.page_token = answer.next_page_token

    async def exported(self, file_format: ExportFormat.ValueType) -> bytes:
        request = ExportDiaryRequest(patient_id=str(self.patient), format=file_format)
        export = self._exports.ExportDiary(request, call("ExportService/ExportDiary", self.patient))
        return b"".join([part.content async for part in export])

    async def freeze(self, month: date) -> int:
        """As the worker does, a day after the month was last thawed."""
        await self.fetch("update entry_archive set thaw_time = thaw_time - interval '25 hours'")
        return await freeze(self.database, self.patient, month)

    async def thaw(self, month: date) -> None:
        async with self.database.connection() as connection, connection.transaction():
            await thaw(connection, [(self.patient, month)])

    async def hot_and_frozen(self) -> tuple[int, int]:
        """How many entries lie where."""
        hot = await self.fetch("select count(*) from entry where patient_id = $1", self.patient)
        frozen = await self.fetch(
            "select coalesce(sum(cardinality(times)), 0) from entry_archive where patient_id = $1", self.patient
        )
        return hot[0][0], frozen[0][0]

    async def fetch(self, statement: str, *values: object) -> Sequence[Any]:
        async with self.database.connection() as connection:
            return cast(Sequence[Any], await connection.fetch(statement, *values))


def readings(start: datetime, hours: float, minutes: float = 5) -> list[Entry]:
    """Of a sensor, all different."""
    times = (start + timedelta(minutes=minutes * n) for n in range(round(hours * 60 / minutes)))
    return [SENSOR.sensor_reading(time, 70 + n % 130) for n, time in enumerate(times)]


async def freeze_everything(database: Database) -> int:
    """One round of a worker that needs no rest."""
    return await archiving.freeze_round(database, months_before(NOW.date(), 24), uuid4())
