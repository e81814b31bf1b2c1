"""What is written into a health record: by the patient whole, by a doctor in addition; each entry with who told it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from apricot.consult.v1.health_record_pb2 import HealthFacts, RecordSource
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError, invalid_field
from prescribing.recency import ImpossibleDayError, past_day

_MOST_ENTRIES = 50
_LISTS: Sequence[Literal["allergies", "medicines"]] = ("allergies", "medicines")
_DATED: Mapping[Literal["kidney_function", "liver_function", "pregnancy", "weight"], str] = {
    "kidney_function": "measure_date",
    "liver_function": "state_date",
    "pregnancy": "state_date",
    "weight": "measure_date",
}
"""Of these the latest counts."""


def written_anew(old: HealthFacts, new: HealthFacts, source: RecordSource, now: datetime) -> HealthFacts:
    """The patient's record as she writes it. What stays as it was keeps its source. Errors: INVALID_FIELD."""
    _require_days(new, now)
    facts = HealthFacts()
    facts.CopyFrom(new)
    for name in _LISTS:
        known = {entry.entry_id: entry for entry in getattr(old, name).entries}
        entries = getattr(facts, name).entries
        _require_own_ids(name, entries)
        for entry in entries:
            _source(entry, known.get(entry.entry_id), source)
    for dated in _DATED:
        if facts.HasField(dated):
            _source(getattr(facts, dated), getattr(old, dated), source)
    return facts


def added(old: HealthFacts, more: HealthFacts, source: RecordSource, now: datetime) -> HealthFacts:
    """The record with what a doctor adds; nothing is taken away. Errors: INVALID_FIELD, TOO_MANY."""
    _require_days(more, now)
    facts = HealthFacts()
    facts.CopyFrom(old)
    for name in _LISTS:
        if more.HasField(name):
            entries = getattr(facts, name).entries
            for entry in getattr(more, name).entries:
                entry.source.CopyFrom(source)
                entries.append(entry)
            getattr(facts, name).SetInParent()
            _require_own_ids(name, entries)
            if len(entries) > _MOST_ENTRIES:
                raise ApricotError(Reason.REASON_TOO_MANY, f"a record holds at most {_MOST_ENTRIES} of these")
    for dated, day in _DATED.items():
        if more.HasField(dated):
            newer = getattr(more, dated)
            if getattr(newer, day) < getattr(getattr(facts, dated), day):
                raise invalid_field(f"facts.{dated}.{day}", "lies before the day on record")
            newer.source.CopyFrom(source)
            getattr(facts, dated).CopyFrom(newer)
    return facts


def _require_days(facts: HealthFacts, now: datetime) -> None:
    days = [
        (f"facts.{name}.{day}", getattr(getattr(facts, name), day))
        for name, day in _DATED.items()
        if facts.HasField(name)
    ]
    since = [
        (f"facts.medicines.entries[{place}].since_date", entry.since_date)
        for place, entry in enumerate(facts.medicines.entries)
        if entry.since_date
    ]
    for field, text in [*days, *since]:
        try:
            past_day(text, now)
        except ImpossibleDayError as error:
            raise invalid_field(field, str(error)) from error


def _require_own_ids(name: str, entries: Any) -> None:
    if len({entry.entry_id for entry in entries}) < len(entries):
        raise invalid_field(f"facts.{name}.entries", "each entry has an id of its own")


def _source(entry: Any, before: Any | None, source: RecordSource) -> None:
    """The source of before, where nothing else differs; otherwise the new one."""
    entry.ClearField("source")
    if before is not None:
        bare = type(before)()
        bare.CopyFrom(before)
        bare.ClearField("source")
        if bare == entry:
            entry.source.CopyFrom(before.source)
            return
    entry.source.CopyFrom(source)
