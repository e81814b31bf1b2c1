"""A mutation is done once, however often and wherever its request arrives."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import grpc
import pytest
from apricot.glucose.v1.diary_pb2 import (
    AmendEntryRequest,
    DeleteEntryRequest,
    LogEntriesRequest,
    LogEntriesResponse,
)
from google.protobuf.message import Message

from clients.sdk import Recorder
from clients.sdk.contract import with_fresh_proof
from kit import contract
from tests.e2e.conftest import Doors
from tests.e2e.minimal import minimal_request
from tests.e2e.signer import Signer
from tests.people import People

DIARY = "/apricot.glucose.v1.DiaryService"
MUTATIONS = {
    path: method
    for path, method in contract.methods().items()
    if "request_id" in method.descriptor.input_type.fields_by_name and method.rule and not method.rule.public
}
FIRST = {
    "glucose": f"{DIARY}/LogEntries",
    "identity": "/apricot.identity.v1.AccountService/UpdateProfile",
    "consult": "/apricot.consult.v1.DirectoryService/PutHospital",
    "pharmacy": "/apricot.pharmacy.v1.CatalogService/UpsertProducts",
}
"""A method of each service that always succeeds."""
EVERYWHERE = ["gateway", "direct", "direct-2"]
recorder = Recorder.by_hand("phone", "Asia/Shanghai")


def log_request(patient_id: str, request_id: str = "", entries: int = 1) -> LogEntriesRequest:
    made = [recorder.note(datetime.now(UTC), str(index)) for index in range(entries)]
    return LogEntriesRequest(patient_id=patient_id, request_id=request_id or str(uuid4()), entries=made)


async def test_twenty_at_once_are_one(doors: Doors, people: People) -> None:
    """Through the gateway and at both replicas."""
    patient = await people.patient()
    request, token = log_request(patient.account_id, entries=5).SerializeToString(), await patient.token()
    places = [EVERYWHERE[index % 3] for index in range(20)]
    outcomes = await asyncio.gather(*(doors.call(door, f"{DIARY}/LogEntries", request, token) for door in places))
    (answer,) = {outcome.answer for outcome in outcomes}
    assert {result.outcome for result in LogEntriesResponse.FromString(answer).results} == {1}
    assert len([entry async for entry in patient.session.entries(patient.account_id)]) == 5


async def test_a_repeat_gets_the_first_answer_and_not_a_new_one(doors: Doors, people: People) -> None:
    """Amend, repeat, amend again, repeat the first: its answer is still the first one. Delete likewise."""
    patient = await people.patient()
    token, entry = await patient.token(), recorder.note(datetime.now(UTC), "first")
    await patient.session.log(patient.account_id, [entry])

    async def send(door: str, method: str, request: Message) -> bytes:
        outcome = await doors.call(door, f"{DIARY}/{method}", request.SerializeToString(), token)
        assert outcome.ok, outcome
        return outcome.answer

    amendments = []
    for revision, words in enumerate(["second", "third"], start=1):
        entry.note.text = words
        amendments.append(
            AmendEntryRequest(
                patient_id=patient.account_id, request_id=str(uuid4()), entry=entry, expected_revision=revision
            )
        )
    answers = [await send("direct", "AmendEntry", amendment) for amendment in amendments]
    for door in EVERYWHERE:
        assert [await send(door, "AmendEntry", amendment) for amendment in amendments] == answers
    deletion = DeleteEntryRequest(
        patient_id=patient.account_id, request_id=str(uuid4()), entry_id=entry.entry_id, expected_revision=3
    )
    deleted = {await send(door, "DeleteEntry", deletion) for door in EVERYWHERE}
    assert len(deleted) == 1
    assert answers[0] == await send("direct-2", "AmendEntry", amendments[0])


async def test_twenty_grants_at_once_are_one(doors: Doors, people: People) -> None:
    """The same for a service whose answers are kept by `answer_once`."""
    from apricot.identity.v1.care_pb2 import GrantAccessRequest, ListGrantsRequest

    patient, follower = await people.patient(), await people.patient()
    request = GrantAccessRequest(request_id=str(uuid4()), account_id=follower.account_id, scopes=[1])  # type: ignore[list-item]
    request = with_fresh_proof(request, patient.session._calls.fresh_proof)
    path, token = "/apricot.identity.v1.CareService/GrantAccess", await patient.token()
    places = [EVERYWHERE[index % 2] for index in range(20)]
    data = request.SerializeToString()
    outcomes = await asyncio.gather(*(doors.call(door, path, data, token) for door in places))
    assert all(outcome.ok for outcome in outcomes)
    assert len({outcome.answer for outcome in outcomes}) == 1
    assert len((await patient.session.care.ListGrants(ListGrantsRequest())).grants) == 1


@pytest.mark.parametrize("door", EVERYWHERE)
async def test_another_body_is_refused(door: str, doors: Doors, people: People) -> None:
    patient = await people.patient()
    token, first = await patient.token(), log_request(patient.account_id)
    assert (await doors.call("direct", f"{DIARY}/LogEntries", first.SerializeToString(), token)).ok
    other = log_request(patient.account_id, first.request_id)
    outcome = await doors.call(door, f"{DIARY}/LogEntries", other.SerializeToString(), token)
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
    assert len([entry async for entry in patient.session.entries(patient.account_id)]) == 1


@pytest.mark.parametrize("door", ["gateway", "direct"])
@pytest.mark.parametrize("path", [path for path in MUTATIONS if path not in FIRST.values()])
async def test_a_request_id_belongs_to_one_method(
    path: str, door: str, doors: Doors, people: People, signer: Signer
) -> None:
    account = (await people.patient()).account_id
    token = signer.token(account, "patient", "clinician", "pharmacist", "courier", "admin")
    first = FIRST[path.split(".")[1]]
    done = minimal_request(MUTATIONS[first], account)
    assert (await doors.call(door, first, done.SerializeToString(), token)).ok
    request = minimal_request(MUTATIONS[path], account)
    for message in (done, request):
        assert hasattr(message, "request_id")
    request.request_id = done.request_id  # type: ignore[attr-defined]
    outcome = await doors.call(door, path, request.SerializeToString(), token)
    if hasattr(request, "fresh_proof") and outcome.reason == "FRESH_PROOF_REQUIRED":
        return  # nothing is told of a request id before the proof
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


async def test_somebody_else_s_request_id_is_another_one(doors: Doors, people: People) -> None:
    """Ids are the caller's: nobody can spoil, or learn, another's request by guessing its id."""
    one, another = await people.patient(), await people.patient()
    request_id = str(uuid4())
    for patient in (one, another):
        request = log_request(patient.account_id, request_id)
        outcome = await doors.call("gateway", f"{DIARY}/LogEntries", request.SerializeToString(), await patient.token())
        assert outcome.ok
        assert len([entry async for entry in patient.session.entries(patient.account_id)]) == 1
