"""An upload ends, though its client does not; with real processes and a million entries: `tests/e2e/test_bad_sizes`."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import REASON_INVALID_FIELD, REASON_TOO_LARGE, Reason
from apricot.glucose.v1.diary_pb2 import UploadEntriesRequest
from apricot.glucose.v1.entry_pb2 import Entry

from kit import contract
from kit.call import Call, Caller
from kit.clock import utc_now
from kit.errors import ApricotError
from services.glucose.rpc import diary
from services.glucose.store.group import NewEntry, RequestKey, Write


class NoJournal:
    """Stores nothing."""

    async def write(self, entries: list[NewEntry], request: RequestKey | None = None) -> Write:
        return Write(entries, request)


async def test_an_upload_without_end_comes_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diary, "_MOST_UPLOADED", 5_000)
    monkeypatch.setattr(diary, "_MOST_PROBLEMS", 2_000)
    taken, patient = 0, str(uuid4())

    async def batches() -> AsyncIterator[UploadEntriesRequest]:
        nonlocal taken
        while True:
            taken += 1
            yield UploadEntriesRequest(patient_id=patient, entries=[Entry()] * 1000)

    assert await _refusal(batches()) == REASON_TOO_LARGE
    assert taken == 6


async def test_an_upload_is_one_patient_s() -> None:
    async def batches() -> AsyncIterator[UploadEntriesRequest]:
        for _ in range(2):
            yield UploadEntriesRequest(patient_id=str(uuid4()), entries=[Entry()])

    assert await _refusal(batches()) == REASON_INVALID_FIELD


async def _refusal(batches: AsyncIterator[UploadEntriesRequest]) -> Reason.ValueType:
    """The reason for which an upload is refused."""
    call = Call(contract.methods()["/apricot.glucose.v1.DiaryService/UploadEntries"], "1")
    call.signed_in = Caller(uuid4(), uuid4(), frozenset({"patient"}), datetime.now(UTC))
    parts: Any = None
    service = diary.Diary(parts, cast(Any, NoJournal()), parts, utc_now)
    with pytest.raises(ApricotError) as refused:
        await service.UploadEntries(batches, call)
    return refused.value.reason
