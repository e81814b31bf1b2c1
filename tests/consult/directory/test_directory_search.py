"""The search finds whom Python finds, in that order, page by page; facets count what each choice would find."""

import random
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from apricot.consult.v1.directory_pb2 import DoctorOrder, SearchDoctorsRequest
from apricot.errors.v1.reason_pb2 import Reason

from kit import paging
from kit.database import Database
from kit.errors import ApricotError
from services.consult.rpc.finding import find_doctors
from services.consult.store import doctors
from tests.consult.directory.model import NOW, Model, rated

REQUESTS = 150


@pytest.fixture(scope="module")
async def model(own_directory: Database) -> Model:
    made = Model(random.Random(20300517), 250)
    await made.store(own_directory)
    return made


async def pages(database: Database, request: SearchDoctorsRequest) -> AsyncIterator[list[UUID]]:
    """Each page in turn; the request becomes that of the next."""
    while True:
        answer = await find_doctors(database, request, NOW)
        yield [UUID(doctor.doctor_id) for doctor in answer.doctors]
        if not answer.next_page_token:
            return
        request.page_token = answer.next_page_token


async def everybody(database: Database, request: SearchDoctorsRequest) -> list[UUID]:
    return [doctor async for page in pages(database, request) for doctor in page]


async def test_filters_and_orders_find_what_python_finds(own_directory: Database, model: Model) -> None:
    several = 0
    for _ in range(REQUESTS):
        request = model.request()
        wanted = model.expected(request)
        assert await everybody(own_directory, request) == wanted, request
        several += len(wanted) > 1
    assert several > REQUESTS // 4  # or it would say little


async def test_facets_count_what_each_choice_would_find(own_directory: Database, model: Model) -> None:
    for _ in range(REQUESTS):
        request = model.request()
        request.with_facets = True
        found, wanted = (await find_doctors(own_directory, request, NOW)).facets, model.facets(request)
        for name in ("departments", "hospital_grades", "cities"):
            assert list(getattr(found, name)) == list(getattr(wanted, name)), (name, request)
        assert {one.mode: one.count for one in found.modes} == {one.mode: one.count for one in wanted.modes}, request


@pytest.mark.parametrize("order", [0, 1, 3, 4])
async def test_pages_are_stable_while_doctors_move(own_directory: Database, order: DoctorOrder.ValueType) -> None:
    """Nobody comes twice who did not move, nobody who did not is left out, and their order holds."""
    chance = random.Random(order)
    model = Model(chance, 120)
    await model.store(own_directory)
    request = SearchDoctorsRequest(order=order, page_size=7)
    before, moved, seen = model.expected(request), set[UUID](), list[UUID]()
    async for page in pages(own_directory, request):
        seen += page
        async with own_directory.transaction() as session:
            for doctor in chance.sample(before, 3):
                moved.add(doctor)
                await doctors.set_rating(session, doctor, rated(chance), 1)
                await doctors.set_answer_minutes(session, doctor, chance.choice((None, 2.0, 50.0)))
                await doctors.set_next_slot(session, doctor, chance.choice((None, NOW)))
    assert [doctor for doctor in seen if doctor not in moved] == [one for one in before if one not in moved]
    assert len(before) - len(moved) > 10


JUNK = [[-1, "", str(UUID(int=1))], [3, "", str(UUID(int=1))], [0, "nan", str(UUID(int=1))], [0, "x", "y"]]


@pytest.mark.parametrize("order", [0, 2, 3, 4])
@pytest.mark.parametrize("key", [*JUNK, [0, "1e300", str(UUID(int=1))], [0, "9" * 30, str(UUID(int=1))]])
async def test_a_key_that_no_page_ends_with(
    own_directory: Database, order: DoctorOrder.ValueType, key: list[str | int]
) -> None:
    request = SearchDoctorsRequest(order=order)
    request.page_token = paging.encode(key, request)
    with pytest.raises(ApricotError) as refused:
        await find_doctors(own_directory, request, NOW)
    assert refused.value.reason == Reason.REASON_INVALID_PAGE_TOKEN
