"""A rolling restart under load: SIGTERM to one replica after the other."""

import os
import signal

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.diary_pb2 import ListEntriesRequest
from apricot.glucose.v1.diary_pb2_grpc import DiaryServiceStub

from clients.sdk import ApricotError
from stack.platform import Platform
from stack.process import Process
from tests.faults.load import under_load, until
from tests.patience import PATIENCE
from tests.people import People, Person


async def test_no_call_fails_while_replicas_restart_one_by_one(wounded: Platform, folk: People) -> None:
    async with under_load(await folk.patient()) as load:
        for replica in wounded.replicas("glucose"):
            await _restart(replica)
    assert load.failures == []


async def test_a_new_replica_knows_the_sessions_that_ended_before_it(wounded: Platform, folk: People) -> None:
    gone = await folk.patient()
    token = await gone.token()
    await gone.session.sign_out()
    first, other = wounded.addresses("glucose")
    await until(lambda: _has_ended(other, gone, token))  # it is told by now
    await _restart(wounded.replicas("glucose")[0])
    assert await _has_ended(first, gone, token)


async def _has_ended(address: str, person: Person, token: str) -> bool:
    """Whether this replica knows that the token's session has ended."""
    async with grpc.aio.insecure_channel(address) as channel:
        request = ListEntriesRequest(patient_id=person.account_id)
        try:
            await DiaryServiceStub(channel).ListEntries(
                request, timeout=PATIENCE, metadata=(("authorization", f"Bearer {token}"),)
            )
        except grpc.aio.AioRpcError as error:
            assert ApricotError.of(error).reason == Reason.REASON_SESSION_ENDED  # noqa: PT017
            return True
    return False


async def _restart(replica: Process) -> None:
    before = replica.pid
    assert before is not None
    os.kill(before, signal.SIGTERM)
    await until(lambda: replica.pid not in (before, None))
    await replica.wait_ready()
