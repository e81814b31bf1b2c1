"""What a view opens: the sum of its windows, however they are cut."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from apricot.access.v1.access_pb2 import SCOPE_DOSE_READ, SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, Scope
from hypothesis import given
from hypothesis import strategies as st

from kit.views import ALWAYS, EVERYTHING, NOTHING, View, Window

START = datetime(2026, 1, 1, tzinfo=UTC)
SCOPES = [SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, SCOPE_DOSE_READ]

instants = st.integers(0, 20).map(lambda days: START + timedelta(days=days))
ends = st.tuples(instants, instants).filter(lambda both: both[0] < both[1])
windows = st.builds(lambda scope, both: Window(scope, *both), st.sampled_from(SCOPES), st.one_of(ends, st.just(ALWAYS)))
views = st.frozensets(windows, max_size=6).map(View)


@given(views, st.sampled_from(SCOPES), instants)
def test_ranges_say_what_is_shown(view: View, scope: Scope.ValueType, instant: datetime) -> None:
    assert view.shows(scope, instant) == any(start <= instant < end for start, end in view.ranges(scope))
    assert view.allows(scope) == bool(view.ranges(scope))


@given(views, st.sampled_from(SCOPES))
def test_ranges_lie_apart_and_in_order(view: View, scope: Scope.ValueType) -> None:
    found = [instant for both in view.ranges(scope) for instant in both]
    assert all(one < next_ for one, next_ in pairwise(found))


@given(views, views, instants)
def test_two_views_that_show_the_same_are_equal_in_their_shortest_form(
    one: View, other: View, instant: datetime
) -> None:
    same = all(one.ranges(scope) == other.ranges(scope) for scope in SCOPES[:2])
    assert (one.only(SCOPES[:2]) == other.only(SCOPES[:2])) == same
    for scope in SCOPES:
        assert one.only(SCOPES[:2]).shows(scope, instant) == (scope in SCOPES[:2] and one.shows(scope, instant))


def test_the_patient_s_own_view_and_none() -> None:
    for scope in Scope.values():
        assert EVERYTHING.ranges(scope) == ([ALWAYS] if scope else [])
        assert not NOTHING.allows(scope)
