"""Figures from counts, needs, order, and whole days: no database."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import mean, stdev
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.views import BEGINNING, END
from services.glucose.domain.cohort import Days, Need, Standing, Totals, days_inside
from services.glucose.domain.entries import CLOCK_TOLERANCE

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
SHANGHAI, ST_JOHNS = 480, -210
DAY = 24 * 60


def of(**counts: int) -> Totals:
    """Counts by band, of a sensor that covers everything."""
    return Totals(**{f"{band}_count": count for band, count in counts.items()}, covered_minutes=14 * DAY)


NO_READINGS = Totals()


def standing(totals: Totals = NO_READINGS, **more: object) -> Standing:
    return Standing(uuid4(), totals, expected_minutes=14 * DAY, **more)  # type: ignore[arg-type]


def test_gri_weighs_the_bands() -> None:
    totals = of(very_low=1, low=2, in_range=80, high=12, very_high=5)
    assert totals.gri == pytest.approx(3.0 * 1 + 2.4 * 2 + 1.6 * 5 + 0.8 * 12)
    assert of(very_low=99, in_range=1).gri == 100
    assert of(in_range=1).gri == 0


@given(st.lists(st.floats(10, 1000, width=32), min_size=2, max_size=300))
def test_mean_and_cv_come_from_sums(values: list[float]) -> None:
    totals = Totals(in_range_count=len(values), sum_mg_per_dl=sum(values), sum_of_squares=sum(v * v for v in values))
    assert totals.mean_mg_per_dl == pytest.approx(mean(values))
    assert totals.cv_percent == pytest.approx(100 * stdev(values) / mean(values), abs=1e-4)


def test_one_reading_has_no_spread() -> None:
    assert Totals(in_range_count=1, sum_mg_per_dl=100, sum_of_squares=10_000).cv_percent is None
    assert Totals().cv_percent is None


@pytest.mark.parametrize(
    ("patient", "needs"),
    [
        (standing(of(in_range=100)), ()),
        (standing(of(very_low=1, in_range=99)), (Need.VERY_LOW,)),
        (standing(of(very_low=1, in_range=100)), ()),
        (standing(of(low=4, in_range=96)), (Need.LOW,)),
        (standing(of(low=39, in_range=961)), ()),
        (standing(of(very_low=2, low=2, in_range=96)), (Need.VERY_LOW, Need.LOW)),
        (standing(of(in_range=70, high=30)), ()),
        (standing(of(in_range=69, high=31)), (Need.OUT_OF_RANGE,)),
        (standing(of(in_range=60, very_high=40)), (Need.HIGH_RISK, Need.OUT_OF_RANGE)),
        (standing(of(in_range=62, very_high=37, high=1)), (Need.OUT_OF_RANGE,)),  # exactly 60
        (standing(), (Need.MISSING_DATA,)),
        (standing(of(in_range=9), silent=True), (Need.MISSING_DATA,)),
        (standing(Totals(in_range_count=9, covered_minutes=14 * DAY * 7 // 10)), ()),
        (standing(Totals(in_range_count=9, covered_minutes=14 * DAY * 7 // 10 - 5)), (Need.MISSING_DATA,)),
        (standing(Totals(in_range_count=9)), ()),  # fingersticks: of them none is expected
        (Standing(uuid4()), ()),  # nothing may be seen, so nothing is claimed
        (standing(of(in_range=9), alerts_count=1, urgent_alerts_count=1), (Need.URGENT_ALERT,)),
        (standing(of(in_range=9), alerts_count=2, urgent_alerts_count=1), (Need.URGENT_ALERT, Need.ALERT)),
        (standing(of(in_range=9), alerts_count=1), (Need.ALERT,)),
        (standing(of(in_range=9), without_contact=True), (Need.NO_CONTACT,)),
    ],
)
def test_needs(patient: Standing, needs: tuple[Need, ...]) -> None:
    assert patient.needs == needs


def test_the_neediest_come_first() -> None:
    """The strongest need in which two differ decides, whatever stands behind it; then the risk; then the id."""
    in_order = [
        standing(of(in_range=9), alerts_count=1, urgent_alerts_count=1),
        standing(of(very_low=5, low=5, in_range=10), without_contact=True),
        standing(of(very_low=4, low=5, in_range=10)),
        standing(of(very_low=2, in_range=98), silent=True, without_contact=True, alerts_count=3),
        standing(of(low=10, in_range=90)),
        standing(of(in_range=40, very_high=60)),
        standing(of(in_range=60, high=40)),
        standing(),
        standing(of(in_range=9), alerts_count=5),
        standing(of(in_range=9), without_contact=True),
        standing(of(in_range=90, high=10)),
        standing(of(in_range=95, high=5)),
    ]
    assert all(before.rank_key < after.rank_key for before, after in pairwise(in_order))
    twins = [Standing(UUID(int=n), of(in_range=9)) for n in (1, 2)]
    assert twins[0].rank_key < twins[1].rank_key


def test_all_days_of_an_open_view_up_to_now() -> None:
    """At 12:00 in Shanghai, 00:30 in St John's."""
    assert days_inside(BEGINNING, END, SHANGHAI, 14, NOW) == Days(
        date(2026, 11, 11), date(2026, 11, 24), 13 * DAY + 12 * 60
    )
    assert days_inside(BEGINNING, END, ST_JOHNS, 1, NOW) == Days(date(2026, 11, 24), date(2026, 11, 24), 30)


@pytest.mark.parametrize(
    ("start_hours_ago", "end_hours_ago", "days"),
    [
        (36, 12, Days(date(2026, 11, 23), date(2026, 11, 23), DAY)),  # exactly yesterday
        (36 - 0.001, 12, None),
        (36, 12 + 0.001, None),
        (37, 11, Days(date(2026, 11, 23), date(2026, 11, 23), DAY)),
        (60, 0, Days(date(2026, 11, 22), date(2026, 11, 23), 2 * DAY)),  # today's readings may go on behind its end
        (60, -1, Days(date(2026, 11, 22), date(2026, 11, 24), 2 * DAY + 12 * 60)),
        (24 * 30, 24 * 20, None),  # before the days asked for
        (-24, -48, None),
    ],
)
def test_only_whole_days_of_a_narrow_view(start_hours_ago: float, end_hours_ago: float, days: Days | None) -> None:
    start, end = NOW - timedelta(hours=start_hours_ago), NOW - timedelta(hours=end_hours_ago)
    assert days_inside(start, end, SHANGHAI, 14, NOW) == days


@given(
    st.integers(-5 * DAY, 40 * DAY),
    st.integers(0, 40 * DAY),
    st.integers(-12 * 60, 14 * 60),
    st.integers(1, 90),
)
def test_no_day_reaches_beyond_its_view(minutes_ago: int, minutes: int, offset: int, last_days: int) -> None:
    begin = NOW - timedelta(minutes=minutes_ago)
    end = begin + timedelta(minutes=minutes)
    days = days_inside(begin, end, offset, last_days, NOW)
    if days is not None:
        behind = datetime.combine(days.last + timedelta(days=1), datetime.min.time(), UTC) - timedelta(minutes=offset)
        first = datetime.combine(days.first, datetime.min.time(), UTC) - timedelta(minutes=offset)
        assert begin <= first
        assert min(behind, NOW + CLOCK_TOLERANCE) <= end
        assert 0 <= days.minutes <= last_days * DAY
        assert (days.last - days.first).days < last_days
