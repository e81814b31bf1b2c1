"""Too much of anything: messages, streams, metadata, time. Each is refused with its status, and the next call works."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime

import grpc
import pytest
from apricot.glucose.v1.diary_pb2 import UploadEntriesRequest

from clients.sdk import Recorder
from kit import contract
from stack.platform import Platform
from tests.e2e.conftest import Doors
from tests.e2e.minimal import is_for_services_alone
from tests.e2e.signer import Signer
from tests.e2e.wire import OPTIONS, bearer, call_now, length_delimited, outcome_of
from tests.patience import PATIENCE
from tests.people import People, Person

METHODS = contract.methods()
UPLOAD = "/apricot.glucose.v1.DiaryService/UploadEntries"
OWN = "/apricot.identity.v1.AccountService/GetMe"
ONE_OF_EACH_SHAPE = {
    (path.split(".")[1], method.descriptor.client_streaming, method.descriptor.server_streaming, str(method.rule)): path
    for path, method in METHODS.items()
}
"""One method of each service, shape and rule."""
DOORS = ["gateway", "direct"]
RESOURCE_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.fixture(scope="module")
async def patient(people: People) -> Person:
    return await people.patient()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("path", ONE_OF_EACH_SHAPE.values())
async def test_a_message_of_5_mib_is_refused(path: str, door: str, doors: Doors, patient: Person) -> None:
    message = length_delimited(1, b"x" * (5 << 20))
    outcome = await doors.call(door, path, message, await patient.token())
    rule = METHODS[path].rule
    assert rule
    descriptor = METHODS[path].descriptor
    if door == "gateway" and is_for_services_alone(METHODS[path]):
        assert outcome.reason == "METHOD_UNKNOWN"
        return
    if rule.WhichOneof("callers") == "roles" and (door == "gateway" or descriptor.client_streaming):
        assert outcome.reason == "ROLE_REQUIRED"  # before anybody holds the message
        return
    assert outcome.code is RESOURCE_EXHAUSTED
    if door == "gateway" and not (descriptor.client_streaming or descriptor.server_streaming):
        assert outcome.reason == "TOO_LARGE"
    assert (await doors.call(door, OWN, b"", await patient.token())).ok


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kib", [24, 64, 1000])
async def test_huge_metadata_reaches_no_method(kib: int, door: str, doors: Doors, patient: Person) -> None:
    """A service says so; the gateway resets the stream, which grpc shows as a broken one."""
    token = await patient.token()
    outcome = await doors.call(door, OWN, b"", token, [("x-junk", "y" * kib * 1024)])
    if door == "direct":
        assert outcome.code is RESOURCE_EXHAUSTED
    else:
        assert not outcome.ok
        assert "Stream removed" in outcome.message
    assert (await doors.call(door, OWN, b"", token)).ok


@pytest.mark.parametrize("door", DOORS)
async def test_odd_metadata_harms_nobody(door: str, doors: Doors, patient: Person) -> None:
    metadata = [("x-request-id", "y" * 4000), ("x-odd", "~!@#$%^&*() "), ("grpc-accept-encoding", "nonsense")]
    assert (await doors.call(door, OWN, b"", await patient.token(), metadata)).ok


@pytest.mark.parametrize("path", [path for path, method in METHODS.items() if not method.descriptor.client_streaming])
async def test_a_service_wants_a_deadline(path: str, doors: Doors, patient: Person, signer: Signer) -> None:
    """Of each unary call; streams live on, and through the gateway every call has one."""
    token = signer.token(patient.account_id, "patient", "clinician", "pharmacist", "courier", "admin", "service")
    outcome = await doors.call("direct", path, b"", token, timeout=None)
    wanted = not METHODS[path].descriptor.server_streaming
    assert (outcome.reason == "DEADLINE_REQUIRED") == wanted
    through = await doors.call("gateway", path, b"", token, timeout=None)
    assert through.reason != "DEADLINE_REQUIRED"


@pytest.mark.parametrize("door", DOORS)
async def test_a_deadline_that_has_passed(door: str, doors: Doors, patient: Person) -> None:
    outcome = await doors.call(door, OWN, b"", await patient.token(), timeout=-1)  # a machine in luck answers within 0
    assert outcome.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert (await doors.call(door, OWN, b"", await patient.token())).ok


@pytest.mark.skipif("FUZZ_SECONDS" not in os.environ, reason="a million entries take a core ten seconds")
async def test_an_upload_without_end_comes_to_one(platform: Platform, patient: Person) -> None:
    """A million entries and no more; what comes behind is never read."""
    entry = Recorder.by_hand("d", "UTC").note(datetime(2050, 1, 1, tzinfo=UTC), "x")  # refused soonest
    batch = UploadEntriesRequest(patient_id=patient.account_id, entries=[entry] * 1000).SerializeToString()
    token, sent = await patient.token(), 0

    def batches() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield batch

    def upload() -> grpc.RpcError:
        # Not grpc.aio: there a server that answers before the stream's end shows as an internal error.
        with grpc.insecure_channel(platform.addresses("glucose")[-1], options=OPTIONS) as channel:
            method: grpc.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(UPLOAD)
            with pytest.raises(grpc.RpcError) as caught:
                method(batches(), timeout=PATIENCE, metadata=tuple(bearer(token)))
            return caught.value

    outcome = outcome_of(await asyncio.to_thread(upload))
    assert (outcome.code, outcome.reason) == (RESOURCE_EXHAUSTED, "TOO_LARGE")
    assert 1000 < sent < 5000


@pytest.mark.parametrize("grpc_addr", ["gateway", "glucose"], indirect=True)
def test_an_upload_without_beginning(grpc_channel: grpc.Channel, upload_token: str) -> None:
    """Ended before its first batch."""
    method: grpc.StreamUnaryMultiCallable[bytes, bytes] = grpc_channel.stream_unary(UPLOAD)
    assert method(iter([]), timeout=PATIENCE, metadata=tuple(bearer(upload_token))) == b""
    assert call_now(grpc_channel, METHODS[UPLOAD], b"", upload_token).reason == "INVALID_FIELD"


@pytest.fixture(scope="module")
async def upload_token(patient: Person) -> str:
    return await patient.token()
