"""What a view of a diary shows, told by the contract's comments and not by the services' table; entries of every kind;
and a diary rebuilt from what a watch sends."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from apricot.access.v1.access_pb2 import SCOPE_DOSE_READ, SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, EXERCISE_KIND_WALKING, INSULIN_KIND_RAPID, Entry
from apricot.glucose.v1.events_pb2 import EntriesLogged, EntryAmended, EntryDeleted
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from google.protobuf.message import Message
from hypothesis import strategies as st

from clients.sdk import Recorder
from kit.views import View, Window

SCOPES = {
    "sensor_reading": SCOPE_GLUCOSE_READ,
    "fingerstick_reading": SCOPE_GLUCOSE_READ,
    "ketone": SCOPE_GLUCOSE_READ,
    "weight": SCOPE_GLUCOSE_READ,
    "blood_pressure": SCOPE_GLUCOSE_READ,
    "meal": SCOPE_MEAL_READ,
    "exercise": SCOPE_MEAL_READ,
    "note": SCOPE_MEAL_READ,
    "insulin_dose": SCOPE_DOSE_READ,
    "medicine_dose": SCOPE_DOSE_READ,
}

_PHONE = Recorder.by_hand("phone", "Asia/Shanghai")
MAKERS: Sequence[Callable[[datetime], Entry]] = (
    lambda time: _PHONE.sensor_reading(time, 120),
    lambda time: _PHONE.fingerstick_reading(time, 120),
    lambda time: _PHONE.ketone(time, 0.5),
    lambda time: _PHONE.weight(time, 70),
    lambda time: _PHONE.blood_pressure(time, 120, 80),
    lambda time: _PHONE.meal(time, 30),
    lambda time: _PHONE.exercise(time, EXERCISE_KIND_WALKING, 30),
    lambda time: _PHONE.note(time, "words"),
    lambda time: _PHONE.insulin_dose(time, INSULIN_KIND_RAPID, "4"),
    lambda time: _PHONE.medicine_dose(time, "metformin", "500", DOSE_UNIT_MG),
)


def is_shown(view: View, entry: Entry) -> bool:
    time = entry.time.ToDatetime(UTC)
    scope = SCOPES[entry.WhichOneof("content") or ""]
    return any(window.scope == scope and window.start_time <= time < window.end_time for window in view.windows)


def shown_of(view: View, entries: Iterable[Entry]) -> dict[str, Entry]:
    """The filter of the list."""
    return {entry.entry_id: entry for entry in entries if is_shown(view, entry)}


def views(times: Sequence[datetime]) -> st.SearchStrategy[View]:
    """Any windows between these instants, or without ends."""
    ranges = st.tuples(st.sampled_from(times), st.sampled_from(times)).filter(lambda both: both[0] < both[1])
    window = st.builds(lambda scope, both: Window(scope, *both), st.sampled_from([*SCOPES.values()]), ranges)
    always = st.builds(Window, st.sampled_from([*SCOPES.values()]))
    return st.frozensets(st.one_of(window, always), max_size=5).map(View)


class Rebuilt:
    """A diary as its watcher knows it. Each change must fit what the watcher was told before."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def take(self, event: Message) -> None:
        match event:
            case EntriesLogged():
                assert event.entries
                for entry in event.entries:
                    assert entry.entry_id not in self.entries
                    self.entries[entry.entry_id] = entry
            case EntryAmended():
                assert self.entries[event.previous.entry_id] == event.previous
                assert event.entry.revision == event.previous.revision + 1
                self.entries[event.entry.entry_id] = event.entry
            case EntryDeleted():
                assert self.entries.pop(event.previous.entry_id) == event.previous
                assert event.revision == event.previous.revision + 1

    def take_update(self, update: WatchPatientsResponse) -> None:
        kind = update.WhichOneof("event")
        if kind == "snapshot":
            assert not self.entries
            self.entries = {entry.entry_id: entry for entry in update.snapshot.entries}
        elif kind is not None:
            self.take(getattr(update, kind))
