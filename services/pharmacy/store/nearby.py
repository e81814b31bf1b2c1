"""The pharmacies near a place: those whose delivery area holds it, whose licence is valid and who take orders."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from services.pharmacy.domain import delivery_terms, hours
from services.pharmacy.domain.geography import Position, distance_metres
from services.pharmacy.domain.orders import State
from services.pharmacy.store.catalogue import HOLDS
from services.pharmacy.store.opening import intervals

_FIND = f"""
select pharmacy_id, name, name_en, latitude, longitude, hours, time_zone, licence_expiry_date, preparing_minutes,
  delivery_base_minor, delivery_per_km_minor, currency, rating_sum, rating_count
from pharmacy
where {HOLDS.format(place="point($1, $2)")} and open_for_orders and (cast($3 as uuid) is null or pharmacy_id = $3)
"""  # noqa: S608  fixed words
_CLOSED = 1_000_000
"""More minutes than any delivery takes: what is closed comes behind what is open."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """A pharmacy near a place, at an instant."""

    pharmacy_id: UUID
    distance_metres: int
    orders_before: int
    """That it has still to review or to pack."""
    today: date
    """By its clocks."""
    now: datetime
    row: asyncpg.Record

    @property
    def rating(self) -> float:
        """0: nobody has rated."""
        return self.row["rating_sum"] / self.row["rating_count"] if self.row["rating_count"] else 0.0

    @property
    def open_now(self) -> bool:
        """Whether it is open."""
        return hours.is_open(intervals(self.row["hours"]), zone(self.row["time_zone"]), self.now)

    @property
    def fee_minor(self) -> int:
        """Of a delivery."""
        base_minor, per_km_minor = self.row["delivery_base_minor"], self.row["delivery_per_km_minor"]
        return delivery_terms.fee_minor(base_minor, per_km_minor, self.distance_metres)

    @property
    def minutes(self) -> int:
        """Until it is delivered, while the pharmacy is open."""
        preparing_minutes = self.row["preparing_minutes"]
        return delivery_terms.estimated_minutes(preparing_minutes, self.distance_metres, self.orders_before)


class Ranking(Enum):
    """By what pharmacies are put in order; among equals the nearest first."""

    DISTANCE = 0
    TIME = 1
    RATING = 2
    FEE = 3


type Rank = tuple[int, int, str]
"""Where a pharmacy stands: by what was asked for, its distance, its id."""

_MEASURES: Mapping[Ranking, Callable[[Nearby], int]] = {
    Ranking.DISTANCE: lambda near: near.distance_metres,
    Ranking.TIME: lambda near: near.minutes + (0 if near.open_now else _CLOSED),
    Ranking.RATING: lambda near: -round(near.rating * 1000),
    Ranking.FEE: lambda near: near.fee_minor,
}


def rank(near: Nearby, ranking: Ranking) -> Rank:
    """By which it comes before others."""
    return _MEASURES[ranking](near), near.distance_metres, str(near.pharmacy_id)


async def find_nearby(
    connection: asyncpg.Connection, place: Position, now: datetime, only: UUID | None = None
) -> list[Nearby]:
    """All of them, or only this one; the nearest first."""
    rows = await connection.fetch(_FIND, place.longitude, place.latitude, only)
    today = {name: now.astimezone(zone(name)).date() for name in {row["time_zone"] for row in rows}}
    valid = [row for row in rows if row["licence_expiry_date"] >= today[row["time_zone"]]]
    waiting = await _orders_before(connection, [row["pharmacy_id"] for row in valid])
    found = [
        Nearby(
            pharmacy_id=row["pharmacy_id"],
            distance_metres=round(distance_metres(place, Position(row["latitude"], row["longitude"]))),
            orders_before=waiting[row["pharmacy_id"]],
            today=today[row["time_zone"]],
            now=now,
            row=row,
        )
        for row in valid
    ]
    return sorted(found, key=lambda near: rank(near, Ranking.DISTANCE))


async def _orders_before(connection: asyncpg.Connection, pharmacies: Collection[UUID]) -> Counter[UUID]:
    """How many orders each has still to review or to pack."""
    rows = await connection.fetch(
        "select pharmacy_id, count(patient_id) as orders from medicine_order "
        "where pharmacy_id = any($1) and state = any($2) group by pharmacy_id",
        pharmacies,
        [State.IN_REVIEW, State.PREPARING],
    )
    return Counter({row["pharmacy_id"]: row["orders"] for row in rows})


zone = cache(ZoneInfo)
