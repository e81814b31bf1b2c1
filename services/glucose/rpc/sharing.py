"""What of a patient's diary and of its events a view shows. Each kind of data has one scope, named here alone."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from uuid import UUID

from apricot.access.v1.access_pb2 import Scope
from apricot.glucose.v1 import events_pb2
from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.entry_pb2 import Entry, EntryKind
from apricot.glucose.v1.timeline_pb2 import TimelineItem
from apricot.glucose.v1.watch_pb2 import PatientSnapshot

from kit.times import to_datetime
from kit.views import Range, View
from services.glucose.events import WatchedEvent
from services.glucose.store.lists import Opening

_KINDS_OF_SCOPES = {
    Scope.SCOPE_GLUCOSE_READ: (
        EntryKind.ENTRY_KIND_SENSOR_READING,
        EntryKind.ENTRY_KIND_FINGERSTICK_READING,
        EntryKind.ENTRY_KIND_KETONE,
        EntryKind.ENTRY_KIND_WEIGHT,
        EntryKind.ENTRY_KIND_BLOOD_PRESSURE,
    ),
    Scope.SCOPE_MEAL_READ: (
        EntryKind.ENTRY_KIND_MEAL,
        EntryKind.ENTRY_KIND_EXERCISE,
        EntryKind.ENTRY_KIND_NOTE,
    ),
    Scope.SCOPE_DOSE_READ: (
        EntryKind.ENTRY_KIND_INSULIN_DOSE,
        EntryKind.ENTRY_KIND_MEDICINE_DOSE,
    ),
}
SCOPE_OF = {kind: scope for scope, kinds in _KINDS_OF_SCOPES.items() for kind in kinds}
"""The scope that shows entries of a kind."""
_KIND_OF = {field.name: field.number for field in Entry.DESCRIPTOR.oneofs_by_name["content"].fields}
if missing := {*EntryKind.values(), *_KIND_OF.values()} - {EntryKind.ENTRY_KIND_UNSPECIFIED} - SCOPE_OF.keys():
    raise RuntimeError(f"no scope shows entries of the kinds {missing}")

SCOPE_OF_STEP = {
    TimelineItem.ALERT_STEP_FIELD_NUMBER: Scope.SCOPE_ALERT_READ,
    TimelineItem.COMMENT_FIELD_NUMBER: Scope.SCOPE_PLAN_READ,
    TimelineItem.PLAN_STEP_FIELD_NUMBER: Scope.SCOPE_PLAN_READ,
}
"""The scope that shows steps of the timeline, by the field that holds them."""

WATCHED_SCOPES = frozenset({*_KINDS_OF_SCOPES, Scope.SCOPE_ALERT_READ, Scope.SCOPE_PLAN_READ})
"""The scopes that show something of a watch."""


@lru_cache(maxsize=4096)
def watched(view: View) -> View:
    """What a view shows of a watch. Equal views are one object, so that watches that share them are told so fast."""
    return view.only(WATCHED_SCOPES)


def shows(view: View, entry: Entry) -> bool:
    """Whether an entry may be seen."""
    kind = EntryKind.ValueType(_KIND_OF[entry.WhichOneof("content") or ""])
    return view.shows(SCOPE_OF[kind], to_datetime(entry.time))


def may_change(view: View, entry: Entry, caller: UUID) -> bool:
    """Whether an entry is there to be amended or deleted: it lies where the caller may write, and the caller sees it or
    wrote what it holds."""
    writable = view.shows(Scope.SCOPE_GLUCOSE_WRITE, to_datetime(entry.time))
    return writable and (shows(view, entry) or entry.author_id == str(caller))


def shows_alert(view: View, alert: Alert) -> bool:
    """Whether an alert may be seen: by when it was raised, whatever became of it later."""
    return view.shows(Scope.SCOPE_ALERT_READ, to_datetime(alert.raise_time))


def shows_item(view: View, item: TimelineItem) -> bool:
    """Whether a step of the timeline may be seen."""
    step = item.DESCRIPTOR.fields_by_name[item.WhichOneof("step") or ""].number
    return view.shows(SCOPE_OF_STEP[step], to_datetime(item.time))


def openings(patient: UUID, view: View, within: Range, kinds: Iterable[int] = ()) -> list[Opening]:
    """The entries that may be seen, as SQL asks for them: those of a range, of some kinds or (no kinds named) of all.
    No entry is in two of them."""
    found = _openings(view, within, tuple(kinds))
    return [Opening(patient, kinds, start, end) for (start, end), kinds in found.items()]


@lru_cache(maxsize=256)
def _openings(view: View, within: Range, kinds: Sequence[int]) -> Mapping[Range, Sequence[int]]:
    """The same for a view that many patients give."""
    kinds_by_range: dict[Range, list[int]] = {}
    for kind in sorted(set(kinds) or SCOPE_OF):
        for start, end in view.ranges(SCOPE_OF[EntryKind.ValueType(kind)]):
            clipped = max(start, within[0]), min(end, within[1])
            if clipped[0] < clipped[1]:
                kinds_by_range.setdefault(clipped, []).append(kind)
    return kinds_by_range


def shown(view: View, event: WatchedEvent) -> WatchedEvent | None:
    """An event as the view shows it, or none: an entry that is moved into the view is logged, one that is moved out of
    it is deleted."""
    match event:
        case events_pb2.EntriesLogged():
            return _logged(event, [entry for entry in event.entries if shows(view, entry)])
        case events_pb2.EntryAmended():
            return _amended(view, event)
        case events_pb2.EntryDeleted():
            return event if shows(view, event.previous) else None
        case events_pb2.AlertChanged():
            return event if shows_alert(view, event.alert) else None
        case events_pb2.TimelineItemAdded():
            return event if shows_item(view, event.item) else None


def shown_snapshot(view: View, snapshot: PatientSnapshot) -> PatientSnapshot:
    """What a narrower view shows of a snapshot."""
    entries = [entry for entry in snapshot.entries if shows(view, entry)]
    latest = snapshot.latest_reading
    latest_is_shown = snapshot.HasField("latest_reading") and shows(view, latest)
    return PatientSnapshot(
        patient_id=snapshot.patient_id,
        entries=entries,
        latest_reading=latest if latest_is_shown else None,
        active_alerts=[alert for alert in snapshot.active_alerts if shows_alert(view, alert)],
    )


def _logged(event: events_pb2.EntriesLogged, entries: Sequence[Entry]) -> events_pb2.EntriesLogged | None:
    return events_pb2.EntriesLogged(patient_id=event.patient_id, entries=entries) if entries else None


def _amended(view: View, event: events_pb2.EntryAmended) -> WatchedEvent | None:
    match shows(view, event.previous), shows(view, event.entry):
        case True, True:
            return event
        case False, True:
            return events_pb2.EntriesLogged(patient_id=event.patient_id, entries=[event.entry])
        case True, False:
            return events_pb2.EntryDeleted(
                patient_id=event.patient_id, previous=event.previous, revision=event.entry.revision
            )
        case _:
            return None
