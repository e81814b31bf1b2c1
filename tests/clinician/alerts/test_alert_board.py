"""The newest known revision of each alert, however what tells of them crosses each other."""

import random
from datetime import timedelta

from apricot.glucose.v1 import alert_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from clients.clinician.models.alerts.board import Board
from clients.clinician.models.alerts.standing import is_active
from tests.clinician.alerts.made import BEGIN, alert, at

PATIENTS = ["p", "q"]


def test_an_old_change_never_overwrites_a_newer_one() -> None:
    board = Board()
    assert board.take(alert(revision=2, resolved=5))
    assert not board.take(alert(revision=1))
    assert not board.take(alert(revision=2))
    assert not board.active
    assert [found.revision for found in board.resolved] == [2]


def test_what_a_snapshot_does_not_have_has_ended_until_somebody_tells_otherwise() -> None:
    board = Board()
    board.take(alert(revision=3))
    assert [found.alert_id for found in board.end_others(alert().patient_id, [])] == ["a"]
    assert board.find("a") is None
    assert not board.take(alert(revision=2))
    assert board.take(alert(revision=4, resolved=5))
    assert [found.alert_id for found in board.resolved] == ["a"]


def test_a_snapshot_of_one_patient_ends_nothing_of_another() -> None:
    board = Board()
    board.take(alert("a", patient_id="p"))
    board.take(alert("b", patient_id="q"))
    board.end_others("p", [])
    assert [found.alert_id for found in board.active] == ["b"]


def test_what_was_resolved_long_ago_and_whose_patient_has_gone_is_forgotten() -> None:
    board = Board()
    board.take(alert("old", patient_id="p", resolved=1))
    board.take(alert("late", patient_id="p", resolved=90))
    board.take(alert("hers", patient_id="q"))
    assert board.keep(["p"], at(60))
    assert board.find("old") is None
    assert board.find("hers") is None
    assert board.find("late") is not None


class Platform:
    """Tells of alerts as the real one does: each change in order over the stream; answers and lists of any moment may
    come late; a snapshot is of the moment at which its watch begins."""

    def __init__(self) -> None:
        self.history: list[pb.Alert] = []
        self.now: dict[str, pb.Alert] = {}

    def change(self, rng: random.Random) -> pb.Alert:
        active = [found for found in self.now.values() if is_active(found)]
        minute = len(self.history)
        if not active or rng.random() < 0.4:
            changed = alert(f"alert-{len(self.now)}", patient_id=rng.choice(PATIENTS), raised=minute)
        else:
            before = rng.choice(active)
            changed = pb.Alert()
            changed.CopyFrom(before)
            changed.revision += 1
            if rng.random() < 0.4:
                changed.resolve_time.FromDatetime(at(minute))
        self.now[changed.alert_id] = changed
        self.history.append(changed)
        return changed

    def active(self, patient: str) -> list[pb.Alert]:
        return [found for found in self.now.values() if found.patient_id == patient and is_active(found)]


@given(st.randoms(use_true_random=False), st.integers(1, 80))
def test_any_sequence_of_tellings_ends_as_the_platform_has_it(rng: random.Random, steps: int) -> None:
    platform, board = Platform(), Board()
    is_cut = False
    for _ in range(steps):
        match rng.choice(["change", "change", "change", "late", "list", "cut", "mend"]):
            case "change":
                changed = platform.change(rng)
                if not is_cut:
                    board.take(changed)
            case "late" if platform.history:
                # An answer to a call, or a stream's replay, of some moment before. What has ended meanwhile may come
                # back so, and is put right by the list that its end in a snapshot has asked for.
                board.take(rng.choice(platform.history))
                for found in platform.now.values():
                    board.take(found)
            case "list":
                for found in platform.now.values():
                    board.take(found)
            case "cut":
                is_cut = True
            case "mend" if is_cut:
                is_cut = False
                for patient in PATIENTS:
                    active = platform.active(patient)
                    board.end_others(patient, active)
                    for found in active:
                        board.take(found)
            case _:
                pass
        if not is_cut:
            assert {found.alert_id: found.revision for found in board.active} == {
                found.alert_id: found.revision for found in platform.now.values() if is_active(found)
            }
        for found in [*board.active, *board.resolved]:
            assert found.revision <= platform.now[found.alert_id].revision
    board.keep(PATIENTS, BEGIN - timedelta(hours=1))
    for found in platform.now.values():
        board.take(found)
    assert {found.alert_id: found for found in [*board.active, *board.resolved]} == platform.now


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=60))
def test_revisions_never_go_back(tellings: list[tuple[str, int]]) -> None:
    board, newest = Board(), dict[str, int]()
    for alert_id, revision in tellings:
        taken = board.take(alert(alert_id, revision=revision))
        assert taken == (revision > newest.get(alert_id, 0))
        newest[alert_id] = max(newest.get(alert_id, 0), revision)
        found = board.find(alert_id)
        assert found is not None
        assert found.revision == newest[alert_id]
