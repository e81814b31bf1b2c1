"""Exports: everything of one patient, as a file."""

import csv
import io
import json
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from apricot.glucose.v1 import diary_pb2
from apricot.glucose.v1.entry_pb2 import (
    EXERCISE_KIND_WALKING,
    GLUCOSE_BOUND_HIGH,
    GLUCOSE_UNIT_MMOL_PER_L,
    INSULIN_KIND_RAPID,
    Entry,
)
from apricot.glucose.v1.export_pb2 import (
    EXPORT_FORMAT_CSV,
    EXPORT_FORMAT_JSON_LINES,
    ExportDiaryRequest,
    ExportFormat,
)
from apricot.glucose.v1.timeline_pb2 import TimelineItem
from google.protobuf.json_format import ParseDict
from hypothesis import given
from hypothesis import strategies as st

from kit.clock import utc_now
from kit.database import Database
from kit.times import to_timestamp
from services.glucose import events
from services.glucose.rpc.diary import Diary
from services.glucose.rpc.export_csv import HEADER, csv_lines, csv_row, harmless
from services.glucose.rpc.exports import KINDS, Exports
from services.glucose.store import exports as store
from services.glucose.store.journal import Journal
from services.glucose.store.tables import PhotoRow
from stack.platform import Platform
from tests.glucose.called import Asleep, call
from tests.glucose.diaries import HAND, ago


class Desk:
    """The diary and export services on a real database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        relay = Asleep()
        journal = Journal(database, events.entries_logged, relay.wake)
        self.diary = Diary(database, journal, relay, utc_now)  # type: ignore[arg-type]
        self.exports = Exports(database, utc_now)

    async def log(self, patient: UUID, *entries: Entry) -> None:
        request = diary_pb2.LogEntriesRequest(patient_id=str(patient), request_id=str(uuid4()), entries=entries)
        answer = await self.diary.LogEntries(request, call("DiaryService/LogEntries", patient))
        assert {result.outcome for result in answer.results} == {diary_pb2.ENTRY_OUTCOME_CREATED}

    async def amend(self, patient: UUID, entry: Entry, note: str) -> None:
        request = diary_pb2.AmendEntryRequest(
            patient_id=str(patient), request_id=str(uuid4()), entry=entry, expected_revision=1, note=note
        )
        await self.diary.AmendEntry(request, call("DiaryService/AmendEntry", patient))

    async def delete(self, patient: UUID, entry: Entry) -> None:
        request = diary_pb2.DeleteEntryRequest(
            patient_id=str(patient), request_id=str(uuid4()), entry_id=entry.entry_id, expected_revision=1
        )
        await self.diary.DeleteEntry(request, call("DiaryService/DeleteEntry", patient))

    async def parts(self, patient: UUID, file_format: ExportFormat.ValueType) -> AsyncIterator[bytes]:
        request = ExportDiaryRequest(patient_id=str(patient), format=file_format)
        async for part in self.exports.ExportDiary(request, call("ExportService/ExportDiary", patient)):
            yield part.content

    async def lines(self, patient: UUID) -> list[dict[str, Any]]:
        content = b"".join([part async for part in self.parts(patient, EXPORT_FORMAT_JSON_LINES)])
        return [json.loads(line) for line in content.decode().splitlines()]

    async def rows(self, patient: UUID) -> list[dict[str, str]]:
        content = b"".join([part async for part in self.parts(patient, EXPORT_FORMAT_CSV)])
        return table(content)


def table(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture
async def desk(platform: Platform) -> AsyncIterator[Desk]:
    database = Database(platform.database_url, "glucose", platform.sealing_keys("glucose"))
    yield Desk(database)
    await database.close()


async def test_an_empty_diary_is_a_file_too(desk: Desk) -> None:
    patient = uuid4()
    [line] = await desk.lines(patient)
    assert (line["kind"], line["record"]["patientId"]) == ("export", str(patient))
    assert await desk.rows(patient) == []


async def test_everything_is_in_it_with_what_it_was(desk: Desk) -> None:
    patient = uuid4()
    kept, amended, deleted = [HAND.note(ago(minute), f"笔记 {minute}") for minute in (1, 2, 3)]
    await desk.log(patient, kept, amended, deleted)
    amended.note.text = "改过"
    await desk.amend(patient, amended, "typo")
    await desk.delete(patient, deleted)
    item = TimelineItem(item_id=str(uuid4()), patient_id=str(patient), time=to_timestamp(utc_now()))
    item.comment.text = "你好"
    async with desk.database.transaction() as session:
        events.add_timeline_item(session, item)
        session.add(
            PhotoRow(
                patient_id=patient,
                photo_id=uuid4(),
                sha256=bytes(32),
                media_type="image/jpeg",
                size_bytes=9,
                width_pixels=3,
                height_pixels=4,
                uploader_id=patient,
                create_time=utc_now(),
                touch_time=utc_now(),
                meal_ids=[],
            )
        )
    await desk.log(uuid4(), HAND.note(ago(1), "somebody else's"))
    lines = await desk.lines(patient)
    assert [line["kind"] for line in lines] == [
        "export",
        *["entry"] * 3,
        *["entry_revision"] * 2,
        "timeline_item",
        "photo",
    ]
    entries = {line["record"]["entryId"]: line for line in lines if line["kind"] == "entry"}
    assert ParseDict(entries[kept.entry_id]["record"], Entry()).note == kept.note
    now = entries[amended.entry_id]
    assert (now["revision"], now["deleted"], now["note"]) == (2, False, "typo")
    assert now["record"]["note"]["text"] == "改过"
    assert entries[deleted.entry_id]["deleted"] is True
    before = [line for line in lines if line["kind"] == "entry_revision"]
    assert {line["record"]["note"]["text"] for line in before} == {"笔记 2", "笔记 3"}
    assert {line["revision"] for line in before} == {1}


async def test_every_table_that_knows_a_patient_is_exported(desk: Desk) -> None:
    """A table that somebody adds is either exported or no part of what there is about a patient."""
    async with desk.database.connection() as connection:
        rows = await connection.fetch(
            "select relname as table_name from pg_class join pg_attribute on attrelid = pg_class.oid "
            "where relkind in ('r', 'p') and not relispartition and attname = 'patient_id'"
        )
    exported = {table.name for _, _, table in KINDS} | {"entry_archive", "photo"}
    what_goes_by = {"push", "reminder", "alert_state"}  # say that something is due, never what
    what_is_reckoned = {"glucose_day", "glucose_day_mark", "diary_quota"}  # from the entries
    assert {row["table_name"] for row in rows} - what_goes_by - what_is_reckoned == exported


async def test_pages_neither_repeat_nor_hide(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_PAGE", 3)
    patient, same_time = uuid4(), ago(60)
    entries = [HAND.note(same_time if n < 5 else ago(n), str(n)) for n in range(10)]
    for n, entry in enumerate(entries):
        entry.device = f"hand-{n}"
    await desk.log(patient, *entries)
    texts = [line["record"]["note"]["text"] for line in (await desk.lines(patient))[1:]]
    assert sorted(texts) == sorted(entry.note.text for entry in entries)
    rows = await desk.rows(patient)
    assert sorted(row["text"] for row in rows) == sorted(texts)
    assert [row["time_utc"] for row in rows] == sorted(row["time_utc"] for row in rows)


async def test_a_long_diary_needs_the_memory_of_a_page(desk: Desk) -> None:
    patient = uuid4()
    for batch in range(20):
        entries = [HAND.note(ago(1000 * batch + n), "x" * 1000) for n in range(100)]
        await desk.log(patient, *entries)
    largest, total = 0, 0
    tracemalloc.start()
    async for part in desk.parts(patient, EXPORT_FORMAT_JSON_LINES):
        largest, total = max(largest, len(part)), total + len(part)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > 2_000_000
    assert largest < 256 << 10
    assert peak_bytes < 2_000_000


async def test_values_and_units_are_as_measured_and_times_by_the_patient_s_clock(desk: Desk) -> None:
    patient = uuid4()
    reading = HAND.sensor_reading(ago(10), 5.6, unit=GLUCOSE_UNIT_MMOL_PER_L)
    high = HAND.sensor_reading(ago(5), 27.8, unit=GLUCOSE_UNIT_MMOL_PER_L, bound=GLUCOSE_BOUND_HIGH)
    mg = HAND.sensor_reading(ago(4), 100)
    insulin = HAND.insulin_dose(ago(3), INSULIN_KIND_RAPID, "4.50", name="门冬胰岛素")
    walk = HAND.exercise(ago(2), EXERCISE_KIND_WALKING, 30)
    await desk.log(patient, reading, high, mg, insulin, walk)
    rows = await desk.rows(patient)
    assert [(row["glucose"], row["glucose_unit"], row["glucose_bound"]) for row in rows[:3]] == [
        ("5.6", "mmol/L", ""),
        ("27.8", "mmol/L", "high"),
        ("100", "mg/dL", ""),
    ]
    dose = rows[3]
    assert [dose[name] for name in ("insulin_kind", "dose", "dose_unit", "medicine")] == [
        "rapid",
        insulin.insulin_dose.amount_units.value,
        "IU",
        "门冬胰岛素",
    ]
    assert (rows[4]["exercise"], rows[4]["duration_minutes"]) == ("walking", "30")
    assert {row["time_zone"] for row in rows} == {"Asia/Shanghai"}
    first = rows[0]
    assert int(first["time"][11:13]) == (int(first["time_utc"][11:13]) + 8) % 24
    assert tuple(first) == HEADER


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠"])
async def test_no_text_is_a_formula(desk: Desk, begin: str) -> None:
    patient, evil = uuid4(), f'{begin}HYPERLINK("http://evil","x")'
    note = HAND.note(ago(1), evil)
    note.device = evil
    meal = HAND.meal(ago(2), 5, description=evil)
    await desk.log(patient, note, meal)
    for row in await desk.rows(patient):
        assert row["text"] == f"'{evil}"
        assert not row["device"].startswith(begin)


@given(st.text(min_size=1, max_size=50))
def test_any_text_is_one_cell_and_comes_back(text: str) -> None:
    note = HAND.note(ago(1), text)
    [row] = table(b"\xef\xbb\xbf" + csv_lines([HEADER, csv_row(note)]))
    assert row["text"] == harmless(text)
    assert row["text"].removeprefix("'") == text.removeprefix("'")
