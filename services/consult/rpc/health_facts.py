"""What is written into a health record: by the patient whole, by a doctor in addition; each entry with who told it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from apricot.consult.v1.health_record_pb2 import HealthFacts, RecordSource
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError, invalid_field, not_allowed
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
    """Return the record as the patient writes it. What stays keeps its source; a doctor's entries have to stay.
    Errors: INVALID_FIELD, NOT_ALLOWED."""
    _require_days(new, now)
    _require_others_kept(old, new, source.account_id)
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


def added(
    old: HealthFacts, more: HealthFacts, source: RecordSource, now: datetime, ended: Collection[str] = ()
) -> HealthFacts:
    """Return the record with what a doctor adds, without the entries that he ends by their ids.
    Errors: INVALID_FIELD, TOO_MANY."""
    _require_days(more, now)
    facts = HealthFacts()
    facts.CopyFrom(old)
    _end(facts, ended)
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


def _require_others_kept(old: HealthFacts, new: HealthFacts, patient: str) -> None:
    """Errors: NOT_ALLOWED with the parts of which an entry of a doctor's is missing or differs."""
    fields: list[str] = [name for name in _LISTS if not _are_kept(getattr(old, name), getattr(new, name), patient)]
    for dated in _DATED:
        before, after = getattr(old, dated), getattr(new, dated) if new.HasField(dated) else None
        theirs = old.HasField(dated) and before.source.account_id != patient
        if theirs and not _is_same(before, after):
            fields.append(dated)
    if fields:
        raise not_allowed("what a doctor entered stays until a doctor ends it", fields=fields)


def _are_kept(old: Any, new: Any, patient: str) -> bool:
    """Return whether every entry of others than the patient is in the new list as it was."""
    kept = {entry.entry_id: entry for entry in new.entries}
    others = (entry for entry in old.entries if entry.source.account_id != patient)
    return all(_is_same(entry, kept.get(entry.entry_id)) for entry in others)


def _is_same(before: Any, after: Any | None) -> bool:
    """Return whether two entries differ in their source at most."""
    if after is None:
        return False
    bare = []
    for entry in before, after:
        one = type(entry)()
        one.CopyFrom(entry)
        one.ClearField("source")
        bare.append(one)
    return bool(bare[0] == bare[1])


def _end(facts: HealthFacts, ended: Collection[str]) -> None:
    """Errors: INVALID_FIELD: an id that no entry has."""
    known = {entry.entry_id for name in _LISTS for entry in getattr(facts, name).entries}
    if not known.issuperset(ended):
        raise invalid_field("ended_entry_ids", "no entry has this id")
    for name in _LISTS if ended else ():
        entries = getattr(facts, name).entries
        left = [entry for entry in entries if entry.entry_id not in ended]
        del entries[:]
        entries.extend(left)


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
    same = before is not None and _is_same(before, entry)
    entry.source.CopyFrom(before.source if before is not None and same else source)
