"""`apricot.glucose.v1.DiaryService`."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from apricot.access.v1.access_pb2 import Scope
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import diary_pb2, events_pb2
from apricot.glucose.v1.entry_pb2 import Entry
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging, wire
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, FieldViolation, invalid_field, not_found
from kit.idempotency import answer_once, digest
from kit.outbox import Relay, add_event
from kit.times import to_datetime
from kit.views import View
from services.glucose import events
from services.glucose.domain.entries import EARLIEST, require_revision
from services.glucose.domain.quota import Quota
from services.glucose.rpc import sharing
from services.glucose.rpc.intake import Intake, Rejection
from services.glucose.rpc.meal_photos import check_photos
from services.glucose.store import entries as store
from services.glucose.store import lists
from services.glucose.store.group import NewEntry, Outcome, RequestKey, Stored
from services.glucose.store.journal import Journal
from services.glucose.store.quotas import Quotas
from services.glucose.store.tables import EntryRow

_FAR_FUTURE = datetime(2100, 1, 1, tzinfo=UTC)
_MOST_UPLOADED = 1_000_000
"""Entries in one upload stream."""
_MOST_PROBLEMS = 10_000
_DEFAULT_QUOTA = Quota()
_LISTED = diary_pb2.ListEntriesResponse.ENTRIES_FIELD_NUMBER

_OUTCOMES = {
    Outcome.CREATED: diary_pb2.ENTRY_OUTCOME_CREATED,
    Outcome.DUPLICATE: diary_pb2.ENTRY_OUTCOME_DUPLICATE,
    Outcome.CONFLICT: diary_pb2.ENTRY_OUTCOME_CONFLICT,
}


class Diary:
    """A patient's diary."""

    def __init__(
        self, database: Database, journal: Journal, relay: Relay, clock: Clock, quota: Quota = _DEFAULT_QUOTA
    ) -> None:
        self._database = database
        self._journal = journal
        self._relay = relay
        self._clock = clock
        self._quotas = Quotas(database, quota, clock)

    async def LogEntries(self, request: diary_pb2.LogEntriesRequest, call: Call) -> diary_pb2.LogEntriesResponse:
        body = digest(call.method.path, request)
        patient = UUID(request.patient_id)
        view = call.view(patient)
        self._quotas.require(patient)
        admitted = await self._admit(request.patient_id, request.entries, call)

        def answer(outcomes: Sequence[Stored]) -> bytes:
            results = _results(view, request.entries, admitted, outcomes)
            used = self._quotas.told_percent(patient)
            return diary_pb2.LogEntriesResponse(results=results, quota_used_percent=used).SerializeToString()

        key = RequestKey(call.caller.account_id, UUID(request.request_id), body, answer)
        write = await self._journal.write([found for found in admitted if isinstance(found, NewEntry)], key)
        await self._quotas.use(patient, write.created_bytes)
        return diary_pb2.LogEntriesResponse.FromString(write.answer)

    async def UploadEntries(
        self, requests: AsyncIterator[diary_pb2.UploadEntriesRequest], call: Call
    ) -> diary_pb2.UploadEntriesResponse:
        totals = diary_pb2.UploadEntriesResponse()
        patient_id = ""
        async for batch in requests:
            if batch.patient_id != (patient_id := patient_id or batch.patient_id):
                raise invalid_field("patient_id", "is the same in every batch of one stream")
            totals.received_count += len(batch.entries)
            if totals.received_count > _MOST_UPLOADED:
                raise ApricotError(Reason.REASON_TOO_LARGE, f"one upload holds at most {_MOST_UPLOADED} entries")
            self._quotas.require(UUID(patient_id))
            admitted = await self._admit(batch.patient_id, batch.entries, call)
            write = await self._journal.write([found for found in admitted if isinstance(found, NewEntry)])
            await self._quotas.use(UUID(patient_id), write.created_bytes)
            _count(totals, call.view(UUID(patient_id)), batch.entries, admitted, write.outcomes)
        if patient_id:
            totals.quota_used_percent = self._quotas.told_percent(UUID(patient_id))
        return totals

    async def ListEntries(self, request: diary_pb2.ListEntriesRequest, call: Call) -> diary_pb2.ListEntriesResponse:
        size, patient = paging.page_size(request.page_size), UUID(request.patient_id)
        start_time = to_datetime(request.start_time) if request.HasField("start_time") else EARLIEST
        end_time = to_datetime(request.end_time) if request.HasField("end_time") else _FAR_FUTURE
        found = await lists.list_entries(
            self._database,
            lists.EntryList(
                openings=sharing.openings(patient, call.view(patient), (start_time, end_time), request.kinds),
                newest_first=request.order != diary_pb2.ENTRY_ORDER_OLDEST_FIRST,
                limit=size + 1,
                behind=_behind(request),
            ),
        )
        bodies = wire.repeated(_LISTED, [listed.body for listed in found[:size]])
        response = diary_pb2.ListEntriesResponse.FromString(bodies)
        if len(found) > size:
            last = found[size - 1]
            response.next_page_token = paging.encode((last.time.isoformat(), str(last.entry_id)), request)
        return response

    async def AmendEntry(self, request: diary_pb2.AmendEntryRequest, call: Call) -> diary_pb2.AmendEntryResponse:
        self._quotas.require(UUID(request.patient_id))  # the earlier revision is kept
        async with self._database.transaction() as session:

            async def amend() -> diary_pb2.AmendEntryResponse:
                patient = UUID(request.patient_id)
                row, previous = await _changeable(session, patient, request.entry.entry_id, call)
                require_revision(row.revision, request.expected_revision)
                admitted = [self._intake(patient, call, row.revision + 1).admit(request.entry)]
                [amended] = await check_photos(self._database, patient, [request.entry], admitted)
                if not isinstance(amended, NewEntry):
                    raise _refused(amended)
                entry = Entry.FromString(amended.body)
                await store.amend(session, row, amended, request.note)
                event = events_pb2.EntryAmended(patient_id=str(patient), entry=entry, previous=previous)
                add_event(session, events.subject(events.ENTRY_AMENDED, patient), event)
                return diary_pb2.AmendEntryResponse(entry=entry)

            response = await answer_once(session, call, request, diary_pb2.AmendEntryResponse, amend)
        await self._quotas.use(UUID(request.patient_id), response.entry.ByteSize())
        await self._relay.wake()
        return response

    async def DeleteEntry(self, request: diary_pb2.DeleteEntryRequest, call: Call) -> diary_pb2.DeleteEntryResponse:
        async with self._database.transaction() as session:

            async def delete() -> diary_pb2.DeleteEntryResponse:
                patient = UUID(request.patient_id)
                row, previous = await _changeable(session, patient, request.entry_id, call)
                require_revision(row.revision, request.expected_revision)
                await store.delete(session, row, request.note)
                event = events_pb2.EntryDeleted(patient_id=str(patient), previous=previous, revision=row.revision)
                add_event(session, events.subject(events.ENTRY_DELETED, patient), event)
                return diary_pb2.DeleteEntryResponse(revision=row.revision)

            response = await answer_once(session, call, request, diary_pb2.DeleteEntryResponse, delete)
        await self._relay.wake()
        return response

    async def ListEntryRevisions(
        self, request: diary_pb2.ListEntryRevisionsRequest, call: Call
    ) -> diary_pb2.ListEntryRevisionsResponse:
        patient, entry_id = UUID(request.patient_id), UUID(request.entry_id)
        async with self._database.transaction() as session:
            row = await store.find(session, patient, entry_id)
            if row is None:
                raise not_found("entry")
            earlier = await store.revisions(session, patient, entry_id)
        response = diary_pb2.ListEntryRevisionsResponse()
        for kept in earlier:
            response.revisions.add(entry=Entry.FromString(kept.body), note=kept.note)
        response.revisions.add(entry=Entry.FromString(row.body), deleted=row.deleted, note=row.note)
        response.revisions[-1].entry.revision = row.revision  # a deletion leaves the body as it was
        view = call.view(patient)
        shown = [revision for revision in response.revisions if sharing.shows(view, revision.entry)]
        if not shown:
            raise not_found("entry")
        return diary_pb2.ListEntryRevisionsResponse(revisions=shown)

    async def _admit(self, patient_id: str, entries: Sequence[Entry], call: Call) -> list[NewEntry | Rejection]:
        patient = UUID(patient_id)
        intake = self._intake(patient, call)
        return await check_photos(self._database, patient, entries, [intake.admit(entry) for entry in entries])

    def _intake(self, patient: UUID, call: Call, revision: int = 1) -> Intake:
        open_times = call.view(patient).ranges(Scope.SCOPE_GLUCOSE_WRITE)
        return Intake(patient, call.caller.account_id, self._clock(), revision, open_times)


async def _changeable(session: AsyncSession, patient: UUID, entry_id: str, call: Call) -> tuple[EntryRow, Entry]:
    """An entry that the caller may change, locked, and what it holds. Errors: NOT_FOUND, also where the caller may not:
    what they cannot see is not there."""
    row = await store.find_to_change(session, patient, UUID(entry_id))
    if row is None or row.deleted:
        raise not_found("entry")
    entry = Entry.FromString(row.body)
    if not sharing.may_change(call.view(patient), entry, call.caller.account_id):
        raise not_found("entry")
    return row, entry


def _behind(request: diary_pb2.ListEntriesRequest) -> tuple[datetime, UUID] | None:
    """Time and id of the last entry already listed. Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, (str, str))
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]).astimezone(UTC), UUID(key[1])
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error


def _results(
    view: View, entries: Sequence[Entry], admitted: Sequence[NewEntry | Rejection], outcomes: Sequence[Stored]
) -> list[diary_pb2.EntryResult]:
    """One result for each entry, in order: rejections as they are, the others by their outcome."""
    stored = iter(outcomes)
    return [
        _result(view, entry, next(stored)) if isinstance(found, NewEntry) else found
        for entry, found in zip(entries, admitted, strict=True)
    ]


def _result(view: View, entry: Entry, stored: Stored) -> diary_pb2.EntryResult:
    result = diary_pb2.EntryResult(entry_id=entry.entry_id, outcome=_OUTCOMES[stored.outcome])
    if stored.existing_entry_id is not None:
        # It has the same id, or the same kind and instant: what the caller sees of this entry, they see of that one.
        existing_id = str(stored.existing_entry_id)
        if existing_id == entry.entry_id.lower() or sharing.shows(view, entry):
            result.existing_entry_id = existing_id
    if stored.outcome is Outcome.CONFLICT:
        result.reason = Reason.REASON_ENTRY_CONFLICT
        result.message = "another entry has this id, or stands at this device, instant and kind"
    return result


def _count(
    totals: diary_pb2.UploadEntriesResponse,
    view: View,
    entries: Sequence[Entry],
    admitted: Sequence[NewEntry | Rejection],
    outcomes: Sequence[Stored],
) -> None:
    """Add one batch to the totals."""
    stored = iter(outcomes)
    for entry, found in zip(entries, admitted, strict=True):
        if not isinstance(found, NewEntry):
            totals.rejected_count += 1
            problem = found
        else:
            outcome = next(stored)
            if outcome.outcome is Outcome.CREATED:
                totals.created_count += 1
                continue
            if outcome.outcome is Outcome.DUPLICATE:
                totals.duplicate_count += 1
                continue
            totals.conflict_count += 1
            problem = _result(view, entry, outcome)
        if len(totals.problems) < _MOST_PROBLEMS:
            totals.problems.append(problem)


def _refused(rejected: Rejection) -> ApricotError:
    """An amendment's entry that breaks a rule."""
    violation = FieldViolation(f"entry.{rejected.field}", rejected.message)
    return ApricotError(rejected.reason, rejected.message, violations=[violation])
