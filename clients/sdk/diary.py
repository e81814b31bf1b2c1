"""The diary: read it to the end, log, upload with progress."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING

from apricot.glucose.v1.diary_pb2 import (
    ENTRY_ORDER_NEWEST_FIRST,
    ENTRY_ORDER_OLDEST_FIRST,
    EntryResult,
    ListEntriesRequest,
    LogEntriesRequest,
    UploadEntriesRequest,
    UploadEntriesResponse,
)
from apricot.glucose.v1.entry_pb2 import Entry, EntryKind

from clients.sdk.calls import Bearer, Calls
from clients.sdk.times import timestamp

if TYPE_CHECKING:
    from apricot.glucose.v1.diary_pb2_grpc import DiaryServiceAsyncStub

_PAGE = 1000
_ENTRIES_A_CALL = 100
_BATCHES_A_STREAM = 20
_LARGEST_BATCH_BYTES = 1 << 20  # the platform takes messages of up to 4 MiB

type OnProgress = Callable[[int, int], None]
"""Called with the entries acknowledged so far, and all there are."""


async def list_entries(
    stub: "DiaryServiceAsyncStub",
    patient_id: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    kinds: Iterable[EntryKind.ValueType] = (),
    oldest_first: bool = False,
) -> AsyncIterator[Entry]:
    """Every entry from `start` (included) to `end` (excluded), aware instants, page by page."""
    request = ListEntriesRequest(
        patient_id=patient_id,
        start_time=timestamp(start) if start else None,
        end_time=timestamp(end) if end else None,
        kinds=kinds,
        order=ENTRY_ORDER_OLDEST_FIRST if oldest_first else ENTRY_ORDER_NEWEST_FIRST,
        page_size=_PAGE,
    )
    while True:
        page = await stub.ListEntries(request)
        for entry in page.entries:
            yield entry
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


async def log_entries(stub: "DiaryServiceAsyncStub", patient_id: str, entries: Iterable[Entry]) -> list[EntryResult]:
    """One result for each entry, in order. A hundred entries travel in one call."""
    results: list[EntryResult] = []
    for part in batched(entries, _ENTRIES_A_CALL):
        answer = await stub.LogEntries(LogEntriesRequest(patient_id=patient_id, entries=part))
        results.extend(answer.results)
    return results


async def upload_entries(
    stub: "DiaryServiceAsyncStub",
    calls: Calls,
    patient_id: str,
    entries: Sequence[Entry],
    *,
    batch_size: int,
    on_progress: OnProgress | None,
    seconds: float,
) -> UploadEntriesResponse:
    """The totals of the whole upload.

    It goes in several streams, one after the other, for the platform acknowledges a stream when it ends. A broken one
    is sent again, for up to `seconds`; what was stored of it already then counts as duplicate.
    """
    if not 1 <= batch_size <= _PAGE:
        raise ValueError(f"batch_size is 1 to {_PAGE}")
    totals = UploadEntriesResponse()
    for part in batched(_batches(patient_id, entries, batch_size), _BATCHES_A_STREAM):
        _add(totals, await _send(stub, calls, part, seconds))
        if on_progress:
            on_progress(totals.received_count, len(entries))
    return totals


async def _send(
    stub: "DiaryServiceAsyncStub", calls: Calls, part: tuple[UploadEntriesRequest, ...], seconds: float
) -> UploadEntriesResponse:
    async def attempt(metadata: Bearer, timeout: float) -> UploadEntriesResponse:
        return await stub.UploadEntries(iter(part), metadata=metadata, timeout=timeout)

    return await calls.run(attempt, seconds=seconds, repeatable=True)


def _batches(patient_id: str, entries: Iterable[Entry], size: int) -> Iterator[UploadEntriesRequest]:
    batch, batch_bytes = UploadEntriesRequest(patient_id=patient_id), 0
    for entry in entries:
        entry_bytes = entry.ByteSize()
        if batch.entries and (len(batch.entries) == size or batch_bytes + entry_bytes > _LARGEST_BATCH_BYTES):
            yield batch
            batch, batch_bytes = UploadEntriesRequest(patient_id=patient_id), 0
        batch.entries.append(entry)
        batch_bytes += entry_bytes
    if batch.entries:
        yield batch


def _add(totals: UploadEntriesResponse, part: UploadEntriesResponse) -> None:
    totals.received_count += part.received_count
    totals.created_count += part.created_count
    totals.duplicate_count += part.duplicate_count
    totals.conflict_count += part.conflict_count
    totals.rejected_count += part.rejected_count
    totals.problems.extend(part.problems)
