"""The bursts as they are heard, and what is done where nothing is."""

import math
import wave
from array import array
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from clients.clinician.models.alerts.ringing import Ringing
from clients.clinician.models.alerts.sounding import Tone
from clients.clinician.views.alerts import sound
from clients.clinician.views.alerts.sound import Sound
from clients.clinician.views.alerts.tones import pulses, wav
from tests.clinician.alerts.conftest import Alone
from tests.clinician.alerts.made import alert

type Samples = np.ndarray[tuple[int], np.dtype[np.float64]]

_SILENCE_SECONDS = 0.03


def read(tone: Tone) -> tuple[array[int], int]:
    """The samples, and how many there are in a second."""
    with wave.open(BytesIO(wav(tone))) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        samples = array("h", file.readframes(file.getnframes()))
        return samples, file.getframerate()


def bursts(samples: array[int], rate: int) -> list[tuple[float, float]]:
    """From when to when there is sound, in seconds."""
    found: list[tuple[float, float]] = []
    for place, sample in enumerate(samples):
        at = place / rate
        if abs(sample) > 300:
            if found and at - found[-1][1] < _SILENCE_SECONDS:
                found[-1] = found[-1][0], at
            else:
                found.append((at, at))
    return found


def pauses(tone: Tone) -> list[float]:
    """Between the pulses, in seconds."""
    heard = bursts(*read(tone))
    return [begin - end for (_, end), (begin, _) in pairwise(heard)]


@pytest.mark.parametrize(("tone", "count"), [(Tone.HIGH, 10), (Tone.MEDIUM, 3), (Tone.LOW, 2), (Tone.STALE, 1)])
def test_a_burst_has_the_pulses_of_its_priority(tone: Tone, count: int) -> None:
    """As heard, and each as long as IEC 60601-1-8 wants it."""
    heard = bursts(*read(tone))
    assert len(heard) == count == len(pulses(tone))
    shortest, longest = {Tone.HIGH: (0.075, 0.2), Tone.STALE: (0.3, 0.4)}.get(tone, (0.125, 0.25))
    assert all(shortest <= end - begin <= longest for begin, end in heard)


def test_the_rhythm_tells_the_priority() -> None:
    """High: three and two, twice; where the rhythm halts, a pulse is left out. Medium: slower, and even."""
    high, medium = pauses(Tone.HIGH), pauses(Tone.MEDIUM)
    assert high[:4] == pytest.approx(high[5:], abs=0.005)
    first, second, halt, last, middle = high[:5]
    assert all(0.05 <= pause <= 0.125 for pause in (first, second, last))
    assert halt == pytest.approx(2 * first + pulses(Tone.HIGH)[0][1], abs=0.02)
    assert 0.35 <= middle <= 1.3
    assert all(0.125 <= pause <= 0.25 for pause in medium)


@pytest.mark.parametrize("tone", [Tone.HIGH, Tone.MEDIUM, Tone.LOW])
def test_a_pitch_with_four_harmonics(tone: Tone) -> None:
    """Of 150 to 1000 Hz, theirs of 300 to 4000 Hz, each within 15 dB of it; measured in the middle of each pulse."""
    samples, rate = read(tone)
    for begin, seconds, pitch in pulses(tone):
        assert 150 <= pitch <= 1000
        middle = np.array(samples[int((begin + seconds * 0.2) * rate) : int((begin + seconds * 0.8) * rate)])
        times = np.arange(len(middle)) / rate

        def loudness(hertz: float, middle: Samples = middle, times: Samples = times) -> float:
            return float(abs(np.sum(middle * np.exp(-2j * np.pi * hertz * times))))

        harmonics = [pitch * number for number in range(2, 8) if 300 <= pitch * number <= 4000]
        near = [each for each in harmonics if abs(20 * math.log10(loudness(each) / loudness(pitch))) <= 15]
        assert len(near) >= 4


@pytest.mark.parametrize("tone", Tone)
def test_no_pulse_begins_or_ends_with_a_crack(tone: Tone) -> None:
    """It rises and falls over a tenth to a fifth of its length."""
    samples, rate = read(tone)
    for begin, seconds, _ in pulses(tone):
        pulse = np.abs(np.array(samples[int(begin * rate) : int((begin + seconds) * rate)], dtype=float))
        loud = np.flatnonzero(pulse > pulse.max() * 0.8) / rate
        assert 0.1 * seconds <= loud[0] <= 0.2 * seconds
        assert 0.1 * seconds <= seconds - loud[-1] <= 0.2 * seconds


def test_the_more_urgent_is_the_louder_and_none_is_cut_off() -> None:
    loudest = [max(map(abs, read(tone)[0])) for tone in Tone]
    assert loudest == sorted(loudest, reverse=True)
    assert loudest[0] < 32767


def test_an_urgent_low_is_over_before_it_is_repeated() -> None:
    samples, rate = read(Tone.HIGH)
    assert len(samples) / rate < 5


async def test_without_audio_the_machine_beeps(alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a machine without the libraries; a lost connection, which is quiet, is not beeped."""
    beeps: list[None] = []
    monkeypatch.setattr(sound, "is_available", lambda: False)
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(None))
    ringing = Ringing(alone.alerts)
    made = Sound(ringing)
    made.play(Tone.STALE)
    assert not beeps
    alone.desk.settings.sound = False
    await alone.tell(alert())
    assert len(beeps) == 1, "an urgent low sounds whatever she has set"
