"""The rules of dispensing and of reviews by themselves."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations, product

import pytest
from apricot.pharmacy.v1.review_pb2 import ReviewState
from hypothesis import given
from hypothesis import strategies as some

from formulary.amounts import Amount
from services.pharmacy.domain import prescriptions, reviews
from services.pharmacy.domain.prescriptions import (
    Line,
    NotHeldError,
    Product,
    Wanted,
    again_from,
    heard,
    most_dispensings,
    require_held,
    supply_days,
)

NOW = datetime(2026, 11, 26, tzinfo=UTC)
MG = Amount(Decimal(500), "mg")


def line(tablets: int = 14, repeats: int = 0, days: int = 7) -> Line:
    return Line("A10BA02", MG, Amount(Decimal(tablets), "{tablet}"), days, repeats)


def wanted(packs: int, in_pack: int) -> Wanted:
    return Wanted(1, packs, Product("A10BA02", MG, [Amount(Decimal(in_pack), "{tablet}")]))


def is_held(prescribed: Line, order: Wanted, number: int = 1) -> bool:
    try:
        require_held([prescribed], [order], number)
    except NotHeldError:
        return False
    return True


@given(tablets=some.integers(1, 999), in_pack=some.integers(1, 120), packs=some.integers(1, 200))
def test_as_many_packs_as_are_needed_and_none_more(tablets: int, in_pack: int, packs: int) -> None:
    """The last pack may hold more than is left; without it something would be missing."""
    assert is_held(line(tablets), wanted(packs, in_pack)) is ((packs - 1) * in_pack < tablets)


@given(repeats=some.integers(0, 11), number=some.integers(1, 13))
def test_each_item_as_often_as_its_own_repeats_say(repeats: int, number: int) -> None:
    assert is_held(line(repeats=repeats), wanted(1, 14), number) is (number <= 1 + repeats)


def test_the_whole_lasts_as_long_as_what_lasts_longest() -> None:
    lines = [line(days=7, repeats=2), line(days=28)]
    assert (most_dispensings(lines), supply_days(lines)) == (3, 28)
    assert (most_dispensings([]), supply_days([])) == (1, 0)
    assert again_from(NOW, 10) == NOW + timedelta(days=8)


@pytest.mark.parametrize("acts", list(permutations(prescriptions.Act)), ids=lambda acts: "-".join(a.name for a in acts))
def test_what_has_ended_does_not_come_back(acts: tuple[prescriptions.Act, ...]) -> None:
    state = prescriptions.State.ISSUED
    for act in acts:
        state = heard(state, act)
        assert state is not prescriptions.State.ISSUED
    assert state in (prescriptions.State.REVOKED, prescriptions.State.REPLACED)


@pytest.mark.parametrize(("state", "act"), list(product(reviews.State, reviews.Act)), ids=lambda value: value.name)
def test_only_what_the_table_says(state: reviews.State, act: reviews.Act) -> None:
    if (state, act) in reviews.TRANSITIONS:
        assert state.is_open
        reviews.after(state, act)
    else:
        with pytest.raises(reviews.WrongStateError):
            reviews.after(state, act)


def test_what_is_open_can_end_and_only_what_is_claimed_is_decided() -> None:
    for state in reviews.State:
        acts = {act for from_state, act in reviews.TRANSITIONS if from_state is state}
        assert (reviews.Act.END in acts) is state.is_open
        decides = {reviews.Act.APPROVE, reviews.Act.REJECT} <= acts
        assert decides is (state is reviews.State.CLAIMED)


def test_the_states_are_the_contract_s() -> None:
    contract = {f"REVIEW_STATE_{state.name}": int(state) for state in reviews.State}
    assert contract == {name: number for name, number in ReviewState.items() if number}


def test_a_claim_lasts_exactly_its_lease() -> None:
    end = NOW + reviews.LEASE
    claimed = reviews.State.CLAIMED
    assert reviews.standing(claimed, end, end - timedelta.resolution) is claimed
    assert reviews.standing(claimed, end, end) is reviews.State.QUEUED
    assert reviews.standing(reviews.State.ASKED, end, end) is reviews.State.ASKED
