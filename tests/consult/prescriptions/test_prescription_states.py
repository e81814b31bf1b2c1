"""The life of a prescription, by its table and by the clock."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from apricot.consult.v1.prescription_pb2 import PrescriptionState

from services.consult.domain.prescriptions import (
    TRANSITIONS,
    Act,
    State,
    WrongStateError,
    after,
    course_end,
    expires,
    standing,
    supply_days,
)

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize(("state", "act"), list(product(State, Act)), ids=lambda value: value.name)
def test_only_what_may_still_be_handed_out_goes_anywhere(state: State, act: Act) -> None:
    if (state, act) in ((State.DISPENSED, Act.REJECT), (State.REJECTED, Act.REPLACE), (State.REJECTED, Act.REVOKE)):
        assert after(state, act) is TRANSITIONS[state, act]
    elif state in (State.ISSUED, State.REPEATING):
        assert after(state, act) is TRANSITIONS[state, act]
        assert after(state, act) is not State.ISSUED
    elif (state, act) == (State.DISPENSED, Act.COME_BACK):
        assert after(state, act) is State.REPEATING
    elif (state, act) == (State.EXPIRED, Act.REVOKE):
        assert after(state, act) is State.REVOKED
    else:
        with pytest.raises(WrongStateError):
            after(state, act)


def test_the_states_are_the_contract_s() -> None:
    contract = {f"PRESCRIPTION_STATE_{state.name}": int(state) for state in State}
    assert contract == {name: number for name, number in PrescriptionState.items() if number}


@pytest.mark.parametrize("state", State)
def test_time_ends_only_what_may_still_be_handed_out(state: State) -> None:
    later = NOW + timedelta(days=28)
    ends = {State.ISSUED: NOW, State.REPEATING: later}.get(state)
    for now in (NOW - timedelta.resolution, NOW, later - timedelta.resolution, later):
        over = ends is not None and now >= ends
        assert standing(state, NOW, later, now) is (State.EXPIRED if over else state)


def test_a_course_may_begin_on_the_last_day() -> None:
    assert course_end(NOW, None, 84) == NOW + timedelta(days=84)


def test_a_course_begins_anew_with_what_came_back() -> None:
    later = NOW + timedelta(days=16)
    assert course_end(NOW, later, 84) == later + timedelta(days=84)
    assert course_end(later, NOW, 84) == later + timedelta(days=84)


@pytest.mark.parametrize(("days", "valid"), [(0, 3), (1, 1), (2, 2), (3, 3)])
def test_validity(days: int, valid: int) -> None:
    assert expires(NOW, days) == NOW + timedelta(days=valid)


def test_supply_is_that_of_the_longest_with_its_repeats() -> None:
    assert supply_days([(7, 0), (14, 2), (28, 0)]) == 42
    assert supply_days([]) == 0
