"""The diary and its reports in this process, on a database of their own in which nobody works behind the calls."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from apricot.glucose.v1 import diary_pb2
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.report_pb2 import GetCohortRequest, GetCohortResponse, GetSummaryRequest, ReportWindow, Summary

from kit import contract
from kit.call import Call, Caller
from kit.database import Database
from kit.views import View
from services.glucose import events
from services.glucose.rpc.diary import Diary
from services.glucose.rpc.pool import Pool
from services.glucose.rpc.reports import Reports
from services.glucose.store.days import settle
from services.glucose.store.journal import Journal
from stack.platform import Platform
from tests.databases import new_database
from tests.in_process import KEYS

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
"""Noon in Shanghai."""


class Asleep:
    """A relay that publishes nothing."""

    async def wake(self) -> None:
        pass


class Quiet:
    """Calls without a server."""

    def __init__(self, database: Database, pool: Pool) -> None:
        self.database = database
        self.now = NOW
        relay = Asleep()
        journal = Journal(database, events.entries_logged, relay.wake)
        self._diary = Diary(database, journal, cast(Any, relay), lambda: self.now)
        self._reports = Reports(database, pool, lambda: self.now)

    async def log(self, patient: UUID, entries: Iterable[Entry]) -> list[Entry]:
        """The entries that are new."""
        logged = list(entries)
        request = diary_pb2.LogEntriesRequest(patient_id=str(patient), entries=logged, request_id=str(uuid4()))
        answer = await self._diary.LogEntries(request, _call("DiaryService/LogEntries", patient))
        created = diary_pb2.ENTRY_OUTCOME_CREATED
        return [entry for entry, result in zip(logged, answer.results, strict=True) if result.outcome == created]

    async def amend(self, patient: UUID, entry: Entry, revision: int) -> Entry:
        request = diary_pb2.AmendEntryRequest(
            patient_id=str(patient), entry=entry, expected_revision=revision, request_id=str(uuid4())
        )
        return (await self._diary.AmendEntry(request, _call("DiaryService/AmendEntry", patient))).entry

    async def delete(self, patient: UUID, entry_id: str, revision: int) -> None:
        request = diary_pb2.DeleteEntryRequest(
            patient_id=str(patient), entry_id=entry_id, expected_revision=revision, request_id=str(uuid4())
        )
        await self._diary.DeleteEntry(request, _call("DiaryService/DeleteEntry", patient))

    async def cohort(self, views: Mapping[UUID, View], **more: Any) -> GetCohortResponse:
        """As somebody with these views."""
        call = _call("ReportService/GetCohort", uuid4())
        call.views.update(views)
        request = GetCohortRequest(patient_ids=[str(patient) for patient in views], **more)
        return await self._reports.GetCohort(request, call)

    async def summary(self, patient: UUID, last_days: int) -> Summary:
        """As the patient."""
        request = GetSummaryRequest(patient_id=str(patient), window=ReportWindow(last_days=last_days))
        return (await self._reports.GetSummary(request, _call("ReportService/GetSummary", patient))).summary

    async def settle(self, most: int = 500) -> int:
        """How many marks were settled."""
        async with self.database.connection() as connection:
            return await settle(connection, most)

    async def settle_all(self) -> None:
        while await self.settle():
            pass

    async def fetch(self, statement: str, *values: object) -> Sequence[Any]:
        """Rows of a statement on the database."""
        async with self.database.connection() as connection:
            return cast(Sequence[Any], await connection.fetch(statement, *values))


@asynccontextmanager
async def quiet_database(engines: Platform) -> AsyncIterator[Quiet]:
    url = await new_database(engines.database_url, "glucose")
    database, pool = Database(url, "glucose", KEYS), Pool()
    yield Quiet(database, pool)
    await pool.close()
    await database.close()


def _call(method: str, caller: UUID) -> Call:
    call = Call(contract.methods()[f"/apricot.glucose.v1.{method}"], "1")
    call.signed_in = Caller(caller, uuid4(), frozenset({"patient"}), datetime.max.replace(tzinfo=UTC))
    return call
