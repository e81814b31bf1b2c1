"""Whatever is written, frozen and thawed in whichever order: the diary is what a plain dict says."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from apricot.glucose.v1.diary_pb2 import (
    ENTRY_ORDER_NEWEST_FIRST,
    ENTRY_ORDER_OLDEST_FIRST,
    ENTRY_OUTCOME_CONFLICT,
    ENTRY_OUTCOME_CREATED,
    ENTRY_OUTCOME_DUPLICATE,
    EntryOutcome,
)
from apricot.glucose.v1.entry_pb2 import (
    ENTRY_KIND_FINGERSTICK_READING,
    ENTRY_KIND_MEAL,
    ENTRY_KIND_SENSOR_READING,
    Entry,
)
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from kit.database import Database
from kit.times import to_datetime, to_timestamp
from services.glucose.store.days import settle
from services.glucose.store.entries import EntryExistsError
from tests.glucose.archive.shelf import MONTHS, NOW, Shelf
from tests.glucose.day_model import days_of

KINDS = "sensor_reading", "fingerstick_reading", "meal"
KIND = {
    "sensor_reading": ENTRY_KIND_SENSOR_READING,
    "fingerstick_reading": ENTRY_KIND_FINGERSTICK_READING,
    "meal": ENTRY_KIND_MEAL,
}
EDGES = [datetime(2022, month, 1, tzinfo=UTC) for month in (1, 2, 3, 4)] + [NOW - timedelta(hours=3)]
TIMES = st.builds(
    lambda edge, minutes: edge + timedelta(minutes=5 * minutes), st.sampled_from(EDGES), st.integers(-6, 6)
)
"""Around the edges of the months that are frozen, and now: instants that come again and again."""
MODEL = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


@dataclass
class Kept:
    """An entry as the model has it."""

    entry: Entry
    first: bytes
    """What was first uploaded, without its id."""
    deleted: bool = False


class Model(RuleBasedStateMachine):
    """One patient's diary, and the dict."""

    loop: asyncio.AbstractEventLoop
    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.shelf = Shelf(self.database)
        self.kept: dict[str, Kept] = {}

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    @rule(
        some=st.lists(
            st.tuples(TIMES, st.sampled_from(KINDS), st.sampled_from("ab"), st.integers(40, 42)), min_size=1, max_size=8
        )
    )
    def log(self, some: list[tuple[datetime, str, str, int]]) -> None:
        for each in some:
            self._upload(_entry(str(uuid4()), *each))

    @precondition(lambda self: self.kept)
    @rule(which=st.integers(0), value=st.integers(40, 42), as_new=st.booleans())
    def upload_again(self, which: int, value: int, as_new: bool) -> None:
        """As it is or with another value, under its id or another."""
        entry = _copy(self._one(which).entry)
        for field in "revision", "record_time", "author_id":
            entry.ClearField(field)
        if as_new:
            entry.entry_id = str(uuid4())
        _set_value(entry, value)
        self._upload(entry)

    @precondition(lambda self: self._live())
    @rule(which=st.integers(0), time=TIMES, value=st.integers(40, 42), moves=st.booleans())
    def amend(self, which: int, time: datetime, value: int, moves: bool) -> None:
        kept = self._live()[which % len(self._live())]
        entry = _copy(kept.entry)
        _set_value(entry, value)
        if moves:
            entry.time.CopyFrom(to_timestamp(time))
        taken = [other for other in self._live() if other is not kept and _place(other.entry) == _place(entry)]
        if taken:
            with pytest.raises(EntryExistsError):
                self.run(self.shelf.amend(entry, kept.entry.revision))
            return
        kept.entry = self.run(self.shelf.amend(entry, kept.entry.revision))
        assert kept.entry.time == entry.time

    @precondition(lambda self: self._live())
    @rule(which=st.integers(0))
    def delete(self, which: int) -> None:
        kept = self._live()[which % len(self._live())]
        self.run(self.shelf.delete(kept.entry.entry_id, kept.entry.revision))
        kept.deleted = True
        kept.entry.revision += 1

    @rule(month=st.sampled_from([date(2021, 12, 1), *MONTHS]))
    def freeze(self, month: date) -> None:
        told = self.run(self._told())
        self.run(self.shelf.freeze(month))
        assert self.run(self._told()) == told
        in_month = [
            kept
            for kept in self._live()
            if kept.entry.revision == 1 and to_datetime(kept.entry.time).date().replace(day=1) == month
        ]
        frozen = self.run(
            self.shelf.fetch(
                "select coalesce(sum(cardinality(entry_ids)), 0) from entry_archive where patient_id = $1"
                " and month = $2",
                self.shelf.patient,
                month,
            )
        )
        assert frozen[0][0] == len(in_month)

    @rule(month=st.sampled_from(MONTHS))
    def thaw(self, month: date) -> None:
        told = self.run(self._told())
        self.run(self.shelf.thaw(month))
        assert self.run(self._told()) == told

    @rule(
        newest=st.booleans(),
        size=st.integers(1, 9),
        kinds=st.sets(st.sampled_from(KINDS)),
        start=st.none() | TIMES,
        end=st.none() | TIMES,
    )
    def list_some(self, newest: bool, size: int, kinds: set[str], start: datetime | None, end: datetime | None) -> None:
        asked: dict[str, Any] = {"kinds": [KIND[kind] for kind in kinds], "page_size": size}
        asked["order"] = ENTRY_ORDER_NEWEST_FIRST if newest else ENTRY_ORDER_OLDEST_FIRST
        if start is not None:
            asked["start_time"] = to_timestamp(start)
        if end is not None:
            asked["end_time"] = to_timestamp(end)
        expected = [
            entry
            for entry in self._in_order(newest=newest)
            if (not kinds or entry.WhichOneof("content") in kinds)
            and (start is None or to_datetime(entry.time) >= start)
            and (end is None or to_datetime(entry.time) < end)
        ]
        assert self.run(self.shelf.listed(**asked)) == expected

    @precondition(lambda self: self.kept)
    @rule(which=st.integers(0))
    def find(self, which: int) -> None:
        kept = self._one(which)
        newest = self.run(self.shelf.revisions(kept.entry.entry_id))[-1]
        assert (newest.entry, newest.deleted) == (kept.entry, kept.deleted)

    @rule()
    def settle(self) -> None:
        self.run(self._settle())
        rows = self.run(
            self.shelf.fetch(
                "select local_date, readings_count, covered_minutes from glucose_day"
                " where patient_id = $1 and readings_count > 0",
                self.shelf.patient,
            )
        )
        figures = days_of(kept.entry for kept in self._live())
        assert {row[0]: tuple(row)[1:] for row in rows} == {
            day: (sum(found.bands), found.covered_minutes) for day, found in figures.items()
        }

    @invariant()
    def everything_is_there_once(self) -> None:
        assert self.run(self.shelf.listed(page_size=1000)) == self._in_order(newest=True)

    def _upload(self, entry: Entry) -> None:
        sent = _copy(entry)
        outcome, existing = self._expected(entry)
        [result] = self.run(self.shelf.log(sent))
        assert (result.outcome, result.existing_entry_id) == (outcome, existing)
        if outcome == ENTRY_OUTCOME_CREATED:
            first = _content(entry)
            entry.revision, entry.author_id = 1, str(self.shelf.patient)
            entry.record_time.CopyFrom(to_timestamp(self.shelf.now))
            self.kept[entry.entry_id] = Kept(entry, first)

    def _expected(self, entry: Entry) -> tuple[EntryOutcome.ValueType, str]:
        there = self.kept.get(entry.entry_id) or next(
            (kept for kept in self._live() if _place(kept.entry) == _place(entry)), None
        )
        if there is None:
            return ENTRY_OUTCOME_CREATED, ""
        same = there.first == _content(entry)
        return ENTRY_OUTCOME_DUPLICATE if same else ENTRY_OUTCOME_CONFLICT, there.entry.entry_id

    def _live(self) -> list[Kept]:
        return [kept for kept in self.kept.values() if not kept.deleted]

    def _one(self, which: int) -> Kept:
        return list(self.kept.values())[which % len(self.kept)]

    def _in_order(self, *, newest: bool) -> list[Entry]:
        entries = [kept.entry for kept in self._live()]
        return sorted(entries, key=lambda one: (to_datetime(one.time), UUID(one.entry_id)), reverse=newest)

    async def _told(self) -> list[object]:
        """What moving must not touch: events and marks."""
        marks = await self.shelf.fetch(
            "select local_date, mark_id from glucose_day_mark where patient_id = $1 order by 2", self.shelf.patient
        )
        return [(await self.shelf.fetch("select count(*) from outbox"))[0][0], *map(tuple, marks)]

    async def _settle(self) -> None:
        async with self.database.connection() as connection:
            while await settle(connection, 500):
                pass


def _entry(entry_id: str, time: datetime, kind: str, device: str, value: int) -> Entry:
    entry = Entry(entry_id=entry_id, time=to_timestamp(time), time_zone="Asia/Shanghai", device=device)
    if kind == "meal":
        entry.meal.SetInParent()
    else:
        getattr(entry, kind).glucose.unit = 1
    _set_value(entry, value)
    return entry


def _set_value(entry: Entry, value: int) -> None:
    if entry.HasField("meal"):
        entry.meal.carbohydrate_g = value
    else:
        getattr(entry, entry.WhichOneof("content") or "").glucose.value = value


def _place(entry: Entry) -> tuple[object, ...]:
    return entry.time.ToMicroseconds(), entry.WhichOneof("content"), entry.device


def _content(entry: Entry) -> bytes:
    content = _copy(entry)
    content.entry_id = ""
    return content.SerializeToString(deterministic=True)


def _copy(entry: Entry) -> Entry:
    copy = Entry()
    copy.CopyFrom(entry)
    return copy


async def test_the_diary_is_what_was_written_wherever_it_lies(database: Database) -> None:
    Model.database, Model.loop = database, asyncio.get_running_loop()
    await asyncio.to_thread(run_state_machine_as_test, Model, settings=MODEL)
