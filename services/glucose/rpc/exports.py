"""`apricot.glucose.v1.ExportService`."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apricot.glucose.v1 import export_pb2
from apricot.glucose.v1.alert_pb2 import Alert, AlertRules
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.plan_pb2 import Plan, PlanDraft, PlanState
from apricot.glucose.v1.timeline_pb2 import TimelineItem
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.views import EVERYTHING
from services.glucose.domain.entries import CLOCK_TOLERANCE, EARLIEST
from services.glucose.rpc.export_csv import HEADER, csv_lines, csv_row
from services.glucose.rpc.photos import photo_message
from services.glucose.rpc.sharing import openings
from services.glucose.store import exports as store
from services.glucose.store.exports import Table
from services.glucose.store.lists import Listed

KINDS: list[tuple[str, type[Message], Table]] = [
    (
        "entry",
        Entry,
        Table("entry", ("entry_id",), ("revision", "deleted", "note"), condition="(deleted or revision > 1)"),
    ),
    ("entry_revision", Entry, Table("entry_revision", ("entry_id", "revision"), ("note",))),
    ("timeline_item", TimelineItem, Table("timeline_item", ("item_id",))),
    ("alert", Alert, Table("alert", ("alert_id",))),
    ("alert_rules", AlertRules, Table("alert_rules", ("revision",))),
    (
        "plan",
        Plan,
        Table("plan_revision", ("plan_id", "revision"), ("state", "answer_time", "answer_note", "end_time")),
    ),
    ("plan_draft", PlanDraft, Table("plan_draft", ("draft_id",))),
]
"""What is kept as the contract's messages: the kind's name, its message, its table. Of entries those that were amended
or deleted: where the others are kept depends on their age."""


class Exports:
    """A patient's data as a file."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ExportDiary(
        self, request: export_pb2.ExportDiaryRequest, call: Call
    ) -> AsyncIterator[export_pb2.ExportDiaryResponse]:
        patient = UUID(request.patient_id)
        csv = request.format == export_pb2.EXPORT_FORMAT_CSV
        lines = self._table(patient) if csv else record_of(self._database, patient, self._clock())
        async for content in lines:
            yield export_pb2.ExportDiaryResponse(content=content)

    async def _table(self, patient: UUID) -> AsyncIterator[bytes]:
        yield b"\xef\xbb\xbf" + csv_lines([HEADER])
        async for page in _live_entries(self._database, patient, self._clock()):
            yield csv_lines(csv_row(Entry.FromString(listed.body)) for listed in page)


async def record_of(database: Database, patient: UUID, now: datetime) -> AsyncIterator[bytes]:
    """Everything of the patient's, part by part."""
    yield _line("export", {"patientId": str(patient), "createTime": now.isoformat()})
    async for listed in _live_entries(database, patient, now):
        entries = [Entry.FromString(each.body) for each in listed]
        yield b"".join(_as_logged(entry) for entry in entries if entry.revision == 1)
    for kind, message, table in KINDS:
        async for page in store.bodies(database, patient, table):
            yield b"".join(
                _line(
                    kind,
                    MessageToDict(message.FromString(row["body"])),
                    **{column: row[column] for column in dict.fromkeys((*table.key, *table.beside))},
                )
                for row in page
            )
    async for photos in store.photos(database, patient):
        yield b"".join(_line("photo", MessageToDict(photo_message(photo))) for photo in photos)


def _live_entries(database: Database, patient: UUID, now: datetime) -> AsyncIterator[Sequence[Listed]]:
    everything = openings(patient, EVERYTHING, (EARLIEST, now + CLOCK_TOLERANCE))
    return store.entries_by_time(database, everything)


def _as_logged(entry: Entry) -> bytes:
    """The line of an entry that never changed."""
    beside = {"entry_id": entry.entry_id.lower(), "revision": 1, "deleted": False, "note": ""}
    return _line("entry", MessageToDict(entry), **beside)


def _line(kind: str, record: dict[str, Any], **beside: Any) -> bytes:
    if "state" in beside:
        beside["state"] = PlanState.Name(beside["state"])
    line = json.dumps({"kind": kind, **beside, "record": record}, ensure_ascii=False, default=str)
    return line.encode() + b"\n"
