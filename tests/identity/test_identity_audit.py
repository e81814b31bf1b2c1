"""The audit as stored: what goes in, who reads it, and that nothing is changed or taken out unseen."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest
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
    [row] = await own.execute("select count(*) from audit_event")
    assert answer == audit_pb2.VerifyChainResponse(intact=True, event_count=row["count"])


async def test_many_writers_at_once_make_one_chain(own: Running) -> None:
    follower, patients = await own.sign_in(), [await own.sign_in() for _ in range(8)]
    await asyncio.gather(*(grant(own, patient, follower) for patient in patients for _ in range(5)))
    answer = await verify(own)
    assert answer.intact
    assert answer.event_count >= 40


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["update audit_event set actor_id = gen_random_uuid() where sequence = 3"], 3),
        (["update audit_event set patient_id = null where sequence = 2"], 2),
        (["update audit_event set time = time + interval '1 microsecond' where sequence = 6"], 6),
        (["update audit_event set hash = decode(repeat('00', 32), 'hex') where sequence = 4"], 4),
        (["delete from audit_event where sequence = 3"], 3),
        (["delete from audit_event where sequence = 1"], 1),
        (
            [
                "update audit_event set sequence = -sequence where sequence in (2, 3)",
                "update audit_event set sequence = 5 + sequence where sequence in (-2, -3)",
            ],
            2,
        ),
        (["delete from audit_event"], 1),
        (["delete from audit_head"], 1),
    ],
)
async def test_whatever_the_databases_owner_does_to_the_chain_is_found(
    own: Running, statements: list[str], broken: int
) -> None:
    await with_history(own)
    admin = await own.admin()
    await tamper(own, *statements)
    answer = await own.audit("VerifyChain", VERIFY, admin)
    assert not answer.intact
    assert answer.first_broken_sequence == broken


async def test_a_chain_cut_short_is_found_even_with_its_end_adjusted(own: Running) -> None:
    await with_history(own)
    admin = await own.admin()
    [row] = await own.execute("select max(sequence) as last from audit_event")
    last = row["last"]
    await tamper(own, "delete from audit_event where sequence = (select max(sequence) from audit_event)")
    assert (await own.audit("VerifyChain", VERIFY, admin)).first_broken_sequence == last
    await tamper(
        own,
        "update audit_head set sequence = last.sequence, hash = last.hash "
        "from (select * from audit_event order by sequence desc limit 1) as last",
    )
    assert (await own.audit("VerifyChain", VERIFY, admin)).first_broken_sequence == last


@pytest.mark.parametrize(
    "statement", ["update audit_event set action = ''", "delete from audit_event", "truncate audit_event"]
)
async def test_the_database_refuses_to_change_the_audit(own: Running, statement: str) -> None:
    await with_history(own)
    with pytest.raises(asyncpg.RaiseError):
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
    await watch.look()
    assert REGISTRY.get_sample_value("apricot_audit_chain_intact") == 1
    assert REGISTRY.get_sample_value(VERIFIED) == own.clock().timestamp()
    await tamper(own, "update audit_event set patient_id = null where sequence = 2")
    own.clock.advance(days=1)
    for _ in range(2):
        await watch.look()
        assert REGISTRY.get_sample_value("apricot_audit_chain_intact") == 0
