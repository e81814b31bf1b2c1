"""Episodes: 15 minutes beyond begin one, 15 minutes back end it."""

import numpy as np
import pytest

from services.glucose.domain.metrics import bands
from services.glucose.domain.metrics.bands import Band
from services.glucose.domain.metrics.events import Event, episodes, events
from tests.glucose.traces import made

START = 1_700_000_000 // 300 * 300


def found(values: list[float], minutes: int = 5, jitter: bool = False, utc_offset_minutes: int = 0) -> list[Event]:
    seconds = START + np.arange(len(values)) * 60 * int(minutes)
    if jitter:
        seconds = seconds + np.arange(len(values)) % 2 * 7
    readings = made(seconds, np.array(values), utc_offset_minutes=utc_offset_minutes)
    return events(readings, bands.classify(readings, bands.ADULT))


def test_three_readings_low_are_an_event_and_two_are_not() -> None:
    assert found([100, 60, 60, 100, 100, 100]) == []
    (event,) = found([100, 60, 58, 62, 100, 100, 100])
    assert event == Event(
        Band.LOW, START + 300, START + 1200, 15, 58, unbroken_minutes=15, extended=False, nocturnal=event.nocturnal
    )


@pytest.mark.parametrize("minutes", [1, 5, 15])
def test_fifteen_minutes_whatever_the_interval(minutes: int) -> None:
    enough = 15 // minutes
    back = [100.0] * 15
    assert len(found([*back, *[60.0] * enough, *back], minutes)) == 1
    assert len(found([*back, *[60.0] * enough, *back], minutes, jitter=minutes > 1)) == 1
    assert len(found([*back, *[60.0] * (enough - 1), *back], minutes)) == 0


def test_a_short_return_does_not_end_it() -> None:
    (event,) = found([60, 60, 60, 100, 100, 60, 60, 60, 100, 100, 100])
    assert (event.duration_minutes, event.unbroken_minutes) == (40, 15)
    first, second = found([60, 60, 60, 100, 100, 100, 60, 60, 60, 100, 100, 100])
    assert (first.duration_minutes, second.duration_minutes) == (15, 15)


def test_an_event_that_goes_on_has_no_end() -> None:
    (event,) = found([100, 300, 300, 300, 300])
    assert event.end is None
    assert event.band is Band.VERY_HIGH
    assert event.duration_minutes == 20


def test_a_gap_ends_the_data_not_the_event() -> None:
    seconds = START + np.array([0, 300, 600, 600 + 46 * 60, 600 + 51 * 60, 600 + 56 * 60])
    readings = made(seconds, np.full(6, 60.0))
    first, second = events(readings, bands.classify(readings, bands.ADULT))
    assert first.end is None
    assert first.duration_minutes == second.duration_minutes == 15


def test_the_outer_band_takes_fifteen_minutes_too() -> None:
    assert [event.band for event in found([60, 50, 50, 60, 100, 100, 100])] == [Band.LOW]
    assert [event.band for event in found([60, 50, 50, 50, 100, 100, 100])] == [Band.VERY_LOW]
    assert [event.band for event in found([200, 251, 300, 270, 100, 100, 100])] == [Band.VERY_HIGH]


def test_extended_is_more_than_two_hours_unbroken() -> None:
    back = [100.0] * 3
    assert [event.extended for event in found([*[65.0] * 24, *back])] == [False]
    assert [event.extended for event in found([*[65.0] * 25, *back])] == [True]
    assert [event.extended for event in found([*[65.0] * 20, 100, *[65.0] * 20, *back])] == [False]
    assert [event.extended for event in found([*[200.0] * 30, *back])] == [False], "only low glucose is"


def test_night_is_by_the_patients_clock() -> None:
    """22:10 UTC: deep in the night in Shanghai, evening in London."""
    low = [60.0, 60.0, 60.0, 100.0, 100.0, 100.0]
    assert [event.nocturnal for event in found(low, utc_offset_minutes=480)] == [False]
    assert [event.nocturnal for event in found(low, utc_offset_minutes=120)] == [True]
    assert [event.nocturnal for event in found(low)] == [False]


def test_thresholds_and_durations_are_parameters() -> None:
    readings = made(START + np.arange(12) * 300, np.array([60.0] * 6 + [100.0] * 6))
    beyond = readings.mg_per_dl < 70
    assert len(episodes(readings, beyond, begin_minutes=30)) == 1
    assert episodes(readings, beyond, begin_minutes=31) == []
    assert episodes(readings, beyond, end_minutes=60)[0].ended is False
