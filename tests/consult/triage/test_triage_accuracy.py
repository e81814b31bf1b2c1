"""How well the triage answers the labelled complaints. The figures are in `docs/triage.md`."""

from collections import Counter

from services.consult.store.departments import departments
from tests.consult.triage.evaluate import PAGE, page
from tests.consult.triage.labelled import cases, figures


def test_the_labels_are_what_they_say() -> None:
    everything = list(cases())
    kinds = Counter(case.kind for case in everything)
    assert len(everything) >= 250
    assert kinds["emergency"] >= 60
    assert kinds["look_alike"] >= 60
    assert len({case.complaint.text for case in everything}) == len(everything)
    for case in everything:
        assert case.accepted <= departments().keys(), case
        assert case.emergency == (case.kind == "emergency")


def test_development_floors() -> None:
    found = figures("development")
    assert found.sensitivity >= 0.98
    assert found.specificity >= 0.97
    assert found.top_1 >= 0.93
    assert found.top_3 >= 0.95


def test_held_out_floors() -> None:
    """What was measured, not what is wished for: 0.95 is the goal for emergencies. See `docs/triage.md`."""
    found = figures("held_out")
    assert found.sensitivity >= 0.91
    assert found.specificity >= 0.98
    assert found.top_1 >= 0.9
    assert found.top_3 >= 0.9


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tests.consult.triage.evaluate`"
