"""Consult wounded: `kill -9` during claims, and NATS away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from apricot.consult.v1 import consultation_pb2 as pb

from clients.sdk import ApricotError
from kit.database import Database
from stack.platform import Platform
from tests.consult.life.inboxes import inbox
from tests.consult.life.living import claimed, closed, fetch, opened, pooled_doctors, seen
from tests.faults.load import until
from tests.patience import PATIENCE
from tests.people import People, Person

DEPARTMENT = "hepatology"


@pytest.fixture(scope="module")
async def database(wounded: Platform) -> AsyncIterator[Database]:
    opened_ = Database(wounded.database_url, "consult", wounded.sealing_keys("consult"))
    yield opened_
    await opened_.close()


async def test_no_claim_that_was_acknowledged_is_lost(wounded: Platform, folk: People, database: Database) -> None:
    doctors = await pooled_doctors(folk, DEPARTMENT, 3)
    acknowledged: dict[str, str] = {}
    rounds = 0

    async def claim(doctor: Person, consultation: pb.Consultation) -> None:
        with suppress(ApricotError):  # another was first, or the answer was lost with the replica
            acknowledged[consultation.consultation_id] = (await claimed(doctor, consultation)).doctor_id

    async def lives(patient: Person) -> None:
        """Each question is claimed by three, and closed by whoever got it."""
        nonlocal rounds
        for _ in range(4):
            asked = await opened(patient, department=DEPARTMENT)
            await asyncio.gather(*(claim(doctor, asked) for doctor in doctors))
            rounds += 1
            now = await seen(patient, asked)
            if asked.consultation_id in acknowledged:
                assert now.doctor_id == acknowledged[asked.consultation_id]
            (winner,) = (doctor for doctor in doctors if doctor.account_id == now.doctor_id)
            await closed(winner, asked)

    async def wound() -> None:
        for replica, after in ("consult-1", 2), ("consult-2", 6):
            while rounds < after:
                await asyncio.sleep(0.01)
            wounded.part(replica).kill()
            await wounded.part(replica).wait_ready()

    patients = [await folk.patient() for _ in range(3)]
    await asyncio.gather(wound(), *map(lives, patients))
    assert len(acknowledged) >= 10
    rows = await fetch(
        database,
        "select consultation_id::text, doctor_id::text, state from consultation where department_code = $1",
        DEPARTMENT,
    )
    assert {row["consultation_id"]: row["doctor_id"] for row in rows if row["consultation_id"] in acknowledged} == (
        acknowledged
    )
    assert {row["state"] for row in rows} == {pb.CONSULTATION_STATE_CLOSED}
    taken = await fetch(
        database,
        "select consultation_id, count(*) filter (where role = 2) as doctors, max(last_sequence) as said "
        "from member join consultation using (consultation_id) where department_code = $1 group by consultation_id",
        DEPARTMENT,
    )
    assert {(row["doctors"], row["said"]) for row in taken} == {(1, 2)}  # one doctor; claimed and ended, once each


async def test_inboxes_go_on_without_nats(wounded: Platform, folk: People, database: Database) -> None:
    (doctor,), patient = await pooled_doctors(folk, DEPARTMENT, 1), await folk.patient()
    one, two = wounded.addresses("consult")
    async with inbox(one, doctor) as doctors, inbox(two, patient) as patients:
        await doctors.until_live()
        await patients.until_live()
        await wounded.part("nats").stop()
        try:
            asked = await opened(patient, department=DEPARTMENT)
            id_ = asked.consultation_id
            async with asyncio.timeout(PATIENCE):
                await doctors.until(lambda shown: id_ in shown)
            await claimed(doctor, asked)
            async with asyncio.timeout(PATIENCE):
                await patients.until(lambda shown: id_ in shown and shown[id_].state == pb.CONSULTATION_STATE_ACTIVE)
            await closed(doctor, asked)
            async with asyncio.timeout(PATIENCE):
                await patients.until(lambda shown: shown[id_].state == pb.CONSULTATION_STATE_CLOSED)
        finally:
            await wounded.part("nats").start()

    async def published() -> bool:
        return not await fetch(database, "select from outbox")

    await until(published)  # what was written meanwhile is told once NATS is back
