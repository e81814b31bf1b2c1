"""The bursts as sound, after IEC 60601-1-8: ten pulses for high priority, three for medium, two for low."""

import math
from array import array
from io import BytesIO
from wave import open as open_wave

from clients.clinician.models.alerts.sounding import Tone

RATE_HZ = 22_050
_PITCH_HZ = 523.25
_HARMONICS = (1.0, 0.6, 0.45, 0.35, 0.25)
"""Of the pitch: five of them, so that the ear finds where it comes from, through a weak loudspeaker too."""
_EDGE_SECONDS = 0.025


def pulses(tone: Tone) -> list[tuple[float, float, float]]:
    """Of each pulse: when it begins, how long it lasts, in seconds, and its pitch in Hz."""
    match tone:
        case Tone.HIGH:
            five = [0.0, 0.22, 0.44, 0.88, 1.10]
            return [(begin + pause, 0.12, _PITCH_HZ) for pause in (0.0, 1.85) for begin in five]
        case Tone.MEDIUM:
            return [(place * 0.4, 0.2, _PITCH_HZ * 0.8) for place in range(3)]
        case Tone.LOW:
            return [(0.0, 0.2, _PITCH_HZ * 0.8), (0.4, 0.2, _PITCH_HZ * 0.6)]
        case Tone.STALE:
            return [(0.0, 0.35, _PITCH_HZ * 0.5)]


def wav(tone: Tone) -> bytes:
    """A file of one channel, 16 bit."""
    loudness = {Tone.HIGH: 0.9, Tone.MEDIUM: 0.7, Tone.LOW: 0.5, Tone.STALE: 0.25}[tone]
    found = pulses(tone)
    last, length, _ = found[-1]
    samples = array("h", bytes(2 * int((last + length + 0.05) * RATE_HZ)))
    for begin, seconds, pitch in found:
        first = int(begin * RATE_HZ)
        for place in range(int(seconds * RATE_HZ)):
            at = place / RATE_HZ
            edge = min(1.0, at / _EDGE_SECONDS, (seconds - at) / _EDGE_SECONDS)
            wave = sum(part * math.sin(2 * math.pi * pitch * (n + 1) * at) for n, part in enumerate(_HARMONICS))
            samples[first + place] = int(32767 * loudness * edge * wave / sum(_HARMONICS))
    written = BytesIO()
    with open_wave(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return written.getvalue()
