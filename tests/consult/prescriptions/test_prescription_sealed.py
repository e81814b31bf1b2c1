"""What was prescribed, why it was taken back and what is known of a patient lie sealed in consult's database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy

import asyncpg
import pytest
from apricot.consult.v1.prescription_pb2 import GENUINENESS_GENUINE, PRESCRIPTION_STATE_REVOKED, Prescription

from kit.database import Database
from kit.resealing import FIGURE, SETTLED, Resealing
from kit.sealing import SealingKeys
from services.consult.rpc.health_records import HealthRecords
from services.consult.rpc.prescriptions import Prescriptions
from services.consult.store import tables
from tests.consult.prescriptions.ward import Ward
from tests.consult.prescriptions.writing import allergy, facts, item, written
from tests.in_process import HandClock
from tests.sealed import whereabouts

INSTRUCTIONS, REASON, ALLERGY = "睡前整片吞服", "血糖已经平稳", "海虾过敏原"
WORDS = [INSTRUCTIONS, REASON, ALLERGY]
ON_THEIR_WAY = {"outbox.payload"}
"""Events are open until they are published, for milliseconds; no relay runs in these tests."""
OLD, NEW = {"tests": b"t" * 32}, {"new": bytes(32)}


async def treated(ward: Ward) -> Prescription:
    """All is known, and a prescription is issued and taken back."""
    await ward.put(facts(ward.today, allergy("V01AA08", ALLERGY)))
    findings = [finding.key for finding in await ward.check(written(item(instructions=INSTRUCTIONS)))]
    made = await ward.issue(written(item(instructions=INSTRUCTIONS)), overrides=findings)
    await ward.revoke(made)
    return made


@asynccontextmanager
async def with_keys(ward: Ward, **keys: bytes) -> AsyncIterator[Ward]:
    """The same ward in a process with other keys; the first seals."""
    made = copy(ward)
    made.database = Database(ward.database.url, "consult", SealingKeys(keys))
    made.prescriptions = Prescriptions(made.database, made.telling, made.signer, made.keys, made.clock)
    made.records = HealthRecords(made.database, made.telling, made.keys, made.clock)
    yield made
    await made.database.close()


async def seal_anew(ward: Ward) -> None:
    """By its first key, until the other one is needed no longer."""
    clock = HandClock()
    for _ in range(2):
        await Resealing(ward.database, clock, tables).walk_all()
        clock.now += SETTLED
    (unfinished,) = await ward.fetch(FIGURE.query)
    assert unfinished[0] == 0


async def test_a_copy_of_the_database_does_not_tell_it(ward: Ward) -> None:
    made = await treated(ward)
    assert await whereabouts(ward.database, WORDS) == ON_THEIR_WAY
    shown = await ward.get(made)
    assert (shown.content.written.items[0].instructions, shown.revoke_reason) == (INSTRUCTIONS, REASON)
    assert (await ward.record()).facts.allergies.entries[0].name == ALLERGY


async def test_what_was_signed_is_genuine_under_another_key(ward: Ward) -> None:
    made = await treated(ward)
    kept, known = await ward.get(made), await ward.record()
    async with with_keys(ward, **NEW, **OLD) as rotated:
        await seal_anew(rotated)
    try:
        async with with_keys(ward, **NEW) as after:
            assert await after.get(made) == kept
            assert await after.record() == known
            verified = await after.verify(made)
            assert (verified.genuineness, verified.state) == (GENUINENESS_GENUINE, PRESCRIPTION_STATE_REVOKED)
    finally:
        async with with_keys(ward, **OLD, **NEW) as back:  # other tests share the database
            await seal_anew(back)
    assert await ward.get(made) == kept


@pytest.mark.parametrize(
    "change",
    [
        "prescription_revision set state = 1",
        "prescription_revision set signed_content = 'x', signature = 'x'",
        "prescription_revision set revoke_reason = 'x', end_time = now()",
        "health_record_revision set facts = 'x', author_id = gen_random_uuid()",
        "health_record_revision set create_time = now()",
    ],
)
async def test_what_has_ended_changes_its_seal_alone(ward: Ward, change: str) -> None:
    await treated(ward)
    for resealing in "on", "off":
        async with ward.database.connection() as connection:
            await connection.execute("select set_config('apricot.resealing', $1, false)", resealing)
            try:
                with pytest.raises(asyncpg.RaiseError):
                    await connection.execute(f"update {change} where patient_id::text = $1", ward.patient.account_id)
            finally:
                await connection.execute("select set_config('apricot.resealing', '', false)")
