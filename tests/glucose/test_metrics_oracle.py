"""Each figure equals that of iglu-python 0.4.3, on people and on virtual patients."""

from math import isnan

import iglu_python as iglu
import numpy as np
import pandas as pd
import pytest

from services.glucose.domain.metrics import bands, mage, risk, variability
from services.glucose.domain.metrics.bands import Band, percent_in
from services.glucose.domain.metrics.day_to_day import (
    GRID_SECONDS,
    grid,
    mean_of_daily_differences,
    overall_net_action,
)
from services.glucose.domain.metrics.events import episodes
from tests.glucose.traces import NAMES, Trace, made, trace

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # iglu's own calls of pandas

EXACT = 1e-6
ROUNDED = 4e-5
"""iglu rounds 10·1.509² = 22.77081 to 22.77 in its ADRR."""


@pytest.fixture(params=NAMES)
def person(request: pytest.FixtureRequest) -> Trace:
    return trace(request.param)


def same(ours: float | None, theirs: float, tolerance: float = EXACT) -> None:
    assert ours is not None
    assert not isnan(theirs)
    assert ours == pytest.approx(theirs, rel=tolerance, abs=1e-12)


def test_mean_spread_and_what_follows(person: Trace) -> None:
    frame, g = person.frame(), person.readings().mg_per_dl
    same(variability.mean(g), iglu.mean_glu(frame)["mean"][0])
    same(variability.standard_deviation(g), iglu.sd_glu(frame)["SD"][0])
    same(variability.coefficient_of_variation(g), iglu.cv_glu(frame)["CV"][0])
    same(variability.glucose_management_indicator(g), iglu.gmi(frame)["GMI"][0])
    same(variability.estimated_a1c(g), iglu.ea1c(frame)["eA1C"][0])
    same(variability.j_index(g), iglu.j_index(frame)["J_index"][0])
    same(variability.quantile(g, 0.5), iglu.median_glu(frame)["median"][0])


def test_times_in_ranges(person: Trace) -> None:
    frame, readings = person.frame(), person.readings()
    shares = bands.shares(bands.classify(readings, bands.ADULT))
    below = iglu.below_percent(frame, targets_below=[54, 70])
    above = iglu.above_percent(frame, targets_above=[180, 250])
    same(percent_in(shares, (Band.VERY_LOW,)), below["below_54"][0])
    same(percent_in(shares, (Band.VERY_LOW, Band.LOW)), below["below_70"][0])
    same(percent_in(shares, (Band.IN_RANGE,)), iglu.in_range_percent(frame)["in_range_70_180"][0])
    same(percent_in(shares, (Band.HIGH, Band.VERY_HIGH)), above["above_180"][0])
    same(percent_in(shares, (Band.VERY_HIGH,)), above["above_250"][0])
    pregnant = bands.shares(bands.classify(readings, bands.PREGNANCY))
    same(percent_in(pregnant, (Band.IN_RANGE,)), iglu.in_range_percent(frame)["in_range_63_140"][0])


def test_risk(person: Trace) -> None:
    frame, readings = person.frame(), person.readings()
    g = readings.mg_per_dl
    same(risk.low_blood_glucose_index(g), iglu.lbgi(frame)["LBGI"][0], ROUNDED)
    same(risk.high_blood_glucose_index(g), iglu.hbgi(frame)["HBGI"][0], ROUNDED)
    same(risk.average_daily_risk_range(g, readings.local_day), iglu.adrr(frame)["ADRR"][0], ROUNDED)
    shares = bands.shares(bands.classify(readings, bands.ADULT))
    same(risk.glycemia_risk(shares).index, iglu.gri(frame)["GRI"][0])


def test_day_to_day(person: Trace) -> None:
    gridded = grid(person.seconds, person.mg_per_dl)
    same(mean_of_daily_differences(gridded), iglu.modd(person.frame())["MODD"][0])
    for hours in 1, 4, 24:
        same(overall_net_action(gridded, hours), iglu.conga(person.frame(), n=hours)["CONGA"][0])


def test_excursions_by_the_same_algorithm(person: Trace) -> None:
    same(mage.mean_amplitude(grid(person.seconds, person.mg_per_dl)), iglu.mage(person.frame())["MAGE"][0])


def test_active_percent_of_a_fixed_window(person: Trace) -> None:
    theirs = iglu.active_percent(person.frame(), range_type="manual", ndays=7)["active_percent"][0]
    last_week = person.seconds >= person.seconds[-1] - 7 * 86_400
    same(person.readings()[last_week].active_percent(7 * 86_400), min(theirs, 100.0))


@pytest.mark.parametrize("name", ["cgmpy_dm", "li-haoran", "2133-024"])
def test_episodes(name: str) -> None:
    """On the grid, since iglu has no other."""
    person = trace(name)
    gridded = grid(person.seconds, person.mg_per_dl)
    seconds = (-(-person.seconds[0] // GRID_SECONDS) + np.arange(len(gridded))) * GRID_SECONDS
    known = ~np.isnan(gridded)
    readings = made(seconds[known], gridded[known])
    frame = pd.DataFrame({"id": "one", "time": pd.to_datetime(readings.time, unit="s"), "gl": readings.mg_per_dl})
    theirs = iglu.episode_calculation(frame).set_index(["type", "level"])
    g = readings.mg_per_dl
    kinds = {("hypo", "lv1"): g < 70, ("hypo", "lv2"): g < 54, ("hyper", "lv1"): g > 180, ("hyper", "lv2"): g > 250}
    for kind, beyond in kinds.items():
        ours = episodes(readings, beyond)
        assert len(ours) == theirs.loc[kind, "total_episodes"]
        if ours:
            mean_minutes = sum(5 * (one.after - one.first) for one in ours) / len(ours)
            same(mean_minutes, theirs.loc[kind, "avg_ep_duration"])
    extended = [one for one in episodes(readings, g < 70) if one.longest_minutes > 120]
    assert len(extended) == theirs.loc[("hypo", "extended"), "total_episodes"]
