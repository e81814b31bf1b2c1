"""Who has an alert, whom it presses, what may be done about it."""

from datetime import timedelta

import pytest
from apricot.glucose.v1 import alert_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from clients.clinician.models.alerts.alert_rows import Choice, is_chosen
from clients.clinician.models.alerts.platform_time import PlatformTime
from clients.clinician.models.alerts.standing import (
    Who,
    escalation_left,
    keeper,
    must_be_shown,
    need,
    snooze_choices,
    snoozed_until,
    who,
)
from services.glucose.domain.alerts.model import Rule
from services.glucose.domain.alerts.rules import require_snooze
from tests.clinician.alerts.made import BEGIN, COLLEAGUE, ME, MOTHER, PATIENT, alert, at, recipient


@pytest.mark.parametrize(
    ("account", "expected"),
    [(ME, Who.YOU), (PATIENT, Who.PATIENT), (MOTHER, Who.FAMILY), (COLLEAGUE, Who.CLINIC)],
)
def test_recipients_have_names(account: str, expected: Who) -> None:
    assert who(recipient(account), ME) is expected


def test_the_first_to_acknowledge_has_it() -> None:
    found = keeper(alert(recipients=(recipient(PATIENT), recipient(acknowledged=5), recipient(MOTHER, acknowledged=3))))
    assert found is not None
    assert found.account_id == MOTHER


def test_who_is_asked_again_after_half_an_hour_has_it_no_more() -> None:
    asked = alert(recipients=(recipient(MOTHER, acknowledged=3, told=33),))
    assert keeper(asked) is None
    assert must_be_shown(asked)
    again = alert(recipients=(recipient(MOTHER, acknowledged=35, told=33),))
    assert keeper(again) is not None


def test_a_snooze_ends_by_itself() -> None:
    assert snoozed_until(recipient(snoozed_to=10), at(9)) == at(10)
    assert snoozed_until(recipient(snoozed_to=10), at(10)) is None
    assert snoozed_until(recipient(), at(0)) is None


def test_the_most_pressing_is_the_first() -> None:
    warning = pb.ALERT_URGENCY_WARNING
    alerts = [
        alert("urgent low", raised=9),
        alert("missing, urgent", rule=pb.ALERT_RULE_MISSING_DATA, raised=1),
        alert("snoozed", raised=1, recipients=(recipient(snoozed_to=60),)),
        alert("low", rule=pb.ALERT_RULE_LOW, urgency=warning, raised=5),
        alert("high, older", rule=pb.ALERT_RULE_HIGH, urgency=warning, raised=1),
        alert("high, newer", rule=pb.ALERT_RULE_HIGH, urgency=warning, raised=2),
        alert("somebody has it", raised=0, recipients=(recipient(MOTHER, acknowledged=1),)),
    ]
    names = [found.alert_id for found in alerts]
    mixed = [*reversed(alerts)]
    assert [found.alert_id for found in sorted(mixed, key=lambda one: need(one, ME, at(20)))] == names


def test_the_countdown_is_whole_at_first_and_nothing_at_last() -> None:
    waiting = alert(recipients=(recipient(PATIENT, raised=0), recipient(MOTHER, raised=10)))
    waiting.escalate_time.FromDatetime(at(30))
    assert escalation_left(waiting, at(10)) == 1
    assert escalation_left(waiting, at(25)) == pytest.approx(0.25)
    assert escalation_left(waiting, at(30)) == 0
    assert escalation_left(waiting, at(99)) == 0


@pytest.mark.parametrize("rule", list(Rule))
def test_the_platform_allows_every_choice_of_a_snooze(rule: Rule) -> None:
    choices = snooze_choices(pb.AlertRule.Value(f"ALERT_RULE_{rule.name}"))
    assert choices
    for minutes in choices:
        require_snooze(rule, minutes)


rules = st.sampled_from([rule for rule in pb.AlertRule.values() if rule])
minutes = st.one_of(st.none(), st.integers(0, 60))
recipients = st.builds(
    recipient,
    st.sampled_from([ME, PATIENT, MOTHER, COLLEAGUE]),
    acknowledged=minutes,
    told=minutes,
    snoozed_to=minutes,
)


@given(rules, st.lists(recipients, max_size=4), st.sampled_from(Choice))
def test_no_choice_hides_an_urgent_low_that_nobody_has(
    rule: pb.AlertRule.ValueType, recipients: list[pb.AlertRecipient], choice: Choice
) -> None:
    found = alert(rule=rule, recipients=tuple(recipients))
    if rule == pb.ALERT_RULE_URGENT_LOW and keeper(found) is None:
        assert is_chosen(found, choice, ME)
    assert is_chosen(found, Choice.ALL, ME)


def test_choices_show_what_they_say() -> None:
    urgent, warning = pb.ALERT_URGENCY_URGENT, pb.ALERT_URGENCY_WARNING
    mine = alert(rule=pb.ALERT_RULE_HIGH, urgency=warning, recipients=(recipient(acknowledged=2),))
    other = alert(rule=pb.ALERT_RULE_URGENT_HIGH, urgency=urgent)
    over = alert(rule=pb.ALERT_RULE_URGENT_HIGH, urgency=urgent, resolved=3)
    shown = {choice: [is_chosen(found, choice, ME) for found in (mine, other, over)] for choice in Choice}
    assert shown == {
        Choice.ALL: [True, True, True],
        Choice.URGENT: [False, True, True],
        Choice.NOBODY_HAS: [False, True, False],
        Choice.MINE: [True, False, False],
    }


@given(st.integers(-86_400, 86_400), st.lists(st.floats(0.2, 2), min_size=1, max_size=30))
def test_a_wrong_clock_here_moves_no_countdown(wrong_by: int, lags: list[float]) -> None:
    """Each heartbeat is heard a little late; the least late one counts."""
    time, offset = PlatformTime(), timedelta(seconds=wrong_by)
    for count, lag in enumerate(lags):
        told = BEGIN + timedelta(seconds=5 * count)
        time.hear(told, told + timedelta(seconds=lag) + offset)
    true = BEGIN + timedelta(hours=1)
    assert true - timedelta(seconds=2) <= time.at(true + offset) <= true
    assert time.at(true + offset) == true - timedelta(seconds=min(lags[-12:]))


def test_before_any_heartbeat_this_machine_s_clock_counts() -> None:
    time = PlatformTime()
    time.hear(None, BEGIN)
    assert time.at(BEGIN) == BEGIN
