"""When it sounds: laws, by a clock that the test moves."""

from collections.abc import Hashable
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clients.clinician.models.alerts.sounding import (
    INTERRUPTED_PERIOD,
    URGENT_LOW_PERIOD,
    Situation,
    Sounding,
    Tone,
)
from tests.clinician.alerts.made import BEGIN

TICK = timedelta(seconds=1)
LOW, HIGH, WARNING = frozenset[Hashable]({"low"}), frozenset[Hashable]({"high"}), frozenset[Hashable]({"warning"})


def seconds(count: float) -> datetime:
    return BEGIN + timedelta(seconds=count)


def heard(*situations: Situation, sound: bool = True) -> list[Tone | None]:
    """One each second."""
    sounding = Sounding()
    return [sounding.due(found, seconds(count), sound=sound) for count, found in enumerate(situations)]


def test_an_urgent_low_sounds_at_once_and_again() -> None:
    tones = heard(*[Situation(urgent_lows=LOW)] * 46)
    assert [count for count, tone in enumerate(tones) if tone is Tone.HIGH] == [0, 15, 30, 45]


def test_a_second_urgent_low_sounds_at_once() -> None:
    both = Situation(urgent_lows=LOW | {"another"})
    assert heard(Situation(urgent_lows=LOW), both, both)[:3] == [Tone.HIGH, Tone.HIGH, None]


def test_what_else_is_urgent_and_a_warning_sound_once() -> None:
    assert heard(*[Situation(urgent=HIGH)] * 600).count(Tone.MEDIUM) == 1
    assert heard(*[Situation(warnings=WARNING)] * 600).count(Tone.LOW) == 1


def test_a_warning_that_has_become_urgent_sounds_again() -> None:
    assert heard(Situation(warnings=WARNING), Situation(urgent=HIGH)) == [Tone.LOW, Tone.MEDIUM]


def test_what_comes_back_after_a_snooze_sounds_again() -> None:
    assert heard(Situation(warnings=WARNING), Situation(), Situation(warnings=WARNING)) == [Tone.LOW, None, Tone.LOW]


def test_of_several_only_the_most_urgent_sounds() -> None:
    all_at_once = Situation(LOW, HIGH, WARNING, interrupted=True, stale=True)
    assert heard(all_at_once)[0] is Tone.HIGH
    assert heard(Situation(urgent=HIGH, warnings=WARNING, stale=True)) == [Tone.MEDIUM]


def test_that_nobody_looks_for_alerts_sounds_again_whatever_she_has_set() -> None:
    count = int(INTERRUPTED_PERIOD.total_seconds())
    tones = heard(*[Situation(interrupted=True)] * (count + 1), sound=False)
    assert [at for at, tone in enumerate(tones) if tone is Tone.MEDIUM] == [0, count]


def test_it_is_heard_beside_an_urgent_low_too() -> None:
    tones = heard(*[Situation(urgent_lows=LOW, interrupted=True)] * 10)
    assert tones[0] is Tone.HIGH
    assert tones.count(Tone.MEDIUM) == 1


def test_a_lost_connection_sounds_once_for_each_loss() -> None:
    stale, live = Situation(stale=True), Situation()
    assert heard(live, stale, stale, live, stale) == [None, Tone.STALE, None, None, Tone.STALE]


names = st.frozensets(st.sampled_from("abcd"), max_size=3)
situations = st.builds(
    Situation,
    urgent_lows=names.map(lambda found: frozenset((name, "low") for name in found)),
    urgent=names.map(lambda found: frozenset((name, "urgent") for name in found)),
    warnings=names.map(lambda found: frozenset((name, "warning") for name in found)),
    interrupted=st.booleans(),
    stale=st.booleans(),
)
steps = st.lists(st.tuples(situations, st.integers(1, 12), st.booleans()), max_size=12)


@given(steps)
def test_an_urgent_low_that_nobody_has_always_sounds_within_its_period(
    steps: list[tuple[Situation, int, bool]],
) -> None:
    """Whatever else happens, whatever she has set, and each new one at once."""
    sounding, now = Sounding(), BEGIN
    last: datetime | None = None
    known: frozenset[Hashable] = frozenset()
    for situation, ticks, sound in steps:
        for _ in range(ticks):
            tone = sounding.due(situation, now, sound=sound)
            if tone is Tone.HIGH:
                assert situation.urgent_lows  # what somebody has does not sound
                last = now
            if situation.urgent_lows:
                assert last is not None
                assert now - last < URGENT_LOW_PERIOD
                if situation.urgent_lows - known:
                    assert tone is Tone.HIGH
            known = situation.urgent_lows
            now += TICK


@given(steps)
def test_the_setting_silences_the_rest_and_nothing_else(steps: list[tuple[Situation, int, bool]]) -> None:
    loud, silent, now = Sounding(), Sounding(), BEGIN
    for situation, ticks, _ in steps:
        for _ in range(ticks):
            with_sound, without = loud.due(situation, now, sound=True), silent.due(situation, now, sound=False)
            if Tone.HIGH in (with_sound, without):
                assert with_sound is without
            if without is not None:
                assert situation.urgent_lows or situation.interrupted
            now += TICK


@given(st.lists(st.integers(-3600, 3600), max_size=20))
def test_a_clock_that_is_set_back_silences_no_urgent_low(jumps: list[int]) -> None:
    """Between two looks the clock may be set: the next one within the period still sounds."""
    sounding, now = Sounding(), BEGIN
    situation = Situation(urgent_lows=LOW)
    assert sounding.due(situation, now, sound=False) is Tone.HIGH
    for jump in jumps:
        now += timedelta(seconds=jump)
        tones = []
        for _ in range(int(URGENT_LOW_PERIOD.total_seconds()) + 1):
            tones.append(sounding.due(situation, now, sound=False))
            now += TICK
        assert Tone.HIGH in tones
