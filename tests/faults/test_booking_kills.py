"""`kill -9` to consult and to what it stands on while a crowd books: nothing acknowledged is lost, nothing is booked
twice, and everybody gets an answer."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from kit.database import Database
from stack.platform import Platform
from tests.consult.booking.crowd import Somebody, doors, gather_crowd, insist, publish
from tests.e2e.signer import Signer
from tests.faults.load import until

CROWD, PLACES = 300, 50


@pytest.mark.parametrize("parts", [("consult-1",), ("consult-1", "consult-2"), ("postgres",)], ids="+".join)
async def test_nothing_booked_is_lost_or_doubled(wounded: Platform, parts: Sequence[str]) -> None:
    consult = Database(wounded.database_url or "", "consult", wounded.sealing_keys("consult"))
    doctor = Somebody(uuid4(), (await Signer.of(wounded)).token(str(doctor_id := uuid4()), "clinician"))
    async with consult.connection() as connection:
        await connection.execute(
            "insert into doctor (doctor_id, display_name, title, licence_end_time, department_code, listed) "
            "values ($1, 'Dr. Test', '主任医师', now() + interval '1 year', 'endocrinology', true)",
            doctor_id,
        )
    crowd = await gather_crowd(wounded, CROWD)
    async with doors(wounded) as stubs:
        slot = await publish(stubs[0], PLACES, metadata=doctor.metadata)
        tries = [asyncio.create_task(insist(stubs[number % len(stubs)], who, slot)) for number, who in enumerate(crowd)]

        async def is_under_way() -> bool:
            async with consult.connection() as connection:
                return bool(
                    await connection.fetchval("select count(*) > 5 from appointment where slot_id = $1", slot_id)
                )

        slot_id = UUID(slot.slot_id)
        await until(is_under_way)
        for part in parts:
            wounded.part(part).kill()
        for part in parts:
            await wounded.part(part).wait_ready()
        outcomes = await asyncio.gather(*tries)
    assert Counter(outcomes) == {"BOOKED": PLACES, "SLOT_FULL": CROWD - PLACES}
    booked = {who.account_id for who, outcome in zip(crowd, outcomes, strict=True) if outcome == "BOOKED"}
    await consult.close()
    consult = Database(wounded.database_url or "", "consult", wounded.sealing_keys("consult"))
    async with consult.connection() as connection:
        rows = await connection.fetch("select patient_id, seat_number from appointment where slot_id = $1", slot_id)
    await consult.close()
    assert len(rows) == PLACES
    assert {row["patient_id"] for row in rows} == booked
    assert {row["seat_number"] for row in rows} == set(range(1, PLACES + 1))
