"""The laws of the evaluation, without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glycemia.units import Bound, Unit
from services.glucose.domain.alerts.evaluate import Evaluation, Situation, evaluate
from services.glucose.domain.alerts.judge import Judge
from services.glucose.domain.alerts.model import Carer, Reading, RecipientKind, Resolution, Rule
from services.glucose.domain.alerts.pace import Pace
from services.glucose.domain.alerts.rules import DEFAULTS, QuietHours, SnoozeLengthError, require_snooze
from services.glucose.domain.alerts.tell import acknowledged, held, met, with_recipient
from services.glucose.domain.alerts.thresholds import Threshold

NOW = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
PATIENT = UUID(int=1)
PACE = Pace()
CARERS = [Carer(UUID(int=2), RecipientKind.FOLLOWER), Carer(UUID(int=3), RecipientKind.CLINICIAN)]


def reading(minutes: float, value: float, device: str = "sensor", *, fingerstick: bool = False) -> Reading:
    time = NOW + timedelta(minutes=minutes)
    return Reading(time, uuid5(PATIENT, f"{time}{device}"), device, fingerstick, value, Unit.MG_PER_DL, value)


readings = st.lists(
    st.builds(
        reading,
        st.integers(-120, 5),
        st.integers(40, 400).map(float),
        st.sampled_from(["left", "right", "meter"]),
    ),
    max_size=40,
    unique_by=lambda found: (found.time, found.device),
).map(lambda found: sorted(one._replace(fingerstick=one.device == "meter") for one in found))


def kept(situation: Situation, evaluation: Evaluation) -> Situation:
    """What is stored after an evaluation."""
    alerts = {alert.alert_id: alert for alert in situation.alerts}
    alerts |= {alert.alert_id: alert for alert in evaluation.changed}
    by_id = {found.entry_id: found for found in situation.readings}
    active = [alert for alert in alerts.values() if alert.active]
    causes = {
        alert.alert_id: by_id[alert.cause_entry_id]
        for alert in active
        if alert.cause_entry_id is not None and alert.cause_entry_id in by_id
    }
    return replace(situation, alerts=active, causes=causes)


def run(found: Sequence[Reading], now: datetime = NOW) -> tuple[Situation, Evaluation]:
    situation = Situation(PATIENT, readings=list(found))
    return situation, evaluate(situation, CARERS, now, PACE)


@given(readings)
def test_a_second_look_at_the_same_changes_nothing(found: list[Reading]) -> None:
    situation, evaluation = run(found)
    again = evaluate(kept(situation, evaluation), CARERS, NOW, PACE)
    assert not again.changed
    assert not again.steps
    assert again.due_time == evaluation.due_time


@given(readings)
def test_one_active_alert_of_a_rule_and_none_that_a_more_urgent_one_covers(found: list[Reading]) -> None:
    _, evaluation = run(found)
    rules = [alert.rule for alert in evaluation.changed]
    assert len(rules) == len(set(rules))
    assert not {Rule.URGENT_LOW, Rule.LOW} <= set(rules)
    assert not {Rule.URGENT_HIGH, Rule.HIGH} <= set(rules)


@given(readings, st.lists(st.integers(1, 30), max_size=6))
def test_every_alert_ends_when_nothing_comes_any_more(found: list[Reading], steps: list[int]) -> None:
    situation, evaluation = run(found)
    now, situation = NOW, kept(situation, evaluation)
    for minutes in [*steps, 26 * 60]:
        now += timedelta(minutes=minutes)
        situation = kept(situation, evaluate(situation, CARERS, now, PACE))
    assert not situation.alerts


@given(readings)
def test_what_is_due_lies_ahead(found: list[Reading]) -> None:
    _, evaluation = run(found)
    assert evaluation.due_time is None or evaluation.due_time > NOW


@given(
    st.lists(
        st.tuples(st.integers(0, 179), st.sampled_from([PATIENT, *(carer.account_id for carer in CARERS)])), max_size=6
    )
)
@settings(max_examples=25, deadline=None)
def test_an_acknowledgement_quiets_for_30_minutes_and_no_longer(answers: list[tuple[int, UUID]]) -> None:
    """Four hours of an urgent low, minute by minute: who is told, and who acknowledges when. The last hour everybody
    has been told, and is told again."""
    kinds = {PATIENT: RecipientKind.PATIENT, **{carer.account_id: carer.kind for carer in CARERS}}
    situation = Situation(PATIENT)
    last: dict[bool, int] = {}
    for minute in range(240):
        now = NOW + timedelta(minutes=minute)
        if minute % 5 == 0:
            situation = replace(situation, readings=[*situation.readings, reading(minute, 50)][-24:])
        evaluation = evaluate(situation, CARERS, now, PACE)
        situation = kept(situation, evaluation)
        (alert,) = [one for one in situation.alerts if one.rule is Rule.URGENT_LOW]
        for account in evaluation.told.get(alert.alert_id, ()):
            by_patient = last.get(True, -30)
            answered = by_patient if account == PATIENT else max(by_patient, last.get(False, -30))
            assert minute >= answered + 30, (minute, kinds[account])
        for account in (who for at, who in answers if at == minute):
            recipient = acknowledged(met(alert, account, kinds[account]), now)
            alert = held(with_recipient(alert, recipient), PACE)
            situation = replace(situation, alerts=[alert])
            last[account == PATIENT] = minute
    times = {recipient.account_id: recipient.tell_time for recipient in alert.recipients}
    assert all(time is not None and time > NOW + timedelta(minutes=230) for time in map(times.get, kinds))


@given(st.lists(st.integers(40, 400).map(float), min_size=1, max_size=24))
def test_the_pace_changes_no_verdict(values: list[float]) -> None:
    """The same day in time-lapse raises the same."""
    lapse = Pace(0.4)
    real = [reading(5.0 * (n - len(values) + 1), value) for n, value in enumerate(values)]
    lapsed = [one._replace(time=NOW + lapse.span((one.time - NOW).total_seconds() / 60)) for one in real]
    slow = Judge(real, DEFAULTS, NOW, PACE).verdict({}, {})
    quick = Judge(lapsed, DEFAULTS, NOW, lapse).verdict({}, {})
    assert {found.rule for found in slow.raised} == {found.rule for found in quick.raised}


@given(
    st.sampled_from([Threshold(55, low=True, included=True), Threshold(70, low=True), Threshold(180, low=False)]),
    st.one_of(
        st.tuples(st.just(Unit.MG_PER_DL), st.integers(20, 500).map(float)),
        st.tuples(st.just(Unit.MMOL_PER_L), st.integers(10, 300).map(lambda tenths: tenths / 10)),
    ),
)
def test_no_reading_is_beyond_and_back(edge: Threshold, measured: tuple[Unit, float]) -> None:
    unit, value = measured
    one = reading(0, value)._replace(unit=unit)
    assert not (edge.beyond(one) and edge.back(one))


@pytest.mark.parametrize("bound", [Bound.LOW, Bound.HIGH])
def test_a_bound_is_beyond_on_its_own_side(bound: Bound) -> None:
    one = reading(0, 100)._replace(bound=bound)
    assert Threshold(55, low=True).beyond(one) == (bound is Bound.LOW)
    assert Threshold(250, low=False).beyond(one) == (bound is Bound.HIGH)


def test_missing_data_that_a_worker_finds_late_is_urgent_at_once() -> None:
    """It was away for an hour."""
    _, evaluation = run([reading(-70, 110), reading(-65, 110)])
    (alert,) = evaluation.changed
    assert (alert.rule, alert.urgency.name) == (Rule.MISSING_DATA, "URGENT")
    assert evaluation.told == {alert.alert_id: [PATIENT]}


def test_a_trend_whose_reading_was_false_is_corrected() -> None:
    falling = [reading(minutes, 250.0 - max(0, minutes + 20) * 4) for minutes in range(-40, 1, 5)]
    situation, evaluation = run(falling)
    (alert,) = [found for found in evaluation.changed if found.rule is Rule.FALLING_FAST]
    situation = kept(situation, evaluation)
    steady = [one._replace(value=250.0, mg_per_dl=250.0) for one in falling]
    causes = {alert.alert_id: steady[-1]}
    corrected = evaluate(replace(situation, readings=steady, causes=causes), CARERS, NOW, PACE)
    assert [found.resolution for found in corrected.changed if found.alert_id == alert.alert_id] == [
        Resolution.CORRECTED
    ]


@pytest.mark.parametrize(
    ("wall_clock", "ends"),
    [
        ("2026-03-04T22:59", None),
        ("2026-03-04T23:00", "2026-03-05T07:00"),
        ("2026-03-05T06:59", "2026-03-05T07:00"),
        ("2026-03-05T07:00", None),
    ],
)
def test_quiet_hours_over_midnight(wall_clock: str, ends: str | None) -> None:
    hours = QuietHours(23 * 60, 7 * 60, "Asia/Shanghai")
    found = hours.end(datetime.fromisoformat(f"{wall_clock}+08:00"))
    assert found == (datetime.fromisoformat(f"{ends}+08:00") if ends else None)


def test_quiet_hours_in_a_night_that_loses_an_hour() -> None:
    """In Berlin the clock goes from 2:00 to 3:00 on 29 March 2026."""
    hours = QuietHours(23 * 60, 7 * 60, "Europe/Berlin")
    assert hours.end(datetime(2026, 3, 28, 22, 30, tzinfo=UTC)) == datetime(2026, 3, 29, 5, 0, tzinfo=UTC)


def test_quiet_hours_of_no_length_never_hold() -> None:
    assert QuietHours(60, 60, "Asia/Shanghai").end(NOW) is None


def test_a_snooze_has_the_lengths_of_its_rule() -> None:
    for minutes in 15, 30, 45, 60:
        require_snooze(Rule.LOW, minutes)
    for rule, minutes in (Rule.LOW, 20), (Rule.HIGH, 29), (Rule.RISING_FAST, 1):
        with pytest.raises(SnoozeLengthError):
            require_snooze(rule, minutes)
