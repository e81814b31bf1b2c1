"""What a delivery costs and takes."""

from hypothesis import given
from hypothesis import strategies as st

from services.pharmacy.domain.delivery_terms import estimated_minutes, fee_minor

metres = st.integers(0, 50_000)


def test_examples() -> None:
    assert fee_minor(300, 100, 0) == 300
    assert fee_minor(300, 100, 2500) == 550
    assert fee_minor(300, 100, 2501) == 551
    assert estimated_minutes(10, 0, 0) == 10
    assert estimated_minutes(10, 2500, 0) == 23
    assert estimated_minutes(10, 2500, 2) == 29


@given(metres, metres, st.integers(0, 100))
def test_farther_is_no_cheaper_and_no_sooner(one: int, other: int, orders: int) -> None:
    near, far = sorted((one, other))
    assert fee_minor(300, 137, near) <= fee_minor(300, 137, far)
    assert (
        estimated_minutes(10, near, orders)
        <= estimated_minutes(10, far, orders)
        <= estimated_minutes(10, far, orders + 1)
    )
