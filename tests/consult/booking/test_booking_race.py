"""Real races: a crowd through the gateway, before both replicas."""

import asyncio
from collections import Counter
from uuid import UUID

from kit.database import Database
from stack.platform import Platform
from tests.consult.booking.crowd import doors, gather_crowd, publish, rush, try_to_book
from tests.consult.doctors import listed_doctor
from tests.people import People


async def test_a_thousand_at_once_for_fifty_places(
    platform: Platform, people: People, consult_database: Database
) -> None:
    doctor = await listed_doctor(people, "endocrinology")
    slot, crowd = await publish(doctor.session.booking, capacity=50), await gather_crowd(platform, 1000)
    async with doors(platform) as stubs:
        assert await rush(stubs, crowd, slot) == {"BOOKED": 50, "SLOT_FULL": 950}
    async with consult_database.connection() as connection:
        stored = await connection.fetch("select patient_id from appointment where slot_id = $1", UUID(slot.slot_id))
    assert len(stored) == len({row["patient_id"] for row in stored}) == 50


async def test_two_for_the_last_place_and_one_in_two_places(
    platform: Platform, people: People, consult_database: Database
) -> None:
    """Again and again: of two people for one place one gets it, and of two overlapping bookings of one person's one."""
    found = [await listed_doctor(people, "endocrinology") for _ in range(2)]
    ours, theirs = (doctor.session.booking for doctor in found)
    crowd = await gather_crowd(platform, 30)
    async with doors(platform) as stubs:
        for number in range(10):
            minute = 9 * 60 + 30 * number
            slot, later = await publish(ours, 1, minute=minute), await publish(ours, 1, days_ahead=2, minute=minute)
            one, other, third = crowd[3 * number : 3 * number + 3]
            tried = await asyncio.gather(try_to_book(stubs[0], one, slot), try_to_book(stubs[1], other, slot))
            assert Counter(tried) == {"BOOKED": 1, "SLOT_FULL": 1}
            clash = await publish(theirs, 1, days_ahead=2, minute=minute)
            tried = await asyncio.gather(try_to_book(stubs[2], third, later), try_to_book(stubs[3], third, clash))
            assert Counter(tried) == {"BOOKED": 1, "TIME_CONFLICT": 1}
