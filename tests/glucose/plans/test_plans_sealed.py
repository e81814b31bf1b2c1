"""What doctor and patient write to each other lies sealed in the database."""

from uuid import uuid4

import asyncpg
import pytest
from apricot.glucose.v1.plan_pb2 import MealAdvice

from kit.database import Database
from kit.resealing import SETTLED, Resealing
from kit.sealing import SealingKeys
from services.glucose.rpc import exports
from services.glucose.store import tables
from stack.platform import Platform
from tests.glucose.plans.planned import Clinic, content
from tests.in_process import HandClock, own_database
from tests.sealed import whereabouts

ADVICE, NOTE, COMMENT = "米饭少一半,面条也少", "晚饭后散步再说", "昨晚两点低了一次"
ON_THEIR_WAY = {"outbox.payload"}
"""Events are open until they are published, for milliseconds; no relay runs in these tests."""


async def written(database: Database) -> Clinic:
    clinic = Clinic(database)
    plan = await clinic.create(content(meal_advice=MealAdvice(carbohydrate_g_per_day=200, advice=ADVICE)))
    await clinic.answer(plan, note=NOTE)
    await clinic.comment(COMMENT)
    await clinic.draft()
    return clinic


async def test_a_copy_of_the_database_does_not_tell_it(engines: Platform) -> None:
    async with own_database(engines, "glucose") as database:
        clinic = await written(database)
        assert await whereabouts(database, [ADVICE, NOTE, COMMENT]) == ON_THEIR_WAY
        active = (await clinic.active()).active
        assert (active.content.meal_advice.advice, active.answer_note) == (ADVICE, NOTE)
        said = b"".join([part async for part in exports.record_of(database, clinic.patient, clinic.clock())]).decode()
        assert all(words in said for words in (ADVICE, NOTE, COMMENT))


async def test_the_key_changes_and_what_was_written_stays(engines: Platform) -> None:
    async with own_database(engines, "glucose") as database:
        clinic = await written(database)
        both = Database(database.url, "glucose", SealingKeys({"new": bytes(32), "tests": b"t" * 32}))
        clock = HandClock()
        for _ in range(2):
            await Resealing(both, clock, tables).walk_all()
            clock.now += SETTLED
        after = Database(database.url, "glucose", SealingKeys({"new": bytes(32)}))
        moved = Clinic(after)
        moved.patient, moved.clinician = clinic.patient, clinic.clinician
        active = (await moved.active()).active
        assert (active.content.meal_advice.advice, active.answer_note) == (ADVICE, NOTE)
        assert any(item.comment.text == COMMENT for item in (await moved.steps()).items)
        for opened in both, after:
            await opened.close()


async def test_a_plan_is_changed_by_no_seal(engines: Platform) -> None:
    async with own_database(engines, "glucose") as database:
        clinic = await written(database)
        async with database.connection() as connection:
            await connection.execute("select set_config('apricot.resealing', 'on', false)")
            for change in f"plan_id = '{uuid4()}', body = 'x'", "create_time = now()":
                with pytest.raises(asyncpg.RaiseError):
                    await connection.execute(f"update plan_revision set {change} where patient_id = $1", clinic.patient)  # noqa: S608  one of these words
            await connection.execute("select set_config('apricot.resealing', '', false)")
            with pytest.raises(asyncpg.RaiseError):
                await connection.execute("update plan_revision set body = 'x' where patient_id = $1", clinic.patient)
