"""Grants as a service knows them: asked once, kept for seconds, never older than a change, and each use recorded."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID, uuid4

import grpc
import pytest
from apricot.access.v1.access_pb2 import (
    SCOPE_DOSE_READ,
    SCOPE_GLUCOSE_READ,
    SCOPE_GLUCOSE_WRITE,
    SCOPE_MEAL_READ,
    Scope,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import care_pb2
from apricot.identity.v1.events_pb2 import AccessUsed

from kit.bus import Event
from kit.call import Call, Caller
from kit.errors import ApricotError
from kit.relations import RemoteRelations
from kit.tokens import TokenVerifier
from tests.kit.calls import Keys, call

type Scopes = Sequence[Scope.ValueType]
READS = [SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, SCOPE_DOSE_READ]


class Identity:
    """Answers with the grants that a test gives; one that is held back answers with those of when it was asked."""

    def __init__(self) -> None:
        self.grants: dict[UUID, Scopes] = {}
        self.asked: asyncio.Queue[list[str]] = asyncio.Queue()
        self.open = asyncio.Event()
        self.open.set()

    async def check_access(self, request: care_pb2.CheckAccessRequest, _: object) -> care_pb2.CheckAccessResponse:
        decisions = [
            care_pb2.AccessDecision(
                windows=[care_pb2.AccessWindow(scope=scope) for scope in self.grants.get(UUID(patient), ())]
            )
            for patient in request.patient_ids
        ]
        self.asked.put_nowait(list(request.patient_ids))
        await self.open.wait()
        return care_pb2.CheckAccessResponse(decisions=decisions)


class Relations:
    """One service's relations, the identity behind them, and what was recorded."""

    def __init__(self, identity: Identity, channel: grpc.aio.Channel) -> None:
        self.identity = identity
        self.recorded: list[AccessUsed] = []

        async def record(uses: Sequence[AccessUsed]) -> None:
            self.recorded += uses

        self.remote = RemoteRelations(channel, TokenVerifier(Keys()), record)

    def change(self, patient: UUID, *scopes: Scope.ValueType) -> None:
        """A patient's grants change, and it is told."""
        self.identity.grants[patient] = scopes
        self.remote.on_identity_event(Event(1, "1", "grant", "changed", str(patient), b"", 1))


@pytest.fixture
async def relations() -> AsyncIterator[Relations]:
    identity, server = Identity(), grpc.aio.server()
    handler = grpc.unary_unary_rpc_method_handler(
        identity.check_access, care_pb2.CheckAccessRequest.FromString, care_pb2.CheckAccessResponse.SerializeToString
    )
    service = "apricot.identity.v1.CareService"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"CheckAccess": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Relations(identity, channel)
    await server.stop(None)


async def test_a_kept_answer_does_not_skip_the_record(relations: Relations) -> None:
    patient, look = uuid4(), call(path="/apricot.glucose.v1.DiaryService/ListEntries")
    relations.identity.grants[patient] = [SCOPE_GLUCOSE_WRITE, SCOPE_DOSE_READ, SCOPE_MEAL_READ]
    for _ in range(3):
        await relations.remote.require(look, [patient], READS)
    assert relations.identity.asked.qsize() == 1
    expected = (str(patient), str(look.caller.account_id), "apricot.glucose.v1.DiaryService/ListEntries")
    assert [(use.patient_id, use.actor_id, use.action) for use in relations.recorded] == [expected] * 3
    assert {use.scope for use in relations.recorded} == {SCOPE_MEAL_READ}  # the first of the door's that is held


async def test_each_patient_of_a_call_is_recorded_and_none_of_a_refused_one(relations: Relations) -> None:
    patients = [uuid4() for _ in range(3)]
    relations.identity.grants |= {patient: [SCOPE_DOSE_READ] for patient in patients}
    views = await relations.remote.require(call(), patients, READS)
    assert [use.patient_id for use in relations.recorded] == [str(patient) for patient in patients]
    assert all(view.allows(SCOPE_DOSE_READ) and not view.allows(SCOPE_MEAL_READ) for view in views.values())
    for scopes in [SCOPE_MEAL_READ], []:
        with pytest.raises(ApricotError) as refused:
            await relations.remote.require(call(), [*patients, uuid4()], scopes)
        assert refused.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED
    assert len(relations.recorded) == 3


async def test_a_change_is_known_at_once(relations: Relations) -> None:
    patient, look = uuid4(), call()
    relations.change(patient, SCOPE_GLUCOSE_READ)
    await relations.remote.require(look, [patient], READS)
    relations.change(patient)
    with pytest.raises(ApricotError):
        await relations.remote.require(look, [patient], READS)


async def test_an_answer_that_a_change_overtook_is_asked_for_again(relations: Relations) -> None:
    """Also for a patient whose kept answer was fine while the other's was on its way."""
    kept, other, look = uuid4(), uuid4(), call()
    relations.identity.grants = {kept: [SCOPE_GLUCOSE_READ], other: [SCOPE_GLUCOSE_READ]}
    await relations.remote.decide(look, [kept])
    await relations.identity.asked.get()
    relations.identity.open.clear()
    deciding = asyncio.create_task(relations.remote.decide(look, [kept, other]))
    assert await relations.identity.asked.get() == [str(other)]
    relations.change(kept, SCOPE_MEAL_READ)
    relations.change(other)
    relations.identity.open.set()
    of_kept, of_other = await deciding
    assert of_kept.view.ranges(SCOPE_GLUCOSE_READ) == of_other.view.ranges(SCOPE_GLUCOSE_READ) == []
    assert of_kept.view.allows(SCOPE_MEAL_READ)


async def test_a_session_without_the_clinical_role_gets_no_answer_of_one_with_it(relations: Relations) -> None:
    """A clinic's grants count in a session opened with the second factor, and in no other of the same account."""
    patient, account = uuid4(), uuid4()
    clinical, plain = _session(account, "patient", "clinician"), _session(account, "patient")
    relations.identity.grants[patient] = [SCOPE_GLUCOSE_READ]
    await relations.remote.require(clinical, [patient], READS)
    relations.identity.grants[patient] = []  # what identity says of the other session
    with pytest.raises(ApricotError):
        await relations.remote.require(plain, [patient], READS)


def _session(account: UUID, *roles: str) -> Call:
    made = call(account)
    made.signed_in = Caller(account, uuid4(), frozenset(roles), made.caller.expire_time)
    return made
