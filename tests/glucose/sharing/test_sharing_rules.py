"""What a view shows of a diary and of its events, pure: a filtered watch ends where the filtered list stands."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_GLUCOSE_READ, SCOPE_GLUCOSE_WRITE, SCOPE_PLAN_READ
from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.entry_pb2 import Entry, EntryKind
from apricot.glucose.v1.events_pb2 import AlertChanged, EntriesLogged, EntryAmended, EntryDeleted, TimelineItemAdded
from apricot.glucose.v1.timeline_pb2 import AlertStep, Comment, PlanStep, TimelineItem
from apricot.glucose.v1.watch_pb2 import PatientSnapshot
from hypothesis import given
from hypothesis import strategies as st

from kit import contract
from kit.times import to_timestamp
from kit.views import EVERYTHING, NOTHING, View, Window
from services.glucose.events import WatchedEvent
from services.glucose.rpc import sharing
from tests.glucose.sharing.diary import MAKERS, SCOPES, Rebuilt, is_shown, shown_of, views

START = datetime(2026, 1, 1, tzinfo=UTC)
TIMES = [START + timedelta(days=day) for day in range(6)]
PATIENT = str(uuid4())
entries = st.builds(lambda make, time: make(time), st.sampled_from(MAKERS), st.sampled_from(TIMES))

# Each change names what it does and to which entry; an amendment may change kind and time as well.
changes = st.lists(
    st.one_of(
        st.tuples(st.just("log"), st.just(0), st.lists(entries, min_size=1, max_size=4)),
        st.tuples(st.sampled_from(["amend", "delete"]), st.integers(0, 99), st.lists(entries, min_size=1, max_size=1)),
    ),
    max_size=12,
)
type Change = tuple[str, int, list[Entry]]


def happen(diary: dict[str, Entry], steps: Sequence[Change]) -> Iterator[WatchedEvent]:
    """The events of a diary's changes; the diary is kept up to date."""
    for step, chosen, made in steps:
        if step == "log":
            for entry in made:
                entry.revision = 1
                diary[entry.entry_id] = entry
            yield EntriesLogged(patient_id=PATIENT, entries=made)
        elif diary:
            previous = diary.pop(list(diary)[chosen % len(diary)])
            revision = previous.revision + 1
            if step == "delete":
                yield EntryDeleted(patient_id=PATIENT, previous=previous, revision=revision)
            else:
                entry = Entry()
                entry.CopyFrom(made[0])
                entry.entry_id, entry.revision = previous.entry_id, revision
                diary[entry.entry_id] = entry
                yield EntryAmended(patient_id=PATIENT, entry=entry, previous=previous)


@given(views(TIMES), changes)
def test_a_filtered_watch_equals_the_filter_of_the_list(view: View, steps: list[Change]) -> None:
    diary: dict[str, Entry] = {}
    watcher = Rebuilt()
    for event in happen(diary, steps):
        before = event.SerializeToString()
        if (message := sharing.shown(view, event)) is not None:
            watcher.take(message)
        assert watcher.entries == shown_of(view, diary.values())
        assert event.SerializeToString() == before  # others share it


@given(views(TIMES), st.lists(entries, max_size=8), st.tuples(st.sampled_from(TIMES), st.sampled_from(TIMES)))
def test_each_entry_lies_in_one_opening_or_in_none(
    view: View, made: list[Entry], within: tuple[datetime, datetime]
) -> None:
    openings = sharing.openings(uuid4(), view, within)
    for entry in made:
        time, kind = entry.time.ToDatetime(UTC), Entry.DESCRIPTOR.fields_by_name[entry.WhichOneof("content") or ""]
        holding = [
            opening
            for opening in openings
            if kind.number in opening.kinds and opening.start_time <= time < opening.end_time
        ]
        assert len(holding) == (is_shown(view, entry) and within[0] <= time < within[1])


@given(views(TIMES), views(TIMES), st.lists(entries, max_size=8))
def test_a_snapshot_is_narrowed_like_the_list(view: View, narrower: View, made: list[Entry]) -> None:
    shown = list(shown_of(view, made).values())
    snapshot = PatientSnapshot(patient_id=PATIENT, entries=shown, latest_reading=shown[-1] if shown else None)
    narrowed = sharing.shown_snapshot(narrower, snapshot)
    assert {entry.entry_id: entry for entry in narrowed.entries} == shown_of(narrower, shown)
    assert narrowed.HasField("latest_reading") == bool(shown and is_shown(narrower, shown[-1]))


def test_every_kind_has_its_scope() -> None:
    """As the contract's `Scope` says it. A kind without one keeps the service from starting."""
    numbers = {name: Entry.DESCRIPTOR.fields_by_name[name].number for name in SCOPES}
    assert {EntryKind.ValueType(numbers[name]): scope for name, scope in SCOPES.items()} == sharing.SCOPE_OF
    assert set(numbers.values()) == set(EntryKind.values()) - {0}


def test_the_watch_s_door_lets_in_by_the_scopes_that_show_something() -> None:
    rule = contract.methods()["/apricot.glucose.v1.WatchService/WatchPatients"].rule
    assert rule
    assert set(rule.any_scope) == sharing.WATCHED_SCOPES


def test_the_patient_sees_all_and_who_only_writes_sees_nothing() -> None:
    for make in MAKERS:
        entry = make(START)
        assert sharing.shows(EVERYTHING, entry)
        assert not sharing.shows(View(frozenset({Window(SCOPE_GLUCOSE_WRITE)})), entry)


RAISED = TIMES[2]
STEPS: dict[str, tuple[WatchedEvent, int]] = {
    "an alert": (AlertChanged(alert=Alert(raise_time=to_timestamp(RAISED), resolve_time=to_timestamp(TIMES[4]))), 0),
    "an alert's step": (TimelineItemAdded(item=TimelineItem(time=to_timestamp(RAISED), alert_step=AlertStep())), 0),
    "words": (TimelineItemAdded(item=TimelineItem(time=to_timestamp(RAISED), comment=Comment(text="?"))), 1),
    "a plan's step": (TimelineItemAdded(item=TimelineItem(time=to_timestamp(RAISED), plan_step=PlanStep())), 1),
}


@pytest.mark.parametrize("what", STEPS)
def test_alerts_and_steps_are_shown_by_their_scope_and_time(what: str) -> None:
    event, which = STEPS[what]
    scope, other = (SCOPE_ALERT_READ, SCOPE_PLAN_READ)[which], (SCOPE_PLAN_READ, SCOPE_ALERT_READ)[which]
    for window, is_seen in (
        (Window(scope), True),
        (Window(scope, RAISED, TIMES[3]), True),
        (Window(scope, TIMES[3]), False),
        (Window(scope, TIMES[0], RAISED), False),
        (Window(other), False),
        (Window(SCOPE_GLUCOSE_READ), False),
    ):
        assert sharing.shown(View(frozenset({window})), event) == (event if is_seen else None)
    assert sharing.shown(NOTHING, event) is None
