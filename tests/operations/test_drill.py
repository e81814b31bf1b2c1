"""What has to be true of a platform that was made of a backup."""

import base64
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from apricot.pharmacy.v1.order_pb2 import GetOrderRequest

from clients.sdk import Apricot, Recorder, Session
from kit.schema import service_url
from operations.verdict import audit_holds, ledger_balances
from services.identity.vault import Vault
from tests.kit.running import until
from tests.operations.drill import Drill
from tests.operations.story import ZONE
from tests.people import PASSWORD


@pytest.fixture(scope="module")
async def client(drill: Drill) -> AsyncIterator[Apricot]:
    async with Apricot(drill.platform.gateway_address.removeprefix("http://")) as found:
        yield found


@pytest.fixture(scope="module")
async def patient(client: Apricot, drill: Drill) -> Session:
    """With her old account and password."""
    return await client.sign_in_with_password(drill.story.patient.phone, PASSWORD)


@pytest.fixture(scope="module")
async def clinician(client: Apricot, drill: Drill) -> Session:
    """With her old second factor."""
    old = drill.story.clinician
    assert old.authenticator is not None
    return await client.sign_in_with_password(old.phone, PASSWORD, totp=old.authenticator.code())


async def fetch(drill: Drill, service: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(service_url(drill.platform.database_url, service))
    found = list(await connection.fetch(query))
    await connection.close()
    return found


async def signed(drill: Drill, service: str, table: str) -> list[tuple[UUID, int, bytes]]:
    """Each revision that a service has, and the bytes that were signed."""
    column, keys = f"{table}.signed_content", drill.platform.sealing_keys(service)
    rows = await fetch(drill, service, f"select prescription_id, revision, signed_content from {table}")  # noqa: S608
    return [(prescription, revision, keys.open(column, kept)) for prescription, revision, kept in rows]


async def test_each_use_is_audited_once(drill: Drill) -> None:
    assert len(drill.used) >= drill.before.reads
    assert drill.audited == len(drill.used)


async def test_no_inbox_knows_of_an_event_that_is_not_there(drill: Drill) -> None:
    assert drill.handled
    assert drill.handled <= drill.kept


async def test_what_was_acknowledged_is_there(drill: Drill, patient: Session) -> None:
    account = drill.story.patient.account_id
    listed = Counter([entry.entry_id async for entry in patient.entries(account)])
    assert drill.before.entries <= listed.keys()
    assert set(listed.values()) == {1}
    grants = {str(row["grant_id"]): row["revoke_time"] for row in await fetch(drill, "identity", "table care_grant")}
    assert drill.before.granted <= grants.keys()
    assert all(grants[grant] is not None for grant in drill.before.revoked)
    for order_id in drill.before.orders:
        found = (await patient.orders.GetOrder(GetOrderRequest(order_id=order_id))).order
        assert found.order_id == order_id
    assert await patient.download_photo(account, drill.story.photo_id) == drill.story.photo_bytes


async def test_the_pharmacy_hears_of_what_was_prescribed(drill: Drill) -> None:
    """It had not, when the backup was made."""
    issued = await signed(drill, "consult", "prescription_revision")
    assert [prescription for prescription, _, _ in issued] == [UUID(drill.story.prescription.prescription_id)]

    async def heard() -> bool:
        return await signed(drill, "pharmacy", "prescription") == issued

    await until(heard)


async def test_her_clinician_sees_a_new_reading_live(drill: Drill, patient: Session, clinician: Session) -> None:
    account = drill.story.patient.account_id
    reading = Recorder.by_hand("sensor", ZONE).sensor_reading(datetime.now(UTC), 101)
    async with clinician.watch([account]) as watch:
        snapshot = (await anext(watch)).snapshot
        assert {entry.entry_id for entry in snapshot.entries} >= drill.before.entries
        await patient.log(account, [reading])
        async for update in watch:
            assert [entry.entry_id for entry in update.entries_logged.entries] in ([], [reading.entry_id])
            if update.entries_logged.entries:
                break


async def test_an_old_resume_token_ends_in_a_gap_and_the_watch_goes_on(drill: Drill, patient: Session) -> None:
    account = drill.story.patient.account_id
    note = Recorder.by_hand("phone", ZONE).note(datetime.now(UTC), "after it all")
    async with patient.watch([account], resume_token=drill.resume_token) as watch:
        assert (await anext(watch)).HasField("history_gap")
        assert {entry.entry_id for entry in (await anext(watch)).snapshot.entries} >= drill.before.entries
        await patient.log(account, [note])
        async for update in watch:
            if note.entry_id in {entry.entry_id for entry in update.entries_logged.entries}:
                break


async def test_audit_and_ledger_hold(drill: Drill) -> None:
    vault = Vault(base64.b64decode(drill.platform.state.secrets().identity_key))
    assert (await audit_holds(service_url(drill.platform.database_url, "identity"), vault)).holds
    assert (await ledger_balances(service_url(drill.platform.database_url, "pharmacy"))).holds
    assert await fetch(drill, "pharmacy", "table ledger_entry limit 1")
