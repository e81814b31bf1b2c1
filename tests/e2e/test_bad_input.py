"""Requests that break the contract: each gets its reason and the path of the field to blame, and harms nobody else."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from apricot.errors.v1.reason_pb2 import (
    REASON_INVALID_FIELD,
    REASON_TIME_IMPOSSIBLE,
    REASON_VALUE_IMPOSSIBLE,
    REASON_ZONE_UNKNOWN,
)
from apricot.glucose.v1.diary_pb2 import (
    ENTRY_OUTCOME_CREATED,
    ENTRY_OUTCOME_REJECTED,
    AmendEntryRequest,
    ListEntriesRequest,
    ListEntriesResponse,
    LogEntriesRequest,
    LogEntriesResponse,
    UploadEntriesRequest,
    UploadEntriesResponse,
)
from apricot.glucose.v1.entry_pb2 import GLUCOSE_UNIT_MMOL_PER_L, Entry
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest
from apricot.identity.v1.care_pb2 import GrantAccessRequest
from google.protobuf.message import Message

from clients.sdk import Recorder
from kit.errors import status_of
from tests.e2e.conftest import Doors
from tests.e2e.hostile import INVALID_UTF8, length_delimited
from tests.people import People, Person

DIARY = "/apricot.glucose.v1.DiaryService"
WATCH = "/apricot.glucose.v1.WatchService/WatchPatients"
GRANT = "/apricot.identity.v1.CareService/GrantAccess"
GRANTS = "/apricot.identity.v1.CareService/ListGrants"
PROFILE = "/apricot.identity.v1.AccountService/UpdateProfile"
DOORS = ["gateway", "direct"]
recorder = Recorder.by_hand("phone", "Asia/Shanghai")


@pytest.fixture(scope="module")
async def patient(people: People) -> Person:
    return await people.patient()


def reading(value: float = 120.0) -> Entry:
    return recorder.sensor_reading(datetime.now(UTC) - timedelta(hours=1), value)


def changed(change: Callable[[Entry], Any]) -> Entry:
    entry = reading()
    change(entry)
    return entry


def set_time(entry: Entry, seconds: int, nanos: int = 0) -> None:
    entry.time.seconds, entry.time.nanos = seconds, nanos


REJECTED: dict[str, tuple[Entry, Any, str]] = {
    "no id": (changed(lambda e: e.ClearField("entry_id")), REASON_INVALID_FIELD, "entry_id"),
    "an id that is none": (changed(lambda e: setattr(e, "entry_id", "42")), REASON_INVALID_FIELD, "entry_id"),
    "no time": (changed(lambda e: e.ClearField("time")), REASON_INVALID_FIELD, "time"),
    "negative time": (changed(lambda e: set_time(e, -1)), REASON_INVALID_FIELD, "time"),
    "year 1": (changed(lambda e: set_time(e, -62135596800)), REASON_INVALID_FIELD, "time"),
    "year 1999": (changed(lambda e: set_time(e, 946684799)), REASON_INVALID_FIELD, "time"),
    "year 9999": (changed(lambda e: set_time(e, 253402300799)), REASON_INVALID_FIELD, "time"),
    "no year at all": (changed(lambda e: set_time(e, 2**63 - 1)), REASON_INVALID_FIELD, "time"),
    "negative nanos": (changed(lambda e: set_time(e, e.time.seconds, -1)), REASON_INVALID_FIELD, "time"),
    "too many nanos": (changed(lambda e: set_time(e, e.time.seconds, 2**31 - 1)), REASON_INVALID_FIELD, "time"),
    "tomorrow": (recorder.note(datetime.now(UTC) + timedelta(days=1), "x"), REASON_TIME_IMPOSSIBLE, "time"),
    "no zone": (changed(lambda e: e.ClearField("time_zone")), REASON_INVALID_FIELD, "time_zone"),
    "zone of nowhere": (changed(lambda e: setattr(e, "time_zone", "Mars/Olympus")), REASON_ZONE_UNKNOWN, "time_zone"),
    "zone of a folder": (changed(lambda e: setattr(e, "time_zone", "Asia")), REASON_ZONE_UNKNOWN, "time_zone"),
    "zone elsewhere": (changed(lambda e: setattr(e, "time_zone", "/etc/passwd")), REASON_ZONE_UNKNOWN, "time_zone"),
    "no device": (changed(lambda e: e.ClearField("device")), REASON_INVALID_FIELD, "device"),
    "NUL in the device": (changed(lambda e: setattr(e, "device", "a\0b")), REASON_INVALID_FIELD, "device"),
    "no content": (changed(lambda e: e.ClearField("content")), REASON_INVALID_FIELD, "content"),
    "NaN": (reading(math.nan), REASON_INVALID_FIELD, "sensor_reading.glucose.value"),
    "infinity": (reading(math.inf), REASON_INVALID_FIELD, "sensor_reading.glucose.value"),
    "less than nothing": (reading(-math.inf), REASON_INVALID_FIELD, "sensor_reading.glucose.value"),
    "negative": (reading(-100), REASON_INVALID_FIELD, "sensor_reading.glucose.value"),
    "too little": (reading(9.9), REASON_VALUE_IMPOSSIBLE, "sensor_reading"),
    "too much": (reading(1000.1), REASON_INVALID_FIELD, "sensor_reading.glucose.value"),
    "the other unit": (
        recorder.sensor_reading(datetime.now(UTC), 100, GLUCOSE_UNIT_MMOL_PER_L),
        REASON_VALUE_IMPOSSIBLE,
        "sensor_reading",
    ),
    "unknown unit": (
        changed(lambda e: setattr(e.sensor_reading.glucose, "unit", 99)),
        REASON_INVALID_FIELD,
        "sensor_reading.glucose.unit",
    ),
    "unknown bound": (
        changed(lambda e: setattr(e.sensor_reading.glucose, "bound", -1)),
        REASON_INVALID_FIELD,
        "sensor_reading.glucose.bound",
    ),
    "no carbohydrate": (recorder.meal(datetime.now(UTC), math.nan), REASON_INVALID_FIELD, "meal.carbohydrate_g"),
    "all the insulin": (
        recorder.insulin_dose(datetime.now(UTC), 1, "300.001"),
        REASON_VALUE_IMPOSSIBLE,
        "insulin_dose",
    ),
    "no insulin": (recorder.insulin_dose(datetime.now(UTC), 1, "0.000"), REASON_VALUE_IMPOSSIBLE, "insulin_dose"),
    "insulin as a word": (
        changed(lambda e: (setattr(e.insulin_dose, "kind", 1), setattr(e.insulin_dose.amount_units, "value", "NaN"))),
        REASON_INVALID_FIELD,
        "insulin_dose.amount_units.value",
    ),
    "a note without end": (recorder.note(datetime.now(UTC), "x" * 2001), REASON_INVALID_FIELD, "note.text"),
}


@pytest.mark.parametrize("door", DOORS)
async def test_each_bad_entry_is_named_and_its_neighbours_are_stored(door: str, doors: Doors, patient: Person) -> None:
    """Bad and good in turn: one result for each, in order."""
    bad = list(REJECTED.values())
    good = [changed(lambda e, hours=hours: set_time(e, e.time.seconds - 3600 * hours)) for hours in range(len(bad))]
    request = LogEntriesRequest(patient_id=patient.account_id, request_id=str(uuid4()))
    for (entry, _, _), neighbour in zip(bad, good, strict=True):
        request.entries.extend([entry, neighbour])
    outcome = await doors.call(door, f"{DIARY}/LogEntries", request.SerializeToString(), await patient.token())
    results = LogEntriesResponse.FromString(outcome.answer).results
    assert [result.entry_id for result in results] == [entry.entry_id for entry in request.entries]
    named = {
        name: (result.outcome, result.reason, result.field) for name, result in zip(REJECTED, results[::2], strict=True)
    }
    assert named == {name: (ENTRY_OUTCOME_REJECTED, reason, field) for name, (_, reason, field) in REJECTED.items()}
    assert {result.outcome for result in results[1::2]} == {ENTRY_OUTCOME_CREATED}

    listed = {entry.entry_id async for entry in patient.session.entries(patient.account_id)}
    assert {entry.entry_id for entry in good} <= listed
    assert not {entry.entry_id for entry, _, _ in bad if entry.entry_id not in ("", "42")} & listed
    for entry in good:
        await delete(patient, entry)


async def delete(patient: Person, entry: Entry) -> None:
    from apricot.glucose.v1.diary_pb2 import DeleteEntryRequest

    await patient.session.diary.DeleteEntry(
        DeleteEntryRequest(
            patient_id=patient.account_id, request_id=str(uuid4()), entry_id=entry.entry_id, expected_revision=1
        )
    )


@pytest.mark.parametrize("door", DOORS)
async def test_an_upload_names_its_bad_entries(door: str, doors: Doors, people: People) -> None:
    patient = await people.patient()
    entries = [entry for entry, _, _ in REJECTED.values()] + [reading()]
    request = UploadEntriesRequest(patient_id=patient.account_id, entries=entries)
    outcome = await doors.call(door, f"{DIARY}/UploadEntries", request.SerializeToString(), await patient.token())
    totals = UploadEntriesResponse.FromString(outcome.answer)
    assert (totals.received_count, totals.created_count, totals.rejected_count) == (len(entries), 1, len(REJECTED))
    assert [problem.reason for problem in totals.problems] == [reason for _, reason, _ in REJECTED.values()]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("why", REJECTED)
async def test_an_amendment_keeps_the_same_rules(why: str, door: str, doors: Doors, patient: Person) -> None:
    stored, (bad, reason, field) = reading(), REJECTED[why]
    await patient.session.log(patient.account_id, [stored])
    amended = Entry()
    amended.CopyFrom(bad)
    if field != "entry_id":
        amended.entry_id = stored.entry_id
    request = AmendEntryRequest(
        patient_id=patient.account_id, request_id=str(uuid4()), entry=amended, expected_revision=1
    )
    outcome = await doors.call(door, f"{DIARY}/AmendEntry", request.SerializeToString(), await patient.token())
    assert outcome.code is status_of(reason)
    assert any(path.startswith(f"entry.{field}") for path in outcome.violations), outcome
    await delete(patient, stored)


def listing(patient_id: str, **fields: Any) -> Message:
    return ListEntriesRequest(patient_id=patient_id, **fields)


FIELDS: dict[str, tuple[str, Callable[[str], Message], str]] = {
    "ten thousand rows": (f"{DIARY}/ListEntries", lambda me: listing(me, page_size=10_000), "page_size"),
    "minus one row": (f"{DIARY}/ListEntries", lambda me: listing(me, page_size=-1), "page_size"),
    "unknown order": (f"{DIARY}/ListEntries", lambda me: ListEntriesRequest(patient_id=me, order=77), "order"),  # type: ignore[arg-type]
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
    "101 entries": (
        f"{DIARY}/LogEntries",
        lambda me: LogEntriesRequest(patient_id=me, request_id=str(uuid4()), entries=[reading()] * 101),
        "entries",
    ),
    "no entries": (
        f"{DIARY}/LogEntries",
        lambda me: LogEntriesRequest(patient_id=me, request_id=str(uuid4())),
        "entries",
    ),
    "no request id": (f"{DIARY}/LogEntries", lambda me: LogEntriesRequest(patient_id=me, entries=[reading()]), "request_id"),
    "1001 entries": (
        f"{DIARY}/UploadEntries",
        lambda me: UploadEntriesRequest(patient_id=me, entries=[reading()] * 1001),
        "entries",
    ),
    "no patients": (WATCH, lambda me: WatchPatientsRequest(), "patient_ids"),
    "2001 patients": (WATCH, lambda me: WatchPatientsRequest(patient_ids=[str(uuid4()) for _ in range(2001)]), "patient_ids"),
    "the same patient twice": (WATCH, lambda me: WatchPatientsRequest(patient_ids=[me, me]), "patient_ids"),
    "a negative snapshot": (WATCH, lambda me: WatchPatientsRequest(patient_ids=[me], snapshot_minutes=-1), "snapshot_minutes"),
    "a grant of nothing": (
        GRANT,
        lambda me: GrantAccessRequest(request_id=str(uuid4()), account_id=str(uuid4())),
        "scopes",
    ),
    "a grant with negative nanos": (
        GRANT,
        lambda me: GrantAccessRequest(
            request_id=str(uuid4()), account_id=str(uuid4()), scopes=[1], expire_time={"seconds": 4 * 10**9, "nanos": -1}
        ),
        "expire_time",
    ),
}  # fmt: skip


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
    patient, token = await people.patient(), ""
    token = await patient.token()
    words = ["\0", "👩🏽‍⚕️ עברית \u202e", "'; drop table entry; --", "\x1b[31m", "x" * 2000]
    now = datetime.now(UTC)
    entries = [recorder.note(now - timedelta(minutes=index), text) for index, text in enumerate(words)]
    request = LogEntriesRequest(patient_id=patient.account_id, request_id=str(uuid4()), entries=entries)
    await doors.call(door, f"{DIARY}/LogEntries", request.SerializeToString(), token)
    outcome = await doors.call(door, f"{DIARY}/ListEntries", listing(patient.account_id).SerializeToString(), token)
    assert [entry.note.text for entry in ListEntriesResponse.FromString(outcome.answer).entries] == words
