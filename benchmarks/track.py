"""`track`: p99 from a courier's place to each of two watchers of his order, with 200 couriers who tell one a second ÷
that of a bare relay of the same bytes to two streams, through the same gateway at the same rate."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from benchmarks import people
from benchmarks.child import child
from benchmarks.harness import Bench, bench
from benchmarks.options import Options, say
from benchmarks.people import Person
from benchmarks.results import STRANGERS, Goal, Line, Repeat, percentile, ratio_of
from kit.schema import service_url

COURIERS, BUYERS, WATCHERS, CHANNELS, SECONDS = 200, 40, 2, 20, 20.0

_LICENCES = """
insert into licence (licence_id, account_id, role, number, hospital, hospital_grade, title, expiry_date, end_time,
                     state, submit_time, review_note)
select gen_random_uuid(), courier, 'courier', courier::text, '', '', '', '2099-12-31', '2100-01-01',
       'approved', now(), ''
from unnest($1::uuid[]) as courier
"""
_ORDERS = """
insert into medicine_order (order_id, patient_id, pharmacy_id, state, prescription_revision, needs_review, approved,
                            goods_minor, delivery_minor, currency, buyer_name, address, latitude, longitude,
                            distance_metres, cold_chain, courier_id, last_sequence, create_time, update_time)
select order_id, buyer, $4, 5, 0, false, false, 1000, 500, 'CNY', 'Bench', '', 31.2, 121.4, 3000, false, courier, 0,
       now(), now()
from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as made (order_id, buyer, courier)
"""
_JOBS = """
insert into delivery_job (order_id, patient_id, pharmacy_id, state, courier_id, latitude, longitude, distance_metres,
                          fee_minor, currency, cold_chain, failure, wrong_tries, offer_time, accept_time, pick_up_time)
select order_id, patient_id, pharmacy_id, 3, courier_id, 31.2, 121.4, 3000, 500, 'CNY', false, 0, 0, now(), now(), now()
from medicine_order where order_id = any($1)
"""

type Deliveries = list[tuple[str, str, list[str]]]
"""Order, the courier's token, the watchers' tokens."""


async def run(options: Options) -> list[Line]:
    """Measure it."""
    return [
        await _line(options, "track", 1, Goal("most", 1.5)),
        await _line(options, "track, two replicas", 2, None),
    ]


async def _line(options: Options, name: str, replicas: int, goal: Goal | None) -> Line:
    repeats: list[Repeat] = []
    notes: dict[str, Any] = {}
    async with bench(pharmacy_replicas=replicas) as running:
        couriers, buyers = await _couriers(running), await running.patients(BUYERS)
        orders = await _orders(running, couriers, buyers)
        for _ in range(options.repeats):
            couriers = list(await asyncio.gather(*(people.renew(running.channel, each) for each in couriers)))
            buyers = list(await asyncio.gather(*(people.renew(running.channel, each) for each in buyers)))
            deliveries = [
                (order, courier.token, [buyers[number % BUYERS].token] * WATCHERS)
                for number, (order, courier) in enumerate(zip(orders, couriers, strict=True))
            ]
            found = {
                "ours": await _measure(running, deliveries, options, is_bare=False),
                "bare": await _measure(running, deliveries, options, is_bare=True),
            }
            repeat = {STRANGERS: max(used[STRANGERS] for _, used in found.values())}
            for side, (times, _) in found.items():
                repeat |= {f"{side} p{percent} ms": percentile(times, percent) * 1000 for percent in (99, 50)}
            repeats.append(repeat)
            notes = {"microseconds of processor a place seen": {side: used["cpu"] for side, (_, used) in found.items()}}
            say(f"{name} {repeat}; {notes}")
    ratio = ratio_of(repeats, "ours p99 ms", "bare p99 ms")
    what = f"place to watcher, {COURIERS} couriers, {WATCHERS} watchers each, 1/s ÷ bare relay, same gateway, p99"
    return Line(name, what, ratio, "", goal, repeats, notes)


async def _couriers(running: Bench) -> list[Person]:
    """Whose next token says that they are."""
    found = await running.patients(COURIERS)
    connection = await asyncpg.connect(service_url(running.platform.database_url, "identity"))
    try:
        await connection.execute(_LICENCES, [UUID(person.id) for person in found])
    finally:
        await connection.close()
    return found


async def _orders(running: Bench, couriers: list[Person], buyers: list[Person]) -> list[str]:
    """One that each courier carries."""
    ids = [uuid4() for _ in couriers]
    owners = [UUID(buyers[number % BUYERS].id) for number in range(len(couriers))]
    connection = await asyncpg.connect(service_url(running.platform.database_url, "pharmacy"))
    try:
        await connection.execute(_ORDERS, ids, owners, [UUID(person.id) for person in couriers], uuid4())
        await connection.execute(_JOBS, ids)
    finally:
        await connection.close()
    return [str(one) for one in ids]


async def _measure(
    running: Bench, deliveries: Deliveries, options: Options, *, is_bare: bool
) -> tuple[list[float], dict[str, Any]]:
    """How long each place took to each watcher; every one arrived, once."""
    job = {
        "address": running.address,
        "bare": is_bare,
        "channels": CHANNELS,
        "deliveries": deliveries,
        "seconds": options.seconds(SECONDS),
    }
    async with child("benchmarks.couriers", job) as couriers:
        await couriers.read()
        meter = running.meter(couriers=couriers.pid)
        found = await couriers.read()
        reading = meter.read()
    times: list[float] = found["times"]
    assert len(times) == found["sent"] * WATCHERS, f"{found['sent']} were sent and {len(times)} arrived"
    return times, {STRANGERS: reading.strangers, "cpu": reading.per(len(times))}
