"""The rules of diary entries, pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glycemia.units import MG_PER_DL_PER_MMOL_PER_L, ImpossibleValueError, Unit, to_mg_per_dl
from services.glucose.domain.doses import require_possible_insulin, require_possible_medicine
from services.glucose.domain.entries import (
    EARLIEST,
    ImpossibleAmountError,
    ImpossibleTimeError,
    RevisionMismatchError,
    UnknownZoneError,
    require_possible_time,
    require_revision,
    utc_offset_minutes,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
POSSIBLE = {Unit.MG_PER_DL: (10.0, 1000.0), Unit.MMOL_PER_L: (0.6, 55.5)}


@given(st.floats(10.0, 1000.0))
def test_mg_per_dl_is_kept(value: float) -> None:
    assert to_mg_per_dl(value, Unit.MG_PER_DL) == value


@given(st.floats(0.6, 55.5))
def test_one_factor_converts(value: float) -> None:
    assert to_mg_per_dl(value, Unit.MMOL_PER_L) == pytest.approx(value * MG_PER_DL_PER_MMOL_PER_L)


@pytest.mark.parametrize("unit", Unit)
@given(value=st.floats())
def test_what_is_impossible_is_refused_and_nothing_else(unit: Unit, value: float) -> None:
    low, high = POSSIBLE[unit]
    if low <= value <= high:
        to_mg_per_dl(value, unit)
    else:
        with pytest.raises(ImpossibleValueError):
            to_mg_per_dl(value, unit)


@given(st.floats(56.0, 1000.0))
def test_a_value_logged_in_the_wrong_unit_is_refused(mg_per_dl: float) -> None:
    with pytest.raises(ImpossibleValueError):
        to_mg_per_dl(mg_per_dl, Unit.MMOL_PER_L)


@pytest.mark.parametrize("time", [EARLIEST, NOW, NOW + timedelta(minutes=10)])
def test_a_possible_time(time: datetime) -> None:
    require_possible_time(time, NOW)


@pytest.mark.parametrize("time", [EARLIEST - timedelta(microseconds=1), NOW + timedelta(minutes=10, microseconds=1)])
def test_an_impossible_time(time: datetime) -> None:
    with pytest.raises(ImpossibleTimeError):
        require_possible_time(time, NOW)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "", "Asia", "x" * 500])
def test_an_unknown_zone(zone: str) -> None:
    with pytest.raises(UnknownZoneError):
        utc_offset_minutes(zone, 0)


def test_known_zones() -> None:
    for zone in ("Asia/Shanghai", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+8"):
        utc_offset_minutes(zone, 0)


@pytest.mark.parametrize("amount", ["0", "0.000", "300.001", "999999"])
def test_an_impossible_dose_of_insulin(amount: str) -> None:
    with pytest.raises(ImpossibleAmountError):
        require_possible_insulin(amount)


@pytest.mark.parametrize("amount", ["0.001", "4.5", "300"])
def test_a_possible_dose(amount: str) -> None:
    require_possible_insulin(amount)
    require_possible_medicine(amount)


def test_nothing_is_no_dose_of_medicine() -> None:
    with pytest.raises(ImpossibleAmountError):
        require_possible_medicine("0.0")


def test_a_revision_is_the_one_seen_or_none() -> None:
    require_revision(3, 3)
    for found in (2, 4):
        with pytest.raises(RevisionMismatchError):
            require_revision(found, 3)
