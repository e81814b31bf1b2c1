"""Whoever reads back in time gets of frozen months what he got of hot ones."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, INSULIN_KIND_RAPID, Entry

from services.glucose.store import cohort, doses, plan_lines, readings, timeline
from services.glucose.store.causes import cause_body
from services.glucose.store.entries import snapshot
from services.glucose.store.lists import Opening
from services.glucose.store.photos import meals_of
from services.glucose.store.tables import PhotoRow, PlanRow
from tests.glucose.archive.shelf import NOW, SENSOR, Shelf, freeze_everything
from tests.glucose.archive.shelf import readings as sensor_readings

START = datetime(2022, 3, 25, tzinfo=UTC)
END = START + timedelta(days=14)
"""A window across the end of a month."""


async def test_each_reader_finds_what_it_found(shelf: Shelf) -> None:
    meal = SENSOR.meal(START + timedelta(days=6, hours=23), 40)
    for day in range(14):
        at = START + timedelta(days=day)
        await shelf.log(
            *sensor_readings(at, 20, 15),
            SENSOR.fingerstick_reading(at + timedelta(minutes=7), 100 + day),
            SENSOR.insulin_dose(at, INSULIN_KIND_RAPID, "4.5"),
            SENSOR.medicine_dose(at, "metformin", "500", DOSE_UNIT_MG),
            SENSOR.meal(at, 30 + day),
        )
    await shelf.log(meal)
    photo = PhotoRow(
        patient_id=shelf.patient,
        photo_id=uuid4(),
        sha256=b"",
        media_type="image/jpeg",
        size_bytes=1,
        width_pixels=1,
        height_pixels=1,
        uploader_id=shelf.patient,
        create_time=START,
        touch_time=START,
        meal_ids=[UUID(meal.entry_id), uuid4()],
    )
    plan = PlanRow(
        patient_id=shelf.patient,
        plan_id=uuid4(),
        revision=1,
        create_time=START,
        item_id=uuid4(),
        body=b"",
        state=4,
        answer_time=START + timedelta(days=7),
        end_time=END,
    )
    async with shelf.database.transaction() as session:
        session.add(plan.model_copy())
    before = await _read(shelf, photo, plan, meal)
    assert all(before.values())
    assert await freeze_everything(shelf.database) > 1000
    assert (await shelf.hot_and_frozen())[0] == 0
    assert await _read(shelf, photo, plan, meal) == before


async def _read(shelf: Shelf, photo: PhotoRow, plan: PlanRow, meal: Entry) -> dict[str, Any]:
    """What each of them finds, as far as the entries are concerned."""
    patient, database = shelf.patient, shelf.database
    window = [(START, END)]
    always = [Opening(patient, (10, 11), datetime(1, 1, 1, tzinfo=UTC), NOW)]
    async with database.connection() as connection:
        newest = await cohort.newest_readings(connection, [cohort.Range(patient, START, NOW)])
        earlier = await cohort.newest_readings(connection, [cohort.Range(patient, START, START + timedelta(days=3))])
    async with database.transaction() as session:
        logged = await plan_lines.find_logged(session, patient, START, END)
        daily = await plan_lines.find_daily(session, patient, START, END)
        cause = await cause_body(session, patient, "entry_id", UUID(meal.entry_id))
    found = await readings.load_window(database, patient, window)
    change = (plan.plan_id, 1)
    return {
        "cohort": [newest, earlier],
        "plan": [logged, daily],
        "cause": cause,
        "report": [found, await readings.newest_entry(database, patient, window)],
        "doses": [tuple(row) for row in await doses.find_doses(database, [patient], START, END)],
        "effects": await timeline.effects(database, patient, [change], window, NOW),
        "photo": [entry.model_dump() for entry in await meals_of(database, photo)],
        "watch": (await snapshot(database, [], always, [patient], 10)).latest_reading,
    }
