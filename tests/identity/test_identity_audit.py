"""The audit as stored: what goes in, who reads it, and that nothing is changed or taken out unseen."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest
import structlog
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, audit_pb2, care_pb2, events_pb2
from google.protobuf.field_mask_pb2 import FieldMask
from prometheus_client import REGISTRY

from kit.bus import Publication
from kit.times import to_datetime, to_timestamp
from services.identity.audit_watch import AuditWatch
from tests.identity.running import Person, Running, refused, request_id, soon

VERIFY = audit_pb2.VerifyChainRequest()
VERIFIED = "apricot_audit_chain_verified_timestamp_seconds"
READ_ACTION = "apricot.glucose.v1.DiaryService/ListEntries"


async def grant(running: Running, patient: Person, to: Person) -> care_pb2.Grant:
    request = care_pb2.GrantAccessRequest(
        request_id=request_id(), account_id=to.account_id, scopes=[SCOPE_GLUCOSE_READ]
    )
    return (await running.care("GrantAccess", request, patient)).grant  # type: ignore[no-any-return]


async def history(running: Running, patient: Person, size: int = 0) -> list[audit_pb2.AccessEvent]:
    """Everything about a patient, read in pages of this size."""
    found, token = list[audit_pb2.AccessEvent](), ""
    while True:
        request = audit_pb2.ListAccessEventsRequest(page_size=size, page_token=token)
        page = await running.audit("ListAccessEvents", request, patient)
        found += page.events
        token = page.next_page_token
        if not token:
            return found


async def verify(running: Running) -> audit_pb2.VerifyChainResponse:
    return await running.audit("VerifyChain", VERIFY, await running.admin())  # type: ignore[no-any-return]


async def tamper(running: Running, *statements: str) -> None:
    """What the database's owner can do, whom no trigger stops."""
    async with running.database.connection() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement)


async def with_history(running: Running) -> tuple[Person, Person]:
    """A patient and a follower, and six events about them."""
    patient, follower = await running.sign_in(), await running.sign_in()
    for _ in range(6):
        await grant(running, patient, follower)
        running.clock.advance(seconds=1)
    return patient, follower


async def test_a_patient_reads_what_was_changed_newest_first_page_by_page(shared: Running) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    given = await grant(shared, patient, follower)
    revoke = care_pb2.RevokeAccessRequest(request_id=request_id(), grant_id=given.grant_id)
    await shared.care("RevokeAccess", revoke, follower)
    events = await history(shared, patient, size=1)
    assert [event.action.rsplit("/")[-1] for event in events] == ["RevokeAccess", "GrantAccess"]
    assert [event.actor_id for event in events] == [follower.account_id, patient.account_id]
    assert {event.patient_id for event in events} == {patient.account_id}
    assert not await history(shared, follower)


async def test_reads_by_others_reach_the_patients_list_once(own: Running) -> None:
    patient, reader = await own.sign_in(), await own.sign_in()
    named = account_pb2.UpdateProfileRequest(
        request_id=request_id(),
        profile=account_pb2.Profile(display_name="Reader"),
        update_mask=FieldMask(paths=["display_name"]),
    )
    await own.account("UpdateProfile", named, reader)
    used = events_pb2.AccessUsed(
        patient_id=patient.account_id,
        actor_id=reader.account_id,
        action=READ_ACTION,
        time=to_timestamp(own.clock.now),
        scope=SCOPE_GLUCOSE_READ,
    )
    await own.bus.ensure_stream("glucose")
    publication = Publication(
        event_id=uuid4().hex,
        subject=f"apricot.glucose.access.used.{patient.account_id}",
        payload=used.SerializeToString(),
    )
    await own.bus.publish([publication])
    consumers = [asyncio.create_task(consumer.run()) for consumer in own.identity.audit_consumers]

    async def arrived() -> list[audit_pb2.AccessEvent]:
        while not (events := await history(own, patient)):
            pass  # each round is a call, and so a pause
        return events

    [event] = await soon(arrived())
    for task in consumers:
        task.cancel()
    await asyncio.gather(*consumers, return_exceptions=True)
    assert (event.action, event.actor_name) == (READ_ACTION, "Reader")
    assert to_datetime(event.time) == own.clock.now
    assert (await verify(own)).intact


async def test_an_untouched_chain_is_intact(own: Running) -> None:
    await with_history(own)
    answer = await verify(own)
    [row] = await own.execute("select * from audit_event order by sequence desc limit 1")
    assert (answer.intact, answer.complete, answer.fault) == (True, True, audit_pb2.CHAIN_FAULT_UNSPECIFIED)
    assert (answer.event_count, answer.hash) == (row["sequence"], row["hash"].hex())


async def test_a_chain_is_verified_piece_by_piece(own: Running) -> None:
    await with_history(own)
    admin, request, counts = await own.admin(), audit_pb2.VerifyChainRequest(max_events=3), list[int]()
    while True:
        answer = await own.audit("VerifyChain", request, admin)
        assert answer.intact
        counts.append(answer.event_count)
        if answer.complete:
            break
        request.checkpoint = answer.checkpoint
    assert counts == [*range(3, counts[-1], 3), counts[-1]]
    await with_history(own)
    added = audit_pb2.VerifyChainRequest(checkpoint=answer.checkpoint)
    admin = await own.admin()
    await tamper(own, "update audit_event set patient_id = null where sequence = 2")
    later = await own.audit("VerifyChain", added, admin)
    assert later.intact  # the checkpoint is believed
    assert later.event_count >= answer.event_count + 6
    await tamper(own, "delete from audit_event where sequence > 6")
    cut = await own.audit("VerifyChain", added, admin)
    assert (cut.first_broken_sequence, cut.fault) == (answer.event_count + 1, audit_pb2.CHAIN_FAULT_MISSING)


async def test_a_checkpoint_that_nobody_gave_is_refused(own: Running) -> None:
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        request = audit_pb2.VerifyChainRequest(checkpoint="AAAA")
        await own.audit("VerifyChain", request, await own.admin())


async def test_many_writers_at_once_make_one_chain(own: Running) -> None:
    follower, patients = await own.sign_in(), [await own.sign_in() for _ in range(8)]
    await asyncio.gather(*(grant(own, patient, follower) for patient in patients for _ in range(5)))
    answer = await verify(own)
    assert answer.intact
    assert answer.event_count >= 40


MOVE_UP = [
    "update audit_event set sequence = -sequence where sequence >= 4",
    "update audit_event set sequence = 1 - sequence where sequence < 0",
]
SWAP = [
    "update audit_event set sequence = -sequence where sequence in (2, 3)",
    "update audit_event set sequence = 5 + sequence where sequence in (-2, -3)",
]


INSERT = (
    "insert into audit_event (sequence, time, actor_id, action, hash) "
    "select 4, time, actor_id, action, hash from audit_event where sequence = 1"
)
INSERT_BEFORE = INSERT.replace("select 4", "select -1")


@pytest.mark.parametrize(
    ("statements", "broken", "fault"),
    [
        (["update audit_event set actor_id = gen_random_uuid() where sequence = 3"], 3, "ALTERED"),
        (["update audit_event set patient_id = null where sequence = 2"], 2, "ALTERED"),
        (["update audit_event set time = time + interval '1 microsecond' where sequence = 6"], 6, "ALTERED"),
        (["update audit_event set hash = decode(repeat('00', 32), 'hex') where sequence = 4"], 4, "ALTERED"),
        (["delete from audit_event where sequence = 3"], 3, "MISSING"),
        (["delete from audit_event where sequence = 1"], 1, "MISSING"),
        (["delete from audit_event"], 1, "MISSING"),
        (SWAP, 2, "REORDERED"),
        ([*MOVE_UP, INSERT], 4, "INSERTED"),
        ([INSERT_BEFORE], 1, "INSERTED"),
        (["delete from audit_head"], 1, "UNSEALED"),
        (["update audit_head set seal = hash"], None, "UNSEALED"),
    ],
)
async def test_whatever_the_databases_owner_does_to_the_chain_is_found(
    own: Running, statements: list[str], broken: int | None, fault: str
) -> None:
    await with_history(own)
    admin = await own.admin()
    [row] = await own.execute("select sequence + 1 as behind_the_end from audit_head")
    await tamper(own, *statements)
    answer = await own.audit("VerifyChain", VERIFY, admin)
    assert not answer.intact
    assert answer.first_broken_sequence == (broken or row["behind_the_end"])
    assert audit_pb2.ChainFault.Name(answer.fault) == f"CHAIN_FAULT_{fault}"


async def test_a_chain_cut_short_is_found_even_with_its_end_adjusted(own: Running) -> None:
    await with_history(own)
    admin = await own.admin()
    [row] = await own.execute("select max(sequence) as last from audit_event")
    last = row["last"]
    await tamper(own, "delete from audit_event where sequence = (select max(sequence) from audit_event)")
    answer = await own.audit("VerifyChain", VERIFY, admin)
    assert (answer.first_broken_sequence, answer.fault) == (last, audit_pb2.CHAIN_FAULT_MISSING)
    await tamper(
        own,
        "update audit_head set sequence = last.sequence, hash = last.hash "
        "from (select * from audit_event order by sequence desc limit 1) as last",
    )
    answer = await own.audit("VerifyChain", VERIFY, admin)
    assert (answer.first_broken_sequence, answer.fault) == (last, audit_pb2.CHAIN_FAULT_UNSEALED)


@pytest.mark.parametrize(
    "statement", ["update audit_event set action = ''", "delete from audit_event", "truncate audit_event"]
)
async def test_the_database_refuses_to_change_the_audit(own: Running, statement: str) -> None:
    await with_history(own)
    with pytest.raises(asyncpg.PostgresError, match=r"kept|only ever appended"):
        await own.execute(statement)


async def test_only_an_admin_verifies(shared: Running) -> None:
    with refused(Reason.REASON_ROLE_REQUIRED):
        await shared.audit("VerifyChain", VERIFY, await shared.sign_in())


async def test_a_token_of_another_list_is_refused(shared: Running) -> None:
    patient, follower = await shared.sign_in(), await shared.sign_in()
    await grant(shared, patient, follower)
    page = await shared.care("ListGrants", care_pb2.ListGrantsRequest(page_size=1), patient)
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        request = audit_pb2.ListAccessEventsRequest(page_token=page.next_page_token)
        await shared.audit("ListAccessEvents", request, patient)


async def test_what_becomes_of_the_chain_is_watched(own: Running) -> None:
    watch = AuditWatch(own.database, own.identity.vault, own.clock)
    await watch.look()
    await with_history(own)
    own.clock.advance(minutes=1)
    await watch.look()
    [row] = await own.execute("select max(sequence) as last from audit_event")
    assert shown("apricot_audit_chain_intact") == 1
    assert shown(VERIFIED) == own.clock().timestamp()
    assert shown("apricot_audit_chain_verified_sequence", check="added") == row["last"]
    await tamper(own, "update audit_event set patient_id = null where sequence = 2")
    own.clock.advance(minutes=1)
    await watch.look()
    assert shown("apricot_audit_chain_intact") == 1  # what was verified is looked at again once a week
    own.clock.advance(days=7)
    for replica in watch, AuditWatch(own.database, own.identity.vault, own.clock):
        await replica.look()
        assert shown("apricot_audit_chain_intact") == 0
    assert shown("apricot_audit_chain_verified_sequence", check="whole") == 1


async def test_the_watch_goes_on_where_another_stopped_unless_its_checkpoint_was_forged(own: Running) -> None:
    await with_history(own)
    await AuditWatch(own.database, own.identity.vault, own.clock).look()
    await tamper(own, "update audit_event set patient_id = null where sequence = 2")
    own.clock.advance(minutes=1)
    await AuditWatch(own.database, own.identity.vault, own.clock).look()
    assert shown("apricot_audit_chain_intact") == 1
    await tamper(own, "update audit_check set checkpoint = 'AAAA' where name = 'added'")
    own.clock.advance(minutes=1)
    await AuditWatch(own.database, own.identity.vault, own.clock).look()
    assert shown("apricot_audit_chain_intact") == 0


async def test_the_chains_end_is_logged_once_a_day(own: Running) -> None:
    await with_history(own)
    watches = [AuditWatch(own.database, own.identity.vault, own.clock) for _ in range(2)]
    [row] = await own.execute("select sequence, hash from audit_head")
    with structlog.testing.capture_logs() as logged:
        for _ in range(2):
            for watch in watches:
                await watch.look()
            own.clock.advance(hours=23)
        own.clock.advance(hours=1)
        await watches[0].look()
    anchor = f"{row['sequence']}:{row['hash'].hex()}"
    assert [line["anchor"] for line in logged if "anchor" in line] == [anchor, anchor]


def shown(name: str, **labels: str) -> float | None:
    """What a metric says."""
    return REGISTRY.get_sample_value(name, labels)
