"""The rules for couriers, without a database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pharmacy.domain import cold_chain, handing_over
from services.pharmacy.domain.geography import Position, about, degrees_north, distance_metres, is_on_earth
from services.pharmacy.domain.jobs import TRANSITIONS, Act, State, WrongStateError, after
from services.pharmacy.domain.offers import LARGEST_RADIUS_METRES, RATINGS, Standing, is_offered, radius_metres
from services.pharmacy.domain.positions import Pace
from services.pharmacy.rpc.hand_over import HandOver

NOW = datetime(2026, 11, 24, tzinfo=UTC)
WAITS = st.timedeltas(timedelta(0), timedelta(days=2))
PLACES = st.builds(Position, st.floats(-90, 90), st.floats(-180, 180))
STARS = st.lists(st.integers(1, 5), max_size=RATINGS)


@given(WAITS, WAITS, st.integers(0, 20_000), STARS, st.booleans(), st.booleans())
def test_offers_only_widen(
    one: timedelta, other: timedelta, distance: int, stars: list[int], cold_chain: bool, has_cold_box: bool
) -> None:
    """Who is offered a job is offered it still later; who is nearer is too."""
    sooner, later = sorted([one, other])
    standing = Standing.of(stars)

    def offered(waited: timedelta, metres: int, box: bool) -> bool:
        return is_offered(waited, metres, standing, cold_chain=cold_chain, has_cold_box=box)

    if offered(sooner, distance, has_cold_box):
        assert offered(later, distance, has_cold_box)
        assert offered(sooner, distance // 2, has_cold_box)
        assert offered(sooner, distance, True)
    assert radius_metres(sooner) <= radius_metres(later) <= LARGEST_RADIUS_METRES


@pytest.mark.parametrize(
    ("minutes", "metres"), [(0, 3000), (4.99, 3000), (5, 6000), (9.99, 6000), (10, 12_000), (600, 12_000)]
)
def test_radii(minutes: float, metres: int) -> None:
    assert radius_metres(timedelta(minutes=minutes)) == metres


@pytest.mark.parametrize(
    ("stars", "low"),
    [([], False), ([1] * 19, False), ([1] * 20, True), ([4] * 20, False), ([4] * 19 + [3], True), ([5] * 20, False)],
)
def test_low_ratings(stars: list[int], low: bool) -> None:
    standing = Standing.of(stars)
    assert standing.is_low == low
    assert standing.most_jobs == (1 if low else 3)
    assert is_offered(timedelta(0), 0, standing, cold_chain=False, has_cold_box=False) == (not low)
    assert is_offered(timedelta(minutes=10), 0, standing, cold_chain=False, has_cold_box=False)


@given(PLACES, PLACES)
def test_distances(one: Position, other: Position) -> None:
    metres = distance_metres(one, other)
    assert metres == distance_metres(other, one)
    assert 0 <= metres <= 20_015_200
    assert distance_metres(one, one) == 0
    if abs(one.latitude - other.latitude) > degrees_north(LARGEST_RADIUS_METRES):  # what a query leaves out
        assert metres > LARGEST_RADIUS_METRES


def test_known_distances() -> None:
    beijing, shanghai = Position(39.9042, 116.4074), Position(31.2304, 121.4737)
    assert distance_metres(beijing, shanghai) == pytest.approx(1_067_000, rel=0.002)
    assert distance_metres(Position(0, 179.9), Position(0, -179.9)) == pytest.approx(22_239, abs=2)


@given(PLACES, st.floats(-0.004, 0.004), st.floats(-0.004, 0.004))
def test_an_area_tells_no_place(place: Position, north: float, east: float) -> None:
    area = about(place)
    assert abs(area.latitude - place.latitude) <= 0.0051
    assert abs(area.longitude - place.longitude) <= 0.0051
    assert about(Position(area.latitude + north, area.longitude + east)) == area


@pytest.mark.parametrize(
    "place", [Position(90.1, 0), Position(0, -180.1), Position(float("nan"), 0), Position(0, float("inf"))]
)
def test_nowhere_on_earth(place: Position) -> None:
    assert not is_on_earth(place)
    assert is_on_earth(Position(-90, 180))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_jobs_move_as_the_table_says(state: State, act: Act) -> None:
    if (state, act) in TRANSITIONS:
        assert state.is_open
        assert after(state, act) == TRANSITIONS[state, act]
    else:
        with pytest.raises(WrongStateError):
            after(state, act)


@pytest.mark.parametrize(("celsius", "broken"), [(1.9, True), (2, False), (8, False), (8.1, True), (-20, True)])
def test_what_breaks_the_cold_chain(celsius: float, broken: bool) -> None:
    assert cold_chain.breaks(celsius) == broken


@given(st.lists(st.timedeltas(timedelta(0), timedelta(minutes=3)), max_size=60))
def test_codes_are_tried_five_times_in_ten_minutes(pauses: list[timedelta]) -> None:
    now, tries, locked_until, tried = NOW, 0, None, list[datetime]()
    for pause in pauses:
        now += pause
        if not handing_over.locked_for(locked_until, now):
            tries, locked_until = handing_over.after_wrong(tries, now)
            tried.append(now)
    for first, sixth in zip(tried[::5], tried[5::5], strict=False):
        assert sixth - first >= timedelta(minutes=10)


@given(st.uuids())
def test_codes(order: UUID) -> None:
    codes = HandOver("one secret of ours")
    assert len(codes.code(order)) == 6
    assert codes.code(order).isdecimal()
    assert codes.is_right(order, codes.code(order))
    assert not codes.is_right(order, f"{(int(codes.code(order)) + 1) % 10**6:06}")


def test_codes_differ_by_order_and_by_secret() -> None:
    orders = [uuid4() for _ in range(100)]
    ours, others = HandOver("one secret of ours"), HandOver("another secret")
    assert len({ours.code(order) for order in orders}) > 95
    assert sum(ours.code(order) == others.code(order) for order in orders) < 3


@given(
    st.lists(
        st.tuples(
            st.timedeltas(timedelta(0), timedelta(seconds=3)),
            st.timedeltas(-timedelta(minutes=9), timedelta(minutes=9)),
        )
    )
)
def test_of_places_one_a_second_is_kept_and_none_from_the_past(
    arrivals: list[tuple[timedelta, timedelta]],
) -> None:
    pace, now, kept = Pace(), NOW, list[tuple[datetime, datetime]]()
    for pause, skew in arrivals:
        now += pause
        if pace.takes(now + skew, now):
            assert -timedelta(minutes=5) <= skew <= timedelta(minutes=1)
            kept.append((now + skew, now))
    assert [time for time, _ in kept] == sorted({time for time, _ in kept})
    for first in range(len(kept)):
        for last in range(first + 1, len(kept)):
            assert kept[last][1] - kept[first][1] >= timedelta(seconds=last - first - 0.5)


def test_a_steady_second_is_kept_though_networks_jitter() -> None:
    pace = Pace()
    assert all(pace.takes(NOW + timedelta(seconds=n), NOW + timedelta(seconds=n + (-1) ** n * 0.2)) for n in range(60))
