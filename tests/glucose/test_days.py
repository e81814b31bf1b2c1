"""The daily figures: right after any sequence of changes, whoever settles them and whoever dies meanwhile."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from alembic import command
from apricot.glucose.v1.entry_pb2 import (
    GLUCOSE_UNIT_MG_PER_DL,
    GLUCOSE_UNIT_MMOL_PER_L,
    Entry,
    GlucoseBound,
    GlucoseUnit,
)

from clients.sdk import Recorder
from kit import migrate
from kit.times import to_timestamp
from kit.views import BEGINNING, END
from services.glucose.domain.cohort import Totals
from services.glucose.store.cohort import DayRange, marked_days, totals
from services.glucose.store.days import settle
from stack.platform import Platform
from tests.glucose.day_model import Figures, days_of
from tests.glucose.quiet import NOW, Quiet, quiet_database
from tests.kit.running import until

MG, MMOL = GLUCOSE_UNIT_MG_PER_DL, GLUCOSE_UNIT_MMOL_PER_L
ZONES = "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12"
FALL_BACK = datetime(2026, 11, 1, 6, tzinfo=UTC)
"""Summer time ends in New York."""


@pytest.fixture(scope="module")
async def quiet(engines: Platform) -> AsyncIterator[Quiet]:
    async with quiet_database(engines) as made:
        yield made


async def stored(quiet: Quiet, patient: UUID) -> dict[date, Figures]:
    """The days of a patient that hold anything."""
    rows = await quiet.fetch("select * from glucose_day where patient_id = $1 and readings_count > 0", patient)
    found = {}
    for row in rows:
        bands = tuple(row[f"{band}_count"] for band in ("very_low", "low", "in_range", "high", "very_high"))
        assert sum(bands) == row["readings_count"]
        found[row["local_date"]] = Figures(
            bands, row["sum_mg_per_dl"], row["covered_minutes"], row["first_time"], row["last_time"]
        )
    return found


def assert_same(found: dict[date, Figures], expected: dict[date, Figures]) -> None:
    assert found.keys() == expected.keys()
    for day, figures in expected.items():
        assert found[day]._replace(sum_mg_per_dl=0) == figures._replace(sum_mg_per_dl=0), day
        assert found[day].sum_mg_per_dl == pytest.approx(figures.sum_mg_per_dl, rel=1e-6)


async def read(quiet: Quiet, patient: UUID) -> tuple[int, ...]:
    """The counts of all days by band and their covered minutes, as a cohort reads them, settled or not."""
    days = [DayRange(patient, date(2026, 10, 1), date(2026, 12, 1), BEGINNING, END)]
    async with quiet.database.connection() as connection:
        marked = await marked_days(connection, days, 1000)
        found = (await totals(connection, days, marked)).get(patient, Totals())
    bands = found.very_low_count, found.low_count, found.in_range_count, found.high_count, found.very_high_count
    return *bands, found.covered_minutes


def counts_of(days: dict[date, Figures]) -> tuple[int, ...]:
    """The same of the model: of days with a sensor, or where there is none, of all."""
    found = [day for day in days.values() if day.covered_minutes] or list(days.values())
    bands = (sum(day.bands[band] for day in found) for band in range(5))
    return *bands, sum(day.covered_minutes for day in found)


def recorder(zone: str = "Asia/Shanghai", device: str = "sensor") -> Recorder:
    return Recorder.by_hand(device, zone)


@pytest.mark.parametrize(
    ("unit", "values"),
    [
        (MG, [[10, 53, 53.9], [54, 69, 69.9], [70, 180], [180.1, 181, 250], [250.1, 251, 1000]]),
        (MMOL, [[0.6, 2.9, 2.99], [3.0, 3.8, 3.89], [3.9, 10.0], [10.01, 10.1, 13.9], [13.91, 14.0, 55.5]]),
    ],
)
async def test_a_reading_is_classified_in_its_own_unit(
    quiet: Quiet, unit: GlucoseUnit.ValueType, values: list[list[float]]
) -> None:
    for band, inside in enumerate(values):
        for value in inside:
            patient = uuid4()
            await quiet.log(patient, [recorder().sensor_reading(NOW, value, unit)])
            await quiet.settle_all()
            bands = (await stored(quiet, patient))[date(2026, 11, 24)].bands
            assert bands.index(1) == band, value


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_changes_the_figures_are_those_of_the_diary(quiet: Quiet, seed: int) -> None:
    """Logged late and early, amended in value, time, zone and device, deleted; settled by two at once meanwhile."""
    chance = random.Random(seed)
    diaries: dict[UUID, dict[str, Entry]] = {uuid4(): {} for _ in range(2)}
    for _ in range(120):
        patient, diary = chance.choice(list(diaries.items()))
        match chance.choice(["log", "log", "amend", "amend", "delete", "settle"]):
            case "log":
                for entry in await quiet.log(patient, _some(chance)):
                    entry.revision = 1
                    diary[entry.entry_id] = entry
            case "amend" if diary:
                entry = chance.choice(list(diary.values()))
                changed = _changed(chance, entry)
                if (changed.time == entry.time and changed.device == entry.device) or not _taken(diary, changed):
                    diary[entry.entry_id] = await quiet.amend(patient, changed, entry.revision)
            case "delete" if diary:
                entry = diary.pop(chance.choice(list(diary)))
                await quiet.delete(patient, entry.entry_id, entry.revision)
            case "settle":
                await asyncio.gather(quiet.settle(chance.randrange(1, 20)), quiet.settle(chance.randrange(1, 20)))
        assert await read(quiet, patient) == counts_of(days_of(diary.values()))
    await quiet.settle_all()
    for patient, diary in diaries.items():
        assert_same(await stored(quiet, patient), days_of(diary.values()))
    assert await quiet.fetch("select from glucose_day_mark") == []


async def test_who_dies_while_settling_takes_no_mark_along(quiet: Quiet) -> None:
    """Killed after it took the mark and before it could write the figures."""
    patient = uuid4()
    entries = await quiet.log(patient, [recorder().sensor_reading(NOW, 100)])
    await quiet.settle_all()
    entries += await quiet.log(patient, [recorder().sensor_reading(NOW - timedelta(minutes=5), 50)])
    dying = await asyncpg.connect(quiet.database.url)
    async with quiet.database.connection() as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("select from glucose_day where patient_id = $1 for update", patient)
        task = asyncio.create_task(settle(dying, 500))
        waiting = "select exists (select from pg_locks where pid = $1 and not granted)"
        await until(lambda: other.fetchval(waiting, dying.get_server_pid()))
        assert await quiet.settle() == 0  # another one waits for its turn
        await other.execute("select pg_terminate_backend($1)", dying.get_server_pid())
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            await task
        await transaction.rollback()
    await dying.close()
    assert_same(await stored(quiet, patient), days_of(entries[:1]))
    await quiet.settle_all()
    assert_same(await stored(quiet, patient), days_of(entries))


async def test_workers_killed_in_the_middle_leave_it_right(quiet: Quiet) -> None:
    """Two processes, killed while a thousand days are marked; who comes after them finishes the work."""
    patients = [uuid4() for _ in range(10)]
    times = [NOW - timedelta(hours=12 * n) for n in range(200)]
    logged = {patient: await quiet.log(patient, _daily(times, patient.int % 200 + 40)) for patient in patients}
    marks = "select count(distinct (patient_id, local_date)) from glucose_day_mark"
    before = (await quiet.fetch(marks))[0][0]
    workers = [await settling(quiet) for _ in range(2)]
    async with quiet.database.connection() as connection:
        await until(lambda: _fewer(connection, marks, before - 50))
        for worker in workers:
            worker.kill()
            await worker.wait()
        assert await connection.fetchval(marks) > 0  # killed in the middle, not behind the end
    await quiet.settle_all()
    for patient, entries in logged.items():
        assert_same(await stored(quiet, patient), days_of(entries))


async def test_a_change_that_comes_while_its_day_is_settled_is_not_lost(quiet: Quiet) -> None:
    """Its mark is its own: the one that is taken is of the change before."""
    patient = uuid4()
    entries = await quiet.log(patient, [recorder().sensor_reading(NOW, 100)])
    await quiet.settle_all()
    entries += await quiet.log(patient, [recorder().sensor_reading(NOW - timedelta(minutes=5), 50)])
    async with quiet.database.connection() as other, quiet.database.connection() as worker:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("select from glucose_day where patient_id = $1 for update", patient)
        task = asyncio.create_task(settle(worker, 500))
        waiting = "select exists (select from pg_locks where pid = $1 and not granted)"
        await until(lambda: other.fetchval(waiting, worker.get_server_pid()))
        entries += await quiet.log(patient, [recorder().sensor_reading(NOW - timedelta(minutes=10), 60)])
        await transaction.commit()
        assert await task == 1
    assert_same(await stored(quiet, patient), days_of(entries[:2]))
    await quiet.settle_all()
    assert_same(await stored(quiet, patient), days_of(entries))


async def test_diaries_of_before_are_settled_too(engines: Platform) -> None:
    """What was logged and deleted when there were no daily figures."""
    async with quiet_database(engines) as old:
        versions, patient = migrate.config(old.database.url, "glucose"), uuid4()
        await asyncio.to_thread(command.downgrade, versions, "0003")
        entries = await old.log(patient, [recorder().sensor_reading(NOW - timedelta(hours=n), 100) for n in range(99)])
        await old.delete(patient, entries.pop().entry_id, 1)
        await asyncio.to_thread(command.upgrade, versions, "head")
        assert await read(old, patient) == counts_of(days_of(entries))
        await old.settle_all()
        assert_same(await stored(old, patient), days_of(entries))


async def test_an_upload_marks_a_day_once_for_each_commit(quiet: Quiet) -> None:
    patient = uuid4()
    await quiet.log(patient, [recorder().sensor_reading(NOW - timedelta(minutes=5 * n), 100) for n in range(900)])
    marks = await quiet.fetch("select local_date from glucose_day_mark where patient_id = $1", patient)
    assert sorted(row["local_date"] for row in marks) == [date(2026, 11, day) for day in (21, 22, 23, 24)]


async def test_what_is_no_reading_marks_nothing(quiet: Quiet) -> None:
    patient = uuid4()
    await quiet.log(patient, [recorder().meal(NOW, 40), recorder().note(NOW, "well")])
    assert await quiet.fetch("select from glucose_day_mark where patient_id = $1", patient) == []


async def test_two_sensors_at_once_count_time_once(quiet: Quiet) -> None:
    """The newer one counts, and where it has a gap the other."""
    patient, start = uuid4(), NOW - timedelta(hours=4)
    old, new = recorder(device="z"), recorder(device="b")
    await quiet.log(patient, [old.sensor_reading(start + timedelta(minutes=5 * n), 100) for n in range(36)])
    times = [start + timedelta(minutes=15 * n, seconds=40) for n in range(4, 13) if n != 7]
    await quiet.log(patient, [new.sensor_reading(time, 60) for time in times])
    await quiet.settle_all()
    figures = (await stored(quiet, patient))[date(2026, 11, 24)]
    assert figures.bands == (0, 8, 4 * 3 + 3, 0, 0)
    assert figures.covered_minutes == 13 * 15


@pytest.mark.parametrize(("interval", "drift_seconds"), [(1, 0), (5, 0), (5, 3), (15, 0)])
async def test_active_time_of_each_kind_of_sensor(quiet: Quiet, interval: int, drift_seconds: int) -> None:
    """Six hours, whatever the interval; and a sensor's own readings never push each other out."""
    patient, start = uuid4(), NOW - timedelta(hours=7)
    step = timedelta(minutes=interval, seconds=-drift_seconds)
    readings = [recorder().sensor_reading(start + n * step, 100) for n in range(360 // interval)]
    await quiet.log(patient, readings)
    await quiet.settle_all()
    figures = (await stored(quiet, patient))[date(2026, 11, 24)]
    assert (figures.bands[2], figures.covered_minutes) == (len(readings), 360)


async def settling(quiet: Quiet) -> asyncio.subprocess.Process:
    """A worker's process."""
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.glucose.settling", quiet.database.url)


async def _fewer(connection: asyncpg.Connection, count: str, most: int) -> bool:
    return int(await connection.fetchval(count)) <= most


def _daily(times: list[datetime], mg_per_dl: float) -> list[Entry]:
    return [recorder().sensor_reading(time, mg_per_dl) for time in times]


def _some(chance: random.Random) -> list[Entry]:
    """What a phone, a sensor or two, or a meter send at once, of around the end of summer time."""
    made = recorder(chance.choice(ZONES), chance.choice("abc"))
    start = FALL_BACK + timedelta(minutes=chance.randrange(-3000, 3000), seconds=chance.randrange(300))
    step = timedelta(minutes=chance.choice([1, 5, 5, 5, 15]))
    times = [start + n * step for n in range(chance.randrange(1, 40))]
    unit = chance.choice([MG, MMOL])
    values = [round(chance.uniform(2, 16), 1) if unit == MMOL else chance.randrange(40, 300) for _ in times]
    if chance.random() < 0.2:
        return [made.fingerstick_reading(times[0], values[0], unit), made.meal(times[0], 30)]
    bounds = chance.choices(GlucoseBound.values(), weights=[8, 1, 1], k=len(times))
    told = zip(times, values, bounds, strict=True)
    return [made.sensor_reading(time, value, unit, bound) for time, value, bound in told]


def _changed(chance: random.Random, entry: Entry) -> Entry:
    changed = Entry()
    changed.CopyFrom(entry)
    match chance.choice(["value", "time", "zone", "device", "kind"]):
        case "value" if changed.HasField("sensor_reading"):
            changed.sensor_reading.glucose.value, changed.sensor_reading.glucose.unit = chance.randrange(40, 300), MG
        case "time":
            shift = timedelta(minutes=chance.randrange(-3000, 3000), seconds=chance.randrange(60))
            changed.time.CopyFrom(to_timestamp(changed.time.ToDatetime(UTC) + shift))
        case "zone":
            changed.time_zone = chance.choice(ZONES)
        case "device":
            changed.device = chance.choice("abc")
        case "kind":
            changed.note.text = "a slip"
    return changed


def _taken(diary: dict[str, Entry], entry: Entry) -> bool:
    """Whether another one stands there."""
    key = entry.time.ToMicroseconds(), entry.device, entry.WhichOneof("content")
    return any(
        key == (other.time.ToMicroseconds(), other.device, other.WhichOneof("content"))
        for other in diary.values()
        if other.entry_id != entry.entry_id
    )
