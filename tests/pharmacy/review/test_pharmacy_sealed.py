"""A copy of the pharmacy's database tells neither who buys and where it goes, nor what was prescribed and said."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from apricot.pharmacy.v1 import order_pb2 as pb
from apricot.pharmacy.v1.place_pb2 import Address
from sqlmodel import SQLModel, col, select

from kit.database import Database
from kit.exports import record_of
from kit.resealing import FIGURE, SETTLED, Resealing, sealed_columns
from kit.sealing import NO_KEYS, SealingKeys
from services.pharmacy.domain.orders import State
from services.pharmacy.rpc.exports import kinds_of
from services.pharmacy.rpc.prescription_check import require_valid
from services.pharmacy.store import tables
from services.pharmacy.store.tables import OrderRow, QuoteRow, ReviewRow
from tests.consult.prescriptions.ward import Ward
from tests.consult.prescriptions.writing import item
from tests.in_process import KEYS, HandClock
from tests.pharmacy.orders.shop import DOOR, Shop, new_id
from tests.pharmacy.review.dispensary import Dispensary, running_dispensary
from tests.sealed import whereabouts

BUYER, RECIPIENT, PHONE, DOOR_LINES = "司马相如", "卓文君", "+8613911112222", "临邛路 7 号 3 单元 502"
WORDS, NOTE = "骑手很有礼貌", "药盒被雨水浸湿"
PATIENT, INSTRUCTIONS, DOCTOR = "欧阳修", "睡前温水送服", "Dr. 韩梅梅"
QUESTION, ANSWER, REASON = "肾功能如何?", "eGFR 90", "剂量过大"
EXPORTED = [RECIPIENT, PHONE, DOOR_LINES, WORDS, NOTE, QUESTION, ANSWER, REASON]
SECRET = [*EXPORTED, str(DOOR.latitude), BUYER, PATIENT, INSTRUCTIONS, DOCTOR]
ON_THEIR_WAY = {"outbox.payload"}
"""Events are open until they are published, for milliseconds; no relay runs in these tests."""
SEALED = {
    f"{row.__tablename__}.{name}"
    for row in map(vars(tables).__getitem__, tables.__all__)
    for name in sealed_columns(row.__table__)
}
OLD_SEAL = "apr.sealtests", KEYS.text_prefix
"""By which one sees that the tests' own key has sealed bytes, or a text."""
ROTATED, AFTER = SealingKeys({"new": bytes(32), "tests": b"t" * 32}), SealingKeys({"new": bytes(32)})


@pytest.fixture
async def dispensary(ward_and_dispensary: tuple[Ward, Dispensary]) -> AsyncIterator[Dispensary]:
    """On a database of its own, whose keys can change."""
    ward, shared = ward_and_dispensary
    async with running_dispensary(shared.engines, await ward.fresh()) as made:
        yield await made.fresh(made.ward)


@pytest.fixture
async def bought(dispensary: Dispensary) -> tuple[Shop, pb.Order]:
    """The patient has bought, rated and complained; other medicine was prescribed, asked about and rejected."""
    shop = Shop(dispensary.database)
    shop.buyer, shop.buyer_name = dispensary.patient_id, BUYER
    await shop.open()
    address = Address(recipient=RECIPIENT, phone=PHONE, lines=DOOR_LINES, position=DOOR)
    await shop.quote(address=address)
    order = await shop.put(await shop.place(await shop.quote(address=address)), State.DELIVERED)
    rating: dict[str, Any] = {"pharmacy_stars": 4, "courier_stars": 5, "words": WORDS}
    rate = pb.RateOrderRequest(request_id=new_id(), order_id=order.order_id, **rating)
    await shop.orders.RateOrder(rate, shop.call("RateOrder"))
    complaint: dict[str, Any] = {"reason": pb.RETURN_REASON_DAMAGED, "note": NOTE}
    give_back = pb.AskReturnRequest(request_id=new_id(), order_id=order.order_id, **complaint)
    order = (await shop.orders.AskReturn(give_back, shop.call("AskReturn"))).order

    told = await dispensary.prescribe(item(instructions=INSTRUCTIONS), patient_name=PATIENT)
    reviewed = await dispensary.order(told)
    await dispensary.claim(reviewed)
    await dispensary.ask(reviewed)
    await dispensary.answer((await dispensary.questions())[0].question_id)
    await dispensary.claim(reviewed)
    await dispensary.check(reviewed)
    await dispensary.reject(reviewed)
    return shop, order


@asynccontextmanager
async def opened(database: Database, keys: SealingKeys) -> AsyncIterator[Database]:
    """The same database, as a process with these keys has it."""
    made = Database(database.url, "pharmacy", keys)
    yield made
    await made.close()


def reopened(shop: Shop, database: Database) -> Shop:
    """The shop in another process."""
    made = Shop(database)
    made.pharmacy, made.product, made.buyer, made.pharmacist = shop.pharmacy, shop.product, shop.buyer, shop.pharmacist
    return made


async def rows(database: Database, table: type[SQLModel], **found_by: Any) -> Any:
    async with database.transaction() as session:
        query = select(table).where(*(col(getattr(table, name)) == value for name, value in found_by.items()))
        return (await session.exec(query)).all()


async def test_a_copy_tells_none_of_it_and_the_calls_all(dispensary: Dispensary, bought: tuple[Shop, pb.Order]) -> None:
    shop, order = bought
    await dispensary.prescribe()
    assert await whereabouts(dispensary.database, SECRET) == ON_THEIR_WAY
    assert await whereabouts(dispensary.database, OLD_SEAL) == SEALED
    await reads(dispensary, shop, order, dispensary.database)


async def reads(dispensary: Dispensary, shop: Shop, order: pb.Order, database: Database) -> None:
    """All of it is there for whoever has the keys."""
    assert await reopened(shop, database).get(order) == order
    export = record_of(database, kinds_of(dispensary.clock), shop.buyer, dispensary.clock())
    told = b"".join([part async for part in export]).decode()
    assert [words for words in EXPORTED if words not in told] == []
    assert {row.buyer_name for row in await rows(database, OrderRow, order_id=UUID(order.order_id))} == {BUYER}
    (review,) = await rows(database, ReviewRow, patient_id=shop.buyer)
    assert INSTRUCTIONS.encode() in review.checked


async def test_the_key_changes_and_everything_goes_on(dispensary: Dispensary, bought: tuple[Shop, pb.Order]) -> None:
    shop, order = bought
    told, clock = await dispensary.prescribe(), HandClock()
    (quote,) = [each for each in await rows(dispensary.database, QuoteRow) if str(each.quote_id) != order.order_id]
    async with opened(dispensary.database, ROTATED) as database:
        for _ in range(2):
            await Resealing(database, clock, tables).walk_all()
            clock.now += SETTLED
    async with opened(dispensary.database, AFTER) as database:
        assert (await dispensary.fetch(FIGURE.query))[0][0] == 0
        assert await whereabouts(database, OLD_SEAL) == set()
        await reads(dispensary, shop, order, database)
        placed = await reopened(shop, database).place(pb.Quote(quote_id=str(quote.quote_id)))
        assert placed.address.lines == DOOR_LINES
        async with database.transaction() as session:
            named = UUID(told.prescription_id), told.revision
            await require_valid(session, dispensary.keys, shop.buyer, *named, dispensary.clock.now)


@pytest.mark.parametrize("resealing", ["on", "off"])
async def test_what_is_frozen_changes_its_seal_alone(
    dispensary: Dispensary, bought: tuple[Shop, pb.Order], resealing: str
) -> None:
    and_more = resealing == "on"
    changes = {
        "order_step": ("note = 'x'", "act = 9"),
        "prescription": ("signed_content = 'x'", "signature = 'x'"),
        "review": ("checked = 'x', decision = 'x'", "pharmacist_id = gen_random_uuid()"),
    }
    async with dispensary.database.connection() as connection:
        await connection.execute("select set_config('apricot.resealing', $1, false)", resealing)
        for table, (seal, other) in changes.items():
            with pytest.raises(asyncpg.RaiseError, match="as it was"):
                await connection.execute(f"update {table} set {seal}{f', {other}' if and_more else ''}")  # noqa: S608  one of these words
        await connection.execute("select set_config('apricot.resealing', '', false)")


async def test_beside_a_release_that_cannot_open_nothing_is_sealed(
    dispensary: Dispensary, bought: tuple[Shop, pb.Order]
) -> None:
    shop, order = bought
    async with (
        opened(dispensary.database, SealingKeys({"tests": b"t" * 32}, seals=False)) as first,
        opened(dispensary.database, NO_KEYS) as older,
    ):
        beside = reopened(shop, first)
        assert await beside.get(order) == order
        placed, same = await beside.place(request_id=(request := str(uuid4()))), reopened(shop, older)
        assert await same.get(placed) == placed
        assert await same.place(pb.Quote(quote_id=placed.order_id), request_id=request) == placed
        assert (await same.place(await beside.quote())).address == placed.address
