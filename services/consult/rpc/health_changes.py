"""What changes from one revision of a health record to the next, item by item."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from apricot.consult.v1.health_record_pb2 import (
    HealthFacts,
    HealthRecord,
    HealthRecordItem,
    HealthRecordItemChange,
    HealthRecordRevision,
    RecordSource,
)

type _Single = Literal["kidney_function", "pregnancy", "weight", "liver_function"]

_LISTS: Mapping[Literal["allergies", "medicines"], tuple[str, str]] = {
    "allergies": ("allergy", "no_allergies"),
    "medicines": ("medicine", "no_medicines"),
}
"""By list: what an entry is as an item, and what an empty list is."""
_SINGLE: Sequence[_Single] = ("kidney_function", "pregnancy", "weight", "liver_function")


def revision_message(before: HealthFacts, record: HealthRecord) -> HealthRecordRevision:
    """Return a revision with what it changed in the facts of before."""
    author = RecordSource(account_id=record.author_id, display_name=record.author_name, record_time=record.create_time)
    revision = HealthRecordRevision(revision=record.revision, author=author)
    old, new = dict(_items(before)), dict(_items(record.facts))
    for key, item in new.items():
        if key not in old:
            revision.added.append(item)
        elif old[key] != item:
            revision.changed.append(HealthRecordItemChange(before=old[key], after=item))
    for key, item in old.items():
        # An empty list that gets an entry is told by the entry.
        if key not in new and not (key in _LISTS and getattr(record.facts, key).entries):
            revision.removed.append(item)
    return revision


def _items(facts: HealthFacts) -> Iterator[tuple[Any, HealthRecordItem]]:
    """Yield each item by what makes it the same one in another revision."""
    for name, (entry_name, none_name) in _LISTS.items():
        entries = getattr(facts, name).entries
        for entry in entries:
            yield (name, entry.entry_id), _item(entry_name, entry)
        if facts.HasField(name) and not entries:
            yield name, _item(none_name, True)
    for single in _SINGLE:
        if facts.HasField(single):
            yield single, _item(single, getattr(facts, single))


def _item(name: str, value: Any) -> HealthRecordItem:
    fields = {name: value}
    return HealthRecordItem(**fields)
