"""The board takes in what a watch tells, and shows the platform's truth of it."""

from datetime import timedelta
from typing import Any

from apricot.glucose.v1.alert_pb2 import (
    ALERT_RULE_FALLING_FAST,
    ALERT_RULE_HIGH,
    ALERT_RULE_LOW,
    ALERT_RULE_MISSING_DATA,
    ALERT_RULE_URGENT_HIGH,
    ALERT_RULE_URGENT_LOW,
)
from apricot.glucose.v1.entry_pb2 import Entry
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.clinician.models.ward.board import Board
from clients.clinician.models.ward.needs import owner_of
from clients.clinician.models.ward.row import Band, Filter, Need, Owner
from clients.readings.levels import Level
from tests.clinician.ward.told import (
    ME,
    NOW,
    alert,
    alerted,
    amended,
    board_of,
    deleted,
    logged,
    meal,
    ns,
    patient,
    picture,
    reading,
    snapshot,
    told,
)

ANNA = patient(1, "Anna")


def test_nobody_can_say_before_the_snapshot() -> None:
    board = board_of(ANNA)
    row = board.rows[ANNA.patient_id]
    assert not row.is_known
    assert (row.newest, row.level, row.need) == (None, None, Need.NONE)
    told(board, snapshot(ANNA))
    assert row.is_known


def test_a_reading_that_is_logged_is_the_newest_with_its_trend_and_step() -> None:
    board = board_of(ANNA)
    row = board.rows[ANNA.patient_id]
    told(board, snapshot(ANNA, reading(1, 10, 100), reading(2, 5, 90)), logged(ANNA, reading(3, 0, 65), meal(4, 0)))
    assert row.newest is not None
    assert (row.newest.value, row.level, row.change) == (65, Level.LOW, -25)
    assert row.rate == -3.5
    assert [point[:2] for point in board.trace(row)] == [(0, 65), (5, 90), (10, 100)]


def test_a_step_needs_the_reading_before_it() -> None:
    board = board_of(ANNA)
    told(board, snapshot(ANNA, reading(1, 30, 100), reading(2, 0, 90)))
    assert board.rows[ANNA.patient_id].change is None


def test_an_amendment_replaces_and_a_deletion_uncovers_the_one_before() -> None:
    board = board_of(ANNA)
    row = board.rows[ANNA.patient_id]
    levels = []
    for update in (
        snapshot(ANNA, reading(1, 5, 200), reading(2, 0, 45)),
        amended(ANNA, reading(2, 0, 145), reading(2, 0, 45)),
        deleted(ANNA, reading(2, 0, 145)),
    ):
        told(board, update)
        levels.append(row.level)
    assert levels == [Level.VERY_LOW, Level.IN_RANGE, Level.HIGH]


def test_what_was_uncovered_may_be_forgotten_so_the_platform_is_asked() -> None:
    board = board_of(ANNA)
    row = board.rows[ANNA.patient_id]
    told(board, snapshot(ANNA, latest=reading(2, 300, 100)))
    assert row.newest is not None
    told(board, deleted(ANNA, reading(2, 300, 100)))
    assert board.unsure == {ANNA.patient_id}
    assert not row.is_known
    assert row.newest is None
    told(board, logged(ANNA, reading(9, 400, 90)))
    assert board.learn(ANNA.patient_id, reading(1, 350, 80), row.version - 1, ns(NOW)) is None
    assert board.learn(ANNA.patient_id, reading(1, 350, 80), row.version, ns(NOW)) is row
    board.settle(row, ns(NOW))
    assert row.newest is not None
    assert row.newest.value == 80


def test_after_a_quarter_of_an_hour_a_reading_is_old() -> None:
    board = board_of(ANNA)
    row = board.rows[ANNA.patient_id]
    told(board, snapshot(ANNA, reading(1, 0, 60)))
    assert (row.is_old, row.band, row.need) == (False, Band.LOW, Need.LOW)
    assert board.grown_old(ns(NOW + timedelta(minutes=15))) == []
    later = ns(NOW + timedelta(minutes=15, seconds=1))
    assert board.grown_old(later) == [row]
    board.settle(row, later)
    assert (row.is_old, row.band, row.need) == (True, Band.OLD, Need.LAST_SEEN_LOW)
    assert board.grown_old(later) == []
    assert Filter.OLD in row.filters
    assert Filter.ATTENTION in row.filters
    assert Filter.LOW not in row.filters


def test_alerts_come_are_taken_and_go() -> None:
    board = board_of(ANNA)
    row = board.rows[ANNA.patient_id]
    told(board, snapshot(ANNA, reading(1, 0, 50)), alerted(ANNA, alert(1, ALERT_RULE_LOW, of=ANNA)))
    told(board, alerted(ANNA, alert(2, ALERT_RULE_URGENT_LOW, urgent=True, of=ANNA)))
    assert row.alert is not None
    assert row.alert.rule == ALERT_RULE_URGENT_LOW
    assert (row.need, owner_of(row, ME)) == (Need.URGENT_LOW, Owner.NOBODY)
    told(board, alerted(ANNA, alert(2, ALERT_RULE_URGENT_LOW, urgent=True, held_by=ME, of=ANNA, revision=2)))
    told(board, alerted(ANNA, alert(1, ALERT_RULE_LOW, held_by=ANNA.patient_id, of=ANNA, revision=2)))
    assert (row.need, owner_of(row, ME)) == (Need.VERY_LOW, Owner.ME)
    assert Filter.URGENT in row.filters
    over = alert(2, ALERT_RULE_URGENT_LOW, urgent=True, held_by=ME, of=ANNA, revision=3)
    over.resolve_time.FromDatetime(NOW)
    told(board, alerted(ANNA, over))
    assert row.alert.rule == ALERT_RULE_LOW
    assert owner_of(row, ME) is Owner.PATIENT
    assert Filter.URGENT not in row.filters


def test_an_alert_that_was_told_late_is_no_news() -> None:
    board = board_of(ANNA)
    held = alert(1, ALERT_RULE_LOW, held_by=ME, of=ANNA, revision=5)
    told(board, snapshot(ANNA, alerts=(held,)), alerted(ANNA, alert(1, ALERT_RULE_LOW, of=ANNA, revision=4)))
    assert owner_of(board.rows[ANNA.patient_id], ME) is Owner.ME


def test_who_needs_a_look_first() -> None:
    """Urgent that nobody has, lows first; then by level, the worse first; what is in range by name; old; none."""
    cases: list[tuple[str, list[Entry], list[Any]]] = [
        ("urgent low", [reading(1, 0, 50)], [(ALERT_RULE_URGENT_LOW, True, "")]),
        ("Back from an urgent low", [reading(1, 0, 100)], [(ALERT_RULE_URGENT_LOW, True, "")]),
        ("urgent high", [reading(1, 0, 300)], [(ALERT_RULE_URGENT_HIGH, True, "")]),
        ("urgent silence", [reading(1, 40, 120)], [(ALERT_RULE_MISSING_DATA, True, "")]),
        ("very low, held", [reading(1, 0, 50)], [(ALERT_RULE_URGENT_LOW, True, ME)]),
        ("low", [reading(1, 0, 65)], []),
        ("low when last seen", [reading(1, 60, 50)], []),
        ("very high", [reading(1, 0, 300)], []),
        ("high a", [reading(1, 0, 200)], []),
        ("high b", [reading(1, 0, 240)], [(ALERT_RULE_HIGH, False, "")]),
        ("in range, falling", [reading(1, 0, 90)], [(ALERT_RULE_FALLING_FAST, False, "")]),
        ("in range a", [reading(1, 0, 100)], []),
        ("In range b", [reading(1, 0, 90)], []),
        ("old", [reading(1, 20, 120)], []),
        ("without any", [], []),
    ]
    patients = [patient(100 - number, name) for number, (name, _, _) in enumerate(cases)]
    board = board_of(*patients)
    for one, (_, entries, alerts) in zip(patients, cases, strict=True):
        given = tuple(
            alert(number, rule, urgent=urgent, held_by=held, of=one)
            for number, (rule, urgent, held) in enumerate(alerts)
        )
        told(board, snapshot(one, *entries, alerts=given))
    found = [row.name for row in sorted(board.rows.values(), key=lambda row: row.key)]
    assert found == [name for name, _, _ in cases]
    assert board.counts[Filter.ALL] == len(cases)
    assert board.counts[Filter.URGENT] == 5
    assert board.counts[Filter.LOW] == 3
    assert sum(board.counts[band] for band in Band) == len(cases)


def test_who_leaves_counts_no_more() -> None:
    bert = patient(2, "Bert")
    board = board_of(ANNA, bert)
    told(board, snapshot(ANNA, reading(1, 0, 60)), snapshot(bert, reading(1, 0, 60)))
    assert board.counts[Filter.LOW] == 2
    board.admit([bert], ns(NOW))
    assert (board.counts[Filter.LOW], board.counts[Filter.ALL], board.counts[Band.LOW]) == (1, 1, 1)
    assert board.apply(logged(ANNA, reading(2, 0, 50)), ns(NOW)) is None


_ENTRIES = st.builds(
    reading,
    st.integers(1, 12),
    st.integers(0, 170),
    st.integers(41, 399),
    device=st.sampled_from(["sensor", "other"]),
    finger=st.booleans(),
)
_STEPS = st.lists(
    st.tuples(
        st.integers(1, 3), st.sampled_from(["log", "amend", "delete", "snapshot"]), st.lists(_ENTRIES, max_size=4)
    ),
    max_size=30,
)


@given(_STEPS)
@settings(max_examples=150, deadline=None)
def test_any_story_ends_as_a_snapshot_of_its_end(steps: list[tuple[int, str, list[Entry]]]) -> None:
    """The oracle is a dictionary: what is in it at the end is what a new watch's snapshot would hold."""
    patients = {number: patient(number) for number in (1, 2, 3)}
    board = board_of(*patients.values())
    truth: dict[int, dict[str, Entry]] = {number: {} for number in patients}
    for one in patients.values():
        told(board, snapshot(one))
    for number, step, entries in steps:
        one, diary = patients[number], truth[number]
        for entry in entries:
            known = diary.get(entry.entry_id)
            if step == "log" and known is None:
                diary[entry.entry_id] = entry
                told(board, logged(one, entry))
            elif step == "amend" and known is not None:
                diary[entry.entry_id] = entry
                told(board, amended(one, entry, known))
            elif step == "delete" and known is not None:
                told(board, deleted(one, diary.pop(entry.entry_id)))
        if step == "snapshot":
            told(board, _snapshot(one, diary))
        for patient_id in list(board.unsure):  # the platform is asked, and answers
            row = board.rows[patient_id]
            latest = max(diary.values(), key=_place, default=None)
            assert board.learn(patient_id, latest, row.version, ns(NOW)) is row
            board.settle(row, ns(NOW))
    fresh = board_of(*patients.values())
    for number, one in patients.items():
        told(fresh, _snapshot(one, truth[number]))
        _same(board, fresh, one.patient_id)
    assert board.counts == fresh.counts


def _snapshot(of: Any, diary: dict[str, Entry]) -> Any:
    ordered = sorted(diary.values(), key=_place)
    return snapshot(of, *ordered, latest=ordered[-1] if ordered else None)


def _place(entry: Entry) -> tuple[int, str]:
    return entry.time.ToNanoseconds(), entry.entry_id


def _same(board: Board, fresh: Board, patient_id: str) -> None:
    assert picture(board, board.rows[patient_id]) == picture(fresh, fresh.rows[patient_id])
