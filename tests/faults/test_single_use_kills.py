"""A prescription used at the same instant in two pharmacies, and a replica killed in the middle: one order gets it."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from apricot.consult.v1.prescription_pb2 import Amount
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1.order_pb2 import Order, Quote, WantedItem

from clients.sdk import ApricotError
from kit.database import Database
from stack.platform import Platform
from tests.consult.doctors import listed_doctor
from tests.consult.prescriptions.writing import facts, written
from tests.e2e.market import Market, has_heard, named, place, tablets
from tests.e2e.prescribing import prescribed
from tests.faults.load import until
from tests.faults.wounds import held, wound
from tests.people import People

TRIES = 6


async def test_of_two_pharmacies_one_sells_it(wounded: Platform, market: Market, patient_folk: People) -> None:
    doctor, patient = await listed_doctor(patient_folk, "endocrinology"), await named(await patient_folk.patient())
    metformin = tablets("盐酸二甲双胍片", "metformin", "A10BA02", "500", on_prescription=True)
    metformin.pack.CopyFrom(Amount(value="14", unit="{tablet}"))
    told = await prescribed(doctor, patient, written(), facts(datetime.now(UTC).date().isoformat()))
    place_of_both = market.place.latitude, market.place.longitude
    markets = market, await Market.open(wounded, patient_folk, place_of_both)
    quotes = list[Quote]()
    for each in markets:
        wanted = WantedItem(product_id=await each.sell(metformin, 1990), quantity=1, prescription_item=1)
        await until(lambda: has_heard(each, patient, wanted, told.prescription_id))  # noqa: B023  at once
        quotes += [await each.quote(patient, wanted, prescription_id=told.prescription_id) for _ in range(TRIES // 2)]
    locked = "select from prescription where prescription_id = $1 for update", UUID(told.prescription_id)
    async with held(wounded, *locked) as waiting:
        tries = [asyncio.create_task(place(patient, quote)) for quote in quotes]

        async def some_wait() -> bool:
            return await waiting() > 0

        await until(some_wait)
        await wound(wounded, ["pharmacy-1"])
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    (order,) = [one for one in outcomes if isinstance(one, Order)]
    refusals = [one.reason for one in outcomes if isinstance(one, ApricotError)]
    assert refusals == [Reason.REASON_PRESCRIPTION_USED] * (TRIES - 1)
    database = Database(wounded.database_url, "pharmacy", wounded.sealing_keys("pharmacy"))
    async with database.connection() as connection:
        of_patient = UUID(patient.account_id)
        orders = await connection.fetch("select order_id from medicine_order where patient_id = $1", of_patient)
        claims = await connection.fetch(
            "select order_id, state from prescription_claim where patient_id = $1", of_patient
        )
        holds = await connection.fetch("select order_id, state from stock_hold where patient_id = $1", of_patient)
    await database.close()
    assert [row["order_id"] for row in orders] == [UUID(order.order_id)]
    assert [tuple(row) for row in claims] == [(UUID(order.order_id), 1)]
    assert [tuple(row) for row in holds] == [(UUID(order.order_id), 1)]
