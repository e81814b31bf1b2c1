"""The bursts as they are heard, and what is done where nothing is."""

import wave
from array import array
from io import BytesIO

import pytest
from PySide6.QtWidgets import QApplication

from clients.clinician.models.alerts.ringing import Ringing
from clients.clinician.models.alerts.sounding import Tone
from clients.clinician.views.alerts import sound
from clients.clinician.views.alerts.sound import Sound
from clients.clinician.views.alerts.tones import pulses, wav
from tests.clinician.alerts.conftest import Alone
from tests.clinician.alerts.made import alert

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


@pytest.mark.parametrize(("tone", "count"), [(Tone.HIGH, 10), (Tone.MEDIUM, 3), (Tone.LOW, 2), (Tone.STALE, 1)])
def test_a_burst_has_the_pulses_of_its_priority(tone: Tone, count: int) -> None:
    """Of a medium or high priority as IEC 60601-1-8 wants them: 75 to 200 and 125 to 250 ms long."""
    heard = bursts(*read(tone))
    assert len(heard) == count == len(pulses(tone))
    shortest, longest = {Tone.HIGH: (0.075, 0.2), Tone.MEDIUM: (0.125, 0.25)}.get(tone, (0.1, 0.4))
    assert all(shortest <= end - begin <= longest for begin, end in heard)


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
