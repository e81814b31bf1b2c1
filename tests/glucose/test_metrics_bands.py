"""Where a reading falls, by its own unit, on the way from its device through four bytes of storage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glycemia.units import Unit, to_mg_per_dl
from services.glucose.domain.metrics import bands
from services.glucose.domain.metrics.bands import ADULT, OLDER, PREGNANCY, Band, Preset
from tests.glucose.traces import made

MG, MMOL = Unit.MG_PER_DL, Unit.MMOL_PER_L


def band(value: float, unit: Unit, preset: Preset = ADULT) -> Band:
    stored = float(np.float32(to_mg_per_dl(value, unit)))
    return Band(int(bands.classify(made(np.array([0]), np.array([stored]), unit), preset)[0]))


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (53, MG, Band.VERY_LOW),
        (53.9, MG, Band.VERY_LOW),
        (54, MG, Band.LOW),
        (69, MG, Band.LOW),
        (70, MG, Band.IN_RANGE),
        (180, MG, Band.IN_RANGE),
        (180.1, MG, Band.HIGH),
        (181, MG, Band.HIGH),
        (250, MG, Band.HIGH),
        (251, MG, Band.VERY_HIGH),
        (2.9, MMOL, Band.VERY_LOW),
        (2.99, MMOL, Band.VERY_LOW),
        (3.0, MMOL, Band.LOW),
        (3.8, MMOL, Band.LOW),
        (3.89, MMOL, Band.LOW),
        (3.9, MMOL, Band.IN_RANGE),
        (10.0, MMOL, Band.IN_RANGE),
        (10.01, MMOL, Band.HIGH),
        (10.1, MMOL, Band.HIGH),
        (13.9, MMOL, Band.HIGH),
        (14.0, MMOL, Band.VERY_HIGH),
    ],
)
def test_edges_of_the_consensus(value: float, unit: Unit, expected: Band) -> None:
    assert band(value, unit) is expected
    assert band(value, unit, OLDER) is expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (62, MG, Band.LOW),
        (63, MG, Band.IN_RANGE),
        (140, MG, Band.IN_RANGE),
        (141, MG, Band.HIGH),
        (3.4, MMOL, Band.LOW),
        (3.5, MMOL, Band.IN_RANGE),
        (7.8, MMOL, Band.IN_RANGE),
        (7.9, MMOL, Band.HIGH),
    ],
)
def test_edges_in_pregnancy(value: float, unit: Unit, expected: Band) -> None:
    assert band(value, unit, PREGNANCY) is expected


@given(st.integers(6, 555))
def test_a_stored_reading_is_as_it_was_measured(tenths: int) -> None:
    stored = np.float32(to_mg_per_dl(tenths / 10, MMOL))
    readings = made(np.array([0]), np.array([stored], dtype=float), MMOL)
    assert readings.value[0] == tenths / 10
    assert readings.mg_per_dl[0] == pytest.approx(to_mg_per_dl(tenths / 10, MMOL), rel=1e-12)


@given(st.lists(st.sampled_from([1, 2, 3, 4, 5]), min_size=1, max_size=50))
def test_shares_add_up(numbers: list[int]) -> None:
    shares = bands.shares(np.array(numbers))
    assert [share.band for share in shares] == list(Band)
    assert sum(share.readings_count for share in shares) == len(numbers)
    assert sum(share.percent for share in shares) == pytest.approx(100)
    assert sum(share.minutes_per_day for share in shares) == pytest.approx(1440)


@pytest.mark.parametrize(
    ("preset", "goals"),
    [
        (ADULT, [(False, 70), (True, 4), (True, 1), (True, 25), (True, 5)]),
        (OLDER, [(False, 50), (True, 1), (True, 10)]),
        (PREGNANCY, [(False, 70), (True, 4), (True, 1), (True, 25)]),
    ],
)
def test_a_share_equal_to_its_goal_misses_it(preset: Preset, goals: list[tuple[bool, float]]) -> None:
    assert [(target.at_most, target.goal_percent) for target in preset.targets] == goals
    for target in preset.targets:
        right_side = -0.001 if target.at_most else 0.001
        assert target.met(target.goal_percent + right_side)
        assert not target.met(target.goal_percent)
