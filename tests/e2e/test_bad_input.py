"""Requests that break the contract: each gets its reason, and the path of the field to blame."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from apricot.glucose.v1.diary_pb2 import (
    ListEntriesRequest,
    ListEntriesResponse,
    LogEntriesRequest,
    UploadEntriesRequest,
)
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest
from apricot.identity.v1.care_pb2 import GrantAccessRequest
from google.protobuf.message import Message

from tests.e2e.bad_entries import reading, recorder
from tests.e2e.conftest import Doors
from tests.e2e.wire import length_delimited
from tests.fuzz.inputs import INVALID_UTF8
from tests.people import People, Person

DIARY = "/apricot.glucose.v1.DiaryService"
WATCH = "/apricot.glucose.v1.WatchService/WatchPatients"
GRANT = "/apricot.identity.v1.CareService/GrantAccess"
PROFILE = "/apricot.identity.v1.AccountService/UpdateProfile"
DOORS = ["gateway", "direct"]


@pytest.fixture(scope="module")
async def patient(people: People) -> Person:
    return await people.patient()


def listing(patient_id: str, **fields: Any) -> Message:
    return ListEntriesRequest(patient_id=patient_id, **fields)


def log(patient_id: str, entries: int, request_id: str = "") -> Message:
    return LogEntriesRequest(patient_id=patient_id, request_id=request_id, entries=[reading()] * entries)


def watch(patient_ids: Iterable[str], **fields: Any) -> Message:
    return WatchPatientsRequest(patient_ids=patient_ids, **fields)


def grant(**fields: Any) -> Message:
    return GrantAccessRequest(request_id=str(uuid4()), account_id=str(uuid4()), **fields)


FIELDS: dict[str, tuple[str, Callable[[str], Message], str]] = {
    "ten thousand rows": (f"{DIARY}/ListEntries", lambda me: listing(me, page_size=10_000), "page_size"),
    "minus one row": (f"{DIARY}/ListEntries", lambda me: listing(me, page_size=-1), "page_size"),
    "unknown order": (f"{DIARY}/ListEntries", lambda me: listing(me, order=77), "order"),
    "unknown kind": (f"{DIARY}/ListEntries", lambda me: listing(me, kinds=[10, 99]), "kinds[1]"),
    "the same kind twice": (f"{DIARY}/ListEntries", lambda me: listing(me, kinds=[10, 10]), "kinds"),
    "no patient": (f"{DIARY}/ListEntries", lambda me: listing(""), "patient_id"),
    "a patient that is no id": (f"{DIARY}/ListEntries", lambda me: listing("1 or 1=1"), "patient_id"),
    "a negative start": (f"{DIARY}/ListEntries", lambda me: listing(me, start_time={"seconds": -1}), "start_time"),
    "an end in 9999": (f"{DIARY}/ListEntries", lambda me: listing(me, end_time={"seconds": 253402300799}), "end_time"),
    "a start with negative nanos": (
        f"{DIARY}/ListEntries",
        lambda me: listing(me, start_time={"seconds": 10**9, "nanos": -1}),
        "start_time",
    ),
    "a token without end": (f"{DIARY}/ListEntries", lambda me: listing(me, page_token="x" * 513), "page_token"),
    "101 entries": (f"{DIARY}/LogEntries", lambda me: log(me, 101, str(uuid4())), "entries"),
    "no entries": (f"{DIARY}/LogEntries", lambda me: log(me, 0, str(uuid4())), "entries"),
    "no request id": (f"{DIARY}/LogEntries", lambda me: log(me, 1), "request_id"),
    "1001 entries": (
        f"{DIARY}/UploadEntries",
        lambda me: UploadEntriesRequest(patient_id=me, entries=[reading()] * 1001),
        "entries",
    ),
    "no patients": (WATCH, lambda me: watch([]), "patient_ids"),
    "2001 patients": (WATCH, lambda me: watch(str(uuid4()) for _ in range(2001)), "patient_ids"),
    "the same patient twice": (WATCH, lambda me: watch([me, me]), "patient_ids"),
    "a negative snapshot": (WATCH, lambda me: watch([me], snapshot_minutes=-1), "snapshot_minutes"),
    "a grant of nothing": (GRANT, lambda me: grant(), "scopes"),
    "a grant of what is not": (GRANT, lambda me: grant(scopes=[99]), "scopes[0]"),
    "a grant with negative nanos": (
        GRANT,
        lambda me: grant(scopes=[1], expire_time={"seconds": 4 * 10**9, "nanos": -1}),
        "expire_time",
    ),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("why", FIELDS)
async def test_a_bad_field_is_named_by_its_path(why: str, door: str, doors: Doors, patient: Person) -> None:
    path, make, field = FIELDS[why]
    outcome = await doors.call(door, path, make(patient.account_id).SerializeToString(), await patient.token())
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert field in outcome.violations


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("text", INVALID_UTF8, ids=repr)
async def test_text_that_is_no_utf8(text: bytes, door: str, doors: Doors, patient: Person) -> None:
    """Lone surrogates among it."""
    token = await patient.token()
    for path in (f"{DIARY}/ListEntries", WATCH, PROFILE):
        outcome = await doors.call(door, path, length_delimited(1, text), token)
        assert (outcome.code, outcome.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE")
    entry = length_delimited(19, length_delimited(1, text))
    request = LogEntriesRequest(patient_id=patient.account_id, request_id=str(uuid4())).SerializeToString()
    outcome = await doors.call(door, f"{DIARY}/LogEntries", request + length_delimited(3, entry), token)
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE")


@pytest.mark.parametrize("door", DOORS)
async def test_what_is_kept_as_it_is(door: str, doors: Doors, people: People) -> None:
    """Free words are the patient's: any character that UTF-8 has comes back unchanged."""
    patient = await people.patient()
    token = await patient.token()
    words = ["\0", "👩🏽‍⚕️ עברית \u202e", "'; drop table entry; --", "\x1b[31m", "x" * 2000]
    now = datetime.now(UTC)
    entries = [recorder.note(now - timedelta(minutes=index), text) for index, text in enumerate(words)]
    request = LogEntriesRequest(patient_id=patient.account_id, request_id=str(uuid4()), entries=entries)
    await doors.call(door, f"{DIARY}/LogEntries", request.SerializeToString(), token)
    outcome = await doors.call(door, f"{DIARY}/ListEntries", listing(patient.account_id).SerializeToString(), token)
    assert [entry.note.text for entry in ListEntriesResponse.FromString(outcome.answer).entries] == words
