"""`kill -9` of each part in the middle of a conversation; clients that vanish, and one that does not read."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from uuid import UUID, uuid4

import grpc
import psutil
import pytest
from apricot.consult.v1.conversation_pb2 import ConverseRequest, ConverseResponse, Join, MessageContent
from apricot.consult.v1.conversation_pb2_grpc import ConversationServiceStub

from clients.sdk import ApricotError
from kit.database import Database
from stack.platform import Platform
from tests.consult.talk.arranged import Arranged, arranged
from tests.consult.talk.ear import Ear, listening
from tests.faults.load import until
from tests.faults.talking import talking
from tests.patience import PATIENCE
from tests.people import People

PARTS = [
    ("consult-1",),
    ("consult-1", "consult-2"),
    ("nats",),
    ("postgres",),
    ("gateway",),
]
_MIB = 1 << 20
_NARROW = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", 16 << 10),
]


@pytest.fixture(scope="module")
async def consult_log(wounded: Platform) -> AsyncIterator[Database]:
    database = Database(wounded.database_url, "consult", wounded.sealing_keys("consult"))
    yield database
    await database.close()


async def _arranged(folk: People, database: Database) -> Arranged:
    """That a doctor is one is nothing to the talk."""
    return await arranged(folk, database, doctor=await folk.patient())


@pytest.mark.parametrize("parts", PARTS, ids="+".join)
async def test_no_message_is_lost_doubled_or_out_of_order(
    wounded: Platform, folk: People, consult_log: Database, parts: Sequence[str]
) -> None:
    made = await _arranged(folk, consult_log)
    async with talking(made) as speakers:
        for part in parts:
            wounded.part(part).kill()
        for part in parts:
            await wounded.part(part).wait_ready()
        for speaker in speakers:
            await speaker.has_said(1)


async def test_the_talk_goes_on_between_replicas_while_nats_is_away(
    wounded: Platform, folk: People, consult_log: Database
) -> None:
    made = await _arranged(folk, consult_log)
    one, other = wounded.addresses("consult")
    async with (
        listening(made.patient, made.consultation_id, address=one) as patient,
        listening(made.doctor, made.consultation_id, address=other) as doctor,
    ):
        wounded.part("nats").kill(restart=False)
        try:
            for n in range(1, 6):
                await patient.talk.say(str(n))
                await doctor.has(n)
        finally:
            await wounded.part("nats").start()
        await doctor.talk.say("all of it")
        await patient.has(6)
        assert patient.texts() == doctor.texts() == ["1", "2", "3", "4", "5", "all of it"]


async def test_a_client_that_was_killed_is_there_no_more(
    wounded: Platform, folk: People, consult_log: Database
) -> None:
    made = await _arranged(folk, consult_log)
    arguments = wounded.gateway_address.removeprefix("http://"), await made.patient.token(), made.consultation_id
    async with listening(made.doctor, made.consultation_id) as doctor:
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.talker", *arguments, stdout=asyncio.subprocess.PIPE
        )
        assert client.stdout is not None
        try:
            assert await client.stdout.readline() == b"there\n"
            await until(lambda: _presences(doctor) == [True])
        finally:
            client.kill()
            await client.wait()
        await until(lambda: _presences(doctor) == [True, False])


def _presences(ear: Ear) -> list[bool]:
    return [update.presence.present for update in ear.updates if update.HasField("presence")]


async def test_who_was_in_a_killed_replica_is_there_no_more(
    wounded: Platform, folk: People, consult_log: Database
) -> None:
    """The replica can tell nobody: its silence does."""
    made = await _arranged(folk, consult_log)
    one, other = wounded.addresses("consult")
    async with listening(made.doctor, made.consultation_id, address=other) as doctor:
        async with listening(made.patient, made.consultation_id, address=one):
            await until(lambda: _presences(doctor) == [True])
            wounded.part("consult-1").kill(restart=False)
        await until(lambda: _presences(doctor) == [True, False])
        await wounded.part("consult-1").start()


async def test_a_reader_that_stops_is_cut_off_and_costs_no_memory(
    wounded: Platform, folk: People, consult_log: Database
) -> None:
    made = await _arranged(folk, consult_log)
    await _say_much(consult_log, made)
    address = wounded.gateway_address.removeprefix("http://")
    before = _memory(wounded)
    async with grpc.aio.insecure_channel(address, options=_NARROW) as channel:
        metadata = (("authorization", f"Bearer {await made.patient.token()}"),)
        slow = ConversationServiceStub(channel).Converse(metadata=metadata)
        await slow.write(ConverseRequest(join=Join(consultation_id=made.consultation_id, device_id=str(uuid4()))))
        seen = 0
        token = ""
        for _ in range(3):
            token, seen = await _read(slow, token, seen)
        async with listening(made.doctor, made.consultation_id) as quick:
            await quick.has(2000)
            await until(lambda: _presences(quick)[-1:] == [False])  # cut off
            last = await quick.talk.say("still there?")
        assert _memory(wounded) - before < 60 * _MIB
        with pytest.raises(grpc.aio.AioRpcError) as caught:  # noqa: PT012  what was under way comes first
            while True:
                token, seen = await _read(slow, token, seen)
        assert ApricotError.of(caught.value).temporary  # WATCHER_TOO_SLOW, where the gateway lets it through
    async with listening(made.patient, made.consultation_id, resume_token=token) as resumed:
        await resumed.has(last.sequence)
        assert [message.sequence for message in resumed.messages] == list(range(seen + 1, last.sequence + 1))


async def _read(
    stream: grpc.aio.StreamStreamCall[ConverseRequest, ConverseResponse], token: str, seen: int
) -> tuple[str, int]:
    async with asyncio.timeout(PATIENCE):
        update = await stream.read()
    assert isinstance(update, ConverseResponse)
    if update.HasField("message"):
        assert update.message.sequence == seen + 1
        seen = update.message.sequence
    return update.resume_token or token, seen


async def _say_much(database: Database, made: Arranged) -> None:
    """2,000 messages, 24 MB."""
    async with database.connection() as connection:
        await connection.execute(
            "update consultation set last_sequence = 2000 where consultation_id = $1", UUID(made.consultation_id)
        )
        await connection.execute(
            "insert into message (consultation_id, sequence, patient_id, sender_id, device_id, client_id, create_time, "
            "content) select $1, nth, $2, $2, $2, gen_random_uuid(), now(), $3 from generate_series(1, 2000) as nth",
            UUID(made.consultation_id),
            UUID(made.patient.account_id),
            MessageContent(text="字" * 4000).SerializeToString(),
        )


def _memory(platform: Platform) -> int:
    """Resident memory of the larger replica."""
    return max(int(psutil.Process(replica.pid).memory_info().rss) for replica in platform.replicas("consult"))
