"""Page tokens and resume tokens that belong elsewhere, or to nobody."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from apricot.glucose.v1.diary_pb2 import ENTRY_ORDER_OLDEST_FIRST, ListEntriesRequest, ListEntriesResponse
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest

from clients.sdk import Recorder
from kit import contract, paging
from tests.e2e.conftest import Doors
from tests.e2e.minimal import minimal_request
from tests.e2e.signer import Signer
from tests.people import People, Person

LIST = "/apricot.glucose.v1.DiaryService/ListEntries"
WATCH = "/apricot.glucose.v1.WatchService/WatchPatients"
PAGED = {
    path: method
    for path, method in contract.methods().items()
    if "page_token" in method.descriptor.input_type.fields_by_name
}
DOORS = ["gateway", "direct"]
recorder = Recorder.by_hand("phone", "Asia/Shanghai")


def packed(value: Any) -> str:
    """As tokens are: base64 of JSON, or of what is none."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode()


JUNK = [
    "x",
    "%%%",
    "é" * 10,
    "=" * 5,
    *map(packed, [b"\xff\xfe", b"[" * 300, 1, None, [], {}, "x", [[]], [1e999]]),
]


@pytest.fixture(scope="module")
async def patient(people: People) -> Person:
    """With ten entries."""
    patient = await people.patient()
    now = datetime.now(UTC)
    await patient.session.log(
        patient.account_id, [recorder.note(now - timedelta(minutes=index), str(index)) for index in range(10)]
    )
    return patient


async def second_page(doors: Doors, patient: Person, **filters: Any) -> str:
    request = ListEntriesRequest(patient_id=patient.account_id, page_size=3, **filters)
    outcome = await doors.call("gateway", LIST, request.SerializeToString(), await patient.token())
    token = ListEntriesResponse.FromString(outcome.answer).next_page_token
    assert token
    return token


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("path", PAGED)
async def test_a_page_token_of_another_list(
    path: str, door: str, doors: Doors, patient: Person, signer: Signer
) -> None:
    """Junk, another method's, or one that is well made but for its key."""
    token = signer.token(patient.account_id, "patient", "clinician", "pharmacist", "courier", "admin")
    request: Any = minimal_request(PAGED[path], patient.account_id)
    others = [await second_page(doors, patient, order=ENTRY_ORDER_OLDEST_FIRST), *JUNK]
    others += [paging.encode(key, request) for key in ((), (1, 2, 3), ("x",), ("x", "y"), (-1.5,), (10**30, "x"))]  # type: ignore[arg-type]
    for other in others:
        request.page_token = other
        outcome = await doors.call(door, path, request.SerializeToString(), token)
        assert (outcome.code, outcome.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN"), other


@pytest.mark.parametrize("door", DOORS)
async def test_numbers_beyond_the_chain(door: str, doors: Doors, patient: Person) -> None:
    """The audit's key is a number."""
    request, token = ListAccessEventsRequest(), await patient.token()
    for key in (0, -1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30):
        request.page_token = paging.encode([key], request)
        outcome = await doors.call(
            door, "/apricot.identity.v1.AuditService/ListAccessEvents", request.SerializeToString(), token
        )
        assert outcome.ok or outcome.reason == "INVALID_PAGE_TOKEN", key


@pytest.mark.parametrize("door", ["gateway", "direct", "direct-2"])
async def test_a_page_token_with_other_filters(door: str, doors: Doors, patient: Person, people: People) -> None:
    another = await people.patient()
    await another.grant(patient, 1)  # type: ignore[arg-type]
    page, token = await second_page(doors, patient), await patient.token()
    me = patient.account_id
    for request in (
        ListEntriesRequest(patient_id=me, page_token=page, order=ENTRY_ORDER_OLDEST_FIRST),
        ListEntriesRequest(patient_id=me, page_token=page, kinds=[10]),  # type: ignore[list-item]
        ListEntriesRequest(patient_id=me, page_token=page, start_time={"seconds": 10**9}),  # type: ignore[arg-type]
        ListEntriesRequest(patient_id=another.account_id, page_token=page),
    ):
        outcome = await doors.call(door, LIST, request.SerializeToString(), token)
        assert outcome.reason == "INVALID_PAGE_TOKEN"
    same = ListEntriesRequest(patient_id=me, page_token=page, page_size=1000)
    outcome = await doors.call(door, LIST, same.SerializeToString(), token)
    assert len(ListEntriesResponse.FromString(outcome.answer).entries) == 7


@pytest.mark.parametrize("door", DOORS)
async def test_a_resume_token_that_is_none(door: str, doors: Doors, patient: Person) -> None:
    token = await patient.token()
    tokens = [*JUNK, await second_page(doors, patient), packed([1, 2]), packed([1, "x", ""]), packed([1, 2, "3"])]
    for resume in (*tokens, packed([None, None, None]), packed([1, 2, ["1:2:"]]), "A" * 4096):
        request = WatchPatientsRequest(patient_ids=[patient.account_id], resume_token=resume)
        outcome = await doors.call(door, WATCH, request.SerializeToString(), token)
        assert (outcome.code, outcome.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_RESUME_TOKEN"), resume


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("position", [[0, 0, ""], [1, 1, ""], [10**30, 5, "1:2:"], [-1, -1, ""], [1, 10**400, "9:9:9"]])
async def test_a_place_in_no_stream_of_ours(position: list[Any], door: str, doors: Doors, patient: Person) -> None:
    """Well made, but of another stream: the watch says that something may be missing, and begins anew."""
    request = WatchPatientsRequest(patient_ids=[patient.account_id], resume_token=packed(position))
    outcome = await doors.call(door, WATCH, request.SerializeToString(), await patient.token())
    assert WatchPatientsResponse.FromString(outcome.answer).WhichOneof("event") == "history_gap", outcome


async def test_somebody_else_s_resume_token_shows_nothing_of_theirs(doors: Doors, people: People) -> None:
    """It is a place in the stream, and no right."""
    one, another = await people.patient(), await people.patient()
    async with another.session.watch([another.account_id]) as theirs:
        await anext(theirs)
        place = theirs.resume_token
    await another.session.log(another.account_id, [recorder.note(datetime.now(UTC), "theirs")])
    mine = recorder.note(datetime.now(UTC), "mine")
    await one.session.log(one.account_id, [mine])
    async with one.session.watch([one.account_id], resume_token=place) as watch:
        first = await anext(watch)
    assert [entry.entry_id for entry in first.entries_logged.entries] == [mine.entry_id]
