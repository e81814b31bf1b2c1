"""Freezes the months of patients' diaries that have been over for long: the table that everybody writes into does not
grow for ever."""

import asyncio
import time
from datetime import date
from uuid import UUID, uuid4

from prometheus_client import Counter, Gauge

from kit.clock import Clock
from kit.database import Database
from kit.rounds import every
from services.glucose.domain.months import months_before
from services.glucose.store.archive import FIRST, Place, find_due, freeze

MONTHS = Counter("apricot_diary_frozen_months", "Patients' months that were frozen.")
ENTRIES = Counter("apricot_diary_frozen_entries", "Entries of those months.")
ROUND = Gauge("apricot_diary_freezing_timestamp_seconds", "When all diaries were last gone through for old months.")

_LOOK = 1000
_EVERY_SECONDS = 3600.0
_REST_SHARE = 3
"""Rest so many times as long as the work took: calls come first."""


async def freeze_old_months(database: Database, clock: Clock, hot_months: int) -> None:
    """Freeze, round after round, what ended more than so many months ago; until cancelled. Any number may run side by
    side: each begins with a patient of its own, and a month that somebody holds is left for the next round."""

    async def go_round() -> None:
        await freeze_round(database, months_before(clock().date(), hot_months), uuid4())
        ROUND.set_to_current_time()

    await every(_EVERY_SECONDS, go_round, "the freezing of old months")


async def freeze_round(database: Database, before: date, begin: UUID) -> int:
    """Freeze all patients' months before one, from a patient to the last, and from the first to that patient. Each is a
    transaction of its own. How many entries it were."""
    return await _walk(database, before, begin, None) + await _walk(database, before, FIRST, begin)


async def _walk(database: Database, before: date, begin: UUID, end: UUID | None) -> int:
    frozen, place = 0, Place(begin)
    while True:
        began = time.monotonic()
        found = await find_due(database, place, before, _LOOK)
        await _rest(began)
        for place, month in found:
            if end is not None and place.patient_id > end:
                return frozen
            if month is not None:
                began = time.monotonic()
                moved = await freeze(database, place.patient_id, month)
                frozen += moved
                MONTHS.inc(moved > 0)
                ENTRIES.inc(moved)
                await _rest(began)
        if len(found) < _LOOK:
            return frozen


async def _rest(began: float) -> None:
    await asyncio.sleep(_REST_SHARE * (time.monotonic() - began))
