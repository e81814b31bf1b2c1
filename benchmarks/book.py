"""`book`: places of one popular doctor's slots booked/s through the gateway, by 64 patients at once on the same slot ÷
bare PostgreSQL decrements/s of one row, each committed, by as many connections as book.

Everybody books the first slot, then the next one, and so on; each slot is for as many as there are. Behind each repeat
it is seen that nobody has two places, and no place two holders.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import asyncpg

from benchmarks.harness import Bench, bench
from benchmarks.load import Job
from benchmarks.options import Options, say
from benchmarks.requests import BOOK
from benchmarks.results import STRANGERS, Line, Repeat, ratio_of
from kit.schema import service_url

PATIENTS, SLOTS, REPLICAS, CONNECTIONS = 64, 1500, 2, 16
DOCTOR = """
insert into doctor (doctor_id, display_name, title, licence_end_time, department_code, listed)
values ($1, 'Dr. Bench', '', now() + interval '1 year', 'endocrinology', true)
"""
# The ids as `requests.book_slot` makes them.
PUBLISH = """
insert into slot (slot_id, doctor_id, start_time, end_time, time_zone, day, capacity, mode, room, fee_minor, currency,
                  create_time)
select lpad(to_hex(number), 32, '0')::uuid, $1, now() + number * interval '10 minutes' + interval '1 day',
       now() + (number + 1) * interval '10 minutes' + interval '1 day', 'Asia/Shanghai', current_date, $3, 0, '', 0, '',
       now()
from generate_series(1, $2::int) as number
"""
SEATS = "insert into seat (slot_id, number) select slot_id, number from slot, generate_series(1, $1::int) as number"
DOUBLE = """
select (select count(*) from (select from appointment group by slot_id, seat_number having count(*) > 1) as places)
     + (select count(*) from (select from appointment group by slot_id, patient_id having count(*) > 1) as patients)
     + (select count(*) from seat full join appointment on holder_id = appointment_id
        where (holder_id is null) <> (appointment_id is null))
"""


async def run(options: Options) -> list[Line]:
    """Measure it."""
    repeats: list[Repeat] = []
    for _ in range(options.repeats):
        # A platform of its own: nothing may delete an appointment, and each begins with every place free.
        async with bench(consult_replicas=REPLICAS) as running, _consult(running) as database:
            people = [(one.id, one.token) for one in await running.patients(PATIENTS)]
            await _publish(database)
            ours = await running.load(Job(running.address, BOOK, "book", people, options.seconds(5), callers=PATIENTS))
            stored = await database.fetchval("select count(*) from appointment")
            assert stored == ours["acknowledged"], f"{ours['acknowledged']} answered, {stored} stored"
            assert await database.fetchval(DOUBLE) == 0, "something was booked twice"
            await _settle(database)
            limit, strangers = await _decrements(running, database, options.seconds(5))
            repeat = {"booked /s": ours["per_second"], "decrements /s": limit}
            repeat |= {"p50 ms": ours["p50_ms"], "p99 ms": ours["p99_ms"]}
            repeats.append(repeat | {STRANGERS: max(ours[STRANGERS], strangers)})
            notes = {"microseconds of processor a booking": ours["cpu"]}
            say(f"book {repeats[-1]}; {notes}")
    what = f"bookings/s, {PATIENTS} patients on the same slots ÷ committed decrements/s of one row"
    return [Line("book", what, ratio_of(repeats, "booked /s", "decrements /s"), "", None, repeats, notes)]


@asynccontextmanager
async def _consult(running: Bench) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(service_url(running.platform.database_url, "consult"))
    try:
        yield connection
    finally:
        await connection.close()


async def _publish(database: asyncpg.Connection) -> None:
    """One doctor's slots, each for everybody."""
    doctor = uuid4()
    await database.execute(DOCTOR, doctor)
    await database.execute(PUBLISH, doctor, SLOTS, PATIENTS)
    await database.execute(SEATS, PATIENTS)
    await database.execute("create table decrement (places bigint not null)")
    await database.execute("insert into decrement values (1000000000)")
    await database.execute("vacuum analyze slot, seat")


async def _settle(database: asyncpg.Connection) -> None:
    """Wait until the outbox is empty."""
    while await database.fetchval("select exists (select from outbox)"):
        await asyncio.sleep(0.02)


async def _decrements(running: Bench, database: asyncpg.Connection, seconds: float) -> tuple[float, float]:
    """A second; and the cores that strangers kept busy."""
    before = await database.fetchval("select places from decrement")
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(_consult(running)) for _ in range(CONNECTIONS)]
        meter, began = running.meter(), time.perf_counter()

        async def decrement(connection: asyncpg.Connection) -> None:
            while time.perf_counter() - began < seconds:
                await connection.execute("update decrement set places = places - 1 where places > 0")

        await asyncio.gather(*map(decrement, connections))
        took, strangers = time.perf_counter() - began, meter.read().strangers
    return (before - await database.fetchval("select places from decrement")) / took, strangers
