"""How long a supply lasts: laws, the diary and the calendar, units, and days on which the clocks change."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulary.amounts import Amount
from services.pharmacy.domain.logged_doses import told_by_kind
from services.pharmacy.domain.supply import UNKNOWN, Basis, Lot, State, Taken, look_ahead, measured
from services.pharmacy.domain.waking import when_awake

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
"""Noon in Shanghai."""
TODAY = date(2026, 11, 24)
TABLET = Amount(Decimal(500), "mg")


def amount(value: object, unit: str = "mg") -> Amount:
    return Amount(Decimal(str(value)), unit)


def lot(days_ago: float, tablets: float, daily_tablets: float | None = 2) -> Lot:
    """Of tablets of 500 mg."""
    daily = None if daily_tablets is None else Decimal(str(daily_tablets)) * 500
    return Lot(NOW - timedelta(days=days_ago), amount(Decimal(str(tablets)) * 500), TABLET, daily)


def taken(days_ago: int, value: object, unit: str = "{tablet}") -> Taken:
    return Taken(TODAY - timedelta(days=days_ago), amount(value, unit))


def days_left(*lots: Lot, logged: list[Taken] | None = None) -> float:
    outlook = look_ahead(lots, logged or [], NOW, SHANGHAI)
    assert outlook.run_out_time is not None
    return (outlook.run_out_time - NOW) / timedelta(days=1)


def test_without_a_diary_the_calendar_tells() -> None:
    outlook = look_ahead([lot(10, 60)], [], NOW, SHANGHAI)
    assert outlook.basis is Basis.ASSUMED
    assert outlook.run_out_time == NOW + timedelta(days=20)
    assert outlook.state(NOW) is State.ENOUGH


def test_where_doses_are_logged_they_tell() -> None:
    """Of 60 tablets 12 were taken in ten days: 48 last for 24 days."""
    logged = [taken(day, "1.2") for day in range(1, 11)]
    outlook = look_ahead([lot(10, 60)], logged, NOW, SHANGHAI)
    assert outlook.basis is Basis.MEASURED
    assert outlook.run_out_time == NOW + timedelta(days=24)


def test_before_the_patient_began_to_log_the_calendar_tells() -> None:
    """Delivered ten days ago at noon; logged since the midnight of six days ago: 3.5 days by the calendar."""
    logged = [taken(day, 1) for day in range(6, -1, -1)]
    assert days_left(lot(10, 60), logged=logged) == pytest.approx((60 - 3.5 * 2 - 7) / 2)


def test_who_has_stopped_logging_is_told_by_the_calendar() -> None:
    outlook = look_ahead([lot(40, 60)], [taken(day, 1) for day in range(14, 40)], NOW, SHANGHAI)
    assert outlook.basis is Basis.ASSUMED
    assert outlook.state(NOW) is State.RAN_OUT
    assert not outlook.fell_behind


@pytest.mark.parametrize(
    ("value", "unit"), [(1000, "mg"), (1, "g"), (1_000_000, "ug"), (2, "{tablet}"), (2, "{capsule}")]
)
def test_each_unit_that_can_be_compared_says_the_same(value: int, unit: str) -> None:
    assert days_left(lot(3, 60), logged=[taken(1, value, unit), taken(2, value, unit), taken(3, value, unit)]) == 27


def test_what_cannot_be_compared_is_unknown_and_not_guessed() -> None:
    drops = Lot(NOW, amount(5, "mL"), None, None)
    assert look_ahead([drops], [], NOW, SHANGHAI) == UNKNOWN
    assert UNKNOWN.state(NOW) is State.UNKNOWN
    other_unit = Lot(NOW - timedelta(days=1), amount(30, "{tablet}"), None, Decimal(1))
    assert look_ahead([other_unit, lot(0, 60)], [], NOW, SHANGHAI) == UNKNOWN
    assert look_ahead([lot(1, 60, None)], [taken(0, 1)], NOW, SHANGHAI) == UNKNOWN
    assert look_ahead([], [], NOW, SHANGHAI) == UNKNOWN


def test_doses_in_another_unit_measure_nothing() -> None:
    outlook = look_ahead([lot(5, 60)], [taken(1, 2), taken(0, 10, "mL")], NOW, SHANGHAI)
    assert outlook.basis is Basis.ASSUMED
    assert outlook.run_out_time == NOW + timedelta(days=25)


def test_insulin_pens_by_international_units() -> None:
    """Two packs of five pens of 3 mL at 100 units a mL, 20 units a day: 18 were logged on each of three days."""
    per_ml = amount(100, "[iU]/mL")
    held = measured(amount(2 * 5 * 3, "mL"), per_ml)
    assert held == amount(3000, "[iU]")
    lots = [Lot(NOW - timedelta(days=2), held, per_ml, Decimal(20))]
    logged = [taken(day, 18, "[iU]") for day in range(3)]
    outlook = look_ahead(lots, logged, NOW, SHANGHAI)
    assert outlook.basis is Basis.MEASURED
    assert outlook.run_out_time == NOW + timedelta(days=(3000 - 54) / 20)


def test_deliveries_add_up_but_what_was_missing_between_them_is_no_debt() -> None:
    assert days_left(lot(10, 30), lot(5, 60)) == 35  # 10 tablets were left, and 60 came; 10 were taken since
    assert days_left(lot(40, 30), lot(5, 60)) == 25  # for weeks there was none


def test_a_new_dose_counts_from_its_delivery_on() -> None:
    assert days_left(lot(10, 30, 2), lot(5, 60, 4)) == (30 - 10 + 60 - 20) / 4
    assert days_left(lot(10, 30, 2), lot(5, 60, None)) == (30 + 60 - 20) / 2


@pytest.mark.parametrize(("percent", "behind"), [(79, True), (80, False), (100, False), (0, False)])
def test_fewer_than_four_fifths_in_a_fortnight_have_fallen_behind(percent: int, behind: bool) -> None:
    """Who logs none at all does not log: nobody knows what he takes."""
    logged = [taken(day, Decimal(2 * percent) / 100) for day in range(1, 20) if percent]
    assert look_ahead([lot(20, 90)], logged, NOW, SHANGHAI).fell_behind is behind


def test_who_stopped_three_days_ago_has_fallen_behind() -> None:
    logged = [taken(day, 2) for day in range(4, 20)]
    assert look_ahead([lot(20, 90)], logged, NOW, SHANGHAI).fell_behind
    assert not look_ahead([lot(20, 90)], [taken(3, 2), *logged], NOW, SHANGHAI).fell_behind


def test_who_has_not_logged_for_a_fortnight_yet_is_not_judged() -> None:
    assert not look_ahead([lot(20, 90)], [taken(day, "0.5") for day in range(14)], NOW, SHANGHAI).fell_behind
    assert look_ahead([lot(20, 90)], [taken(day, "0.5") for day in range(15)], NOW, SHANGHAI).fell_behind


def test_a_day_is_the_patient_s_also_when_the_clocks_change() -> None:
    """The first of November 2026 has 25 hours in New York. Delivered at its beginning: its doses are of it."""
    delivered = datetime(2026, 11, 1, 4, tzinfo=UTC)  # midnight there
    now = datetime(2026, 11, 2, 5, tzinfo=UTC)  # the next midnight
    of_the_day = [Taken(date(2026, 11, 1), amount(2, "{tablet}"))]
    outlook = look_ahead([Lot(delivered, amount(5000), TABLET, Decimal(1000))], of_the_day, now, NEW_YORK)
    assert outlook.run_out_time == now + timedelta(days=4)
    day_before = [Taken(date(2026, 10, 31), amount(2, "{tablet}")), *of_the_day]
    assert look_ahead([Lot(delivered, amount(5000), TABLET, Decimal(1000))], day_before, now, NEW_YORK) == outlook


@pytest.mark.parametrize(
    ("local", "awake"),
    [
        ("2026-11-24 07:59", "2026-11-24 08:00"),
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-11-24 20:59", "2026-11-24 20:59"),
        ("2026-11-24 21:00", "2026-11-25 08:00"),
        ("2026-11-24 00:00", "2026-11-24 08:00"),
        ("2026-03-07 23:00", "2026-03-08 08:00"),  # eight hours later: the clocks are set forward
        ("2026-10-31 23:00", "2026-11-01 08:00"),  # ten hours later: they are set back
    ],
)
@pytest.mark.parametrize("zone", [SHANGHAI, NEW_YORK])
def test_nothing_rings_at_night(local: str, awake: str, zone: ZoneInfo) -> None:
    instant = datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)
    assert when_awake(instant, zone) == datetime.fromisoformat(awake).replace(tzinfo=zone)


def test_insulins_are_told_by_how_they_act_where_that_tells_them_apart() -> None:
    assert told_by_kind("A10AE04", ["A10AE04", "A10AB05"]) == 4
    assert told_by_kind("A10AE04", ["A10AE04", "A10AE06"]) == 0
    assert told_by_kind("A10BA02", []) == 0


LOTS = st.lists(
    st.builds(
        lot,
        st.floats(0, 300, allow_nan=False),
        st.integers(0, 400),
        st.sampled_from([1, 2, 3.5]),
    ),
    min_size=1,
    max_size=5,
).map(lambda lots: sorted(lots, key=lambda one: one.time))
DIARY = st.lists(st.builds(taken, st.integers(0, 200), st.decimals(0, 10, places=1)), max_size=30)
EXTRA = st.decimals(0, 1000, places=1)


@given(LOTS, DIARY)
def test_never_negative_and_never_without_its_reason(lots: list[Lot], diary: list[Taken]) -> None:
    outlook = look_ahead(lots, diary, NOW, SHANGHAI)
    assert outlook.run_out_time is not None
    assert outlook.run_out_time >= NOW
    assert outlook.basis is not None
    assert outlook.basis is Basis.MEASURED or not outlook.fell_behind


@given(LOTS, DIARY, st.integers(0, 4), EXTRA)
def test_more_dispensed_never_lasts_less_long(lots: list[Lot], diary: list[Taken], which: int, extra: Decimal) -> None:
    place = which % len(lots)
    old = lots[place]
    more = Lot(old.time, amount(old.amount.value + extra), old.strength, old.daily)
    assert days_left(*lots[:place], more, *lots[place + 1 :], logged=diary) >= days_left(*lots, logged=diary)


@given(LOTS, DIARY.filter(bool), st.integers(0, 29), EXTRA)
def test_more_logged_never_lasts_longer(lots: list[Lot], diary: list[Taken], which: int, extra: Decimal) -> None:
    """On a day on which something was logged; what begins or ends the diary changes what is known."""
    place = which % len(diary)
    old = diary[place]
    more = [*diary, Taken(old.local_date, amount(extra, "{tablet}"))]
    assert days_left(*lots, logged=more) <= days_left(*lots, logged=diary)


@given(LOTS, st.floats(0, 100, allow_nan=False))
def test_by_the_calendar_time_brings_the_end_nearer(lots: list[Lot], later: float) -> None:
    now, then = look_ahead(lots, [], NOW, SHANGHAI), look_ahead(lots, [], NOW + timedelta(days=later), SHANGHAI)
    assert now.run_out_time is not None
    assert then.run_out_time is not None
    assert then.run_out_time - (NOW + timedelta(days=later)) <= now.run_out_time - NOW + timedelta(seconds=1)
