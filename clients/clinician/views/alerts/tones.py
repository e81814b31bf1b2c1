"""The bursts as sound, after IEC 60601-1-8: ten pulses for high priority, three for medium, two for low.

The standard is not free to read; what is kept here are the figures that public sources tell of its tables 3 and 4:
- NXP, AN10875 "IEC 60601-1-8 audible alert generator": high is a sequence of five pulses twice, medium one of three,
  all of one pitch where no cause is told; a pitch with four harmonics; edges of some 20 ms (high) and 30 ms (medium).
- C. Thompson, University of Sydney, "ISO/IEC 60601-1-8, Patterson and other alarms": the five are three and two.
- PUI Audio, "IEC 60601-1-8": a pitch of 150 to 1000 Hz; at least four harmonics of 300 to 4000 Hz, within 15 dB of it.
- IncuNest, pull request 26: pauses between pulses of 50 to 125 ms (high) and 125 to 250 ms (medium).
- Texas Instruments, data sheet of the DAC53401: pulses of 80 to 150 ms (high) and 130 to 200 ms (medium), bursts
  2.5 s apart and more.
Nobody has measured the app against the standard.
"""

import math
from array import array
from io import BytesIO
from wave import open as open_wave

from clients.clinician.models.alerts.sounding import Tone

RATE_HZ = 22_050
PITCH_HZ = 523.25
HARMONICS = (1.0, 0.6, 0.45, 0.35, 0.25)
"""The pitch and its multiples: so the ear finds where it comes from, through a weak loudspeaker too."""
EDGE_SHARE = 0.15
"""Of a pulse, for its rise; as much for its fall."""
_FAST_SECONDS, _FAST_PAUSE_SECONDS = 0.15, 0.1
_SLOW_SECONDS, _SLOW_PAUSE_SECONDS = 0.2, 0.2
_HALF_PAUSE_SECONDS = 0.7
"""Between the two halves of a burst of high priority."""


def pulses(tone: Tone) -> list[tuple[float, float, float]]:
    """Of each pulse: when it begins, how long it lasts, in seconds, and its pitch in Hz."""
    fast, slow = _FAST_SECONDS + _FAST_PAUSE_SECONDS, _SLOW_SECONDS + _SLOW_PAUSE_SECONDS
    match tone:
        case Tone.HIGH:
            five = [place * fast for place in (0, 1, 2, 4, 5)]  # as if one were left out
            half = five[-1] + _FAST_SECONDS + _HALF_PAUSE_SECONDS
            return [(begin + later, _FAST_SECONDS, PITCH_HZ) for later in (0.0, half) for begin in five]
        case Tone.MEDIUM:
            return [(place * slow, _SLOW_SECONDS, PITCH_HZ) for place in range(3)]
        case Tone.LOW:
            return [(0.0, _SLOW_SECONDS, PITCH_HZ * 0.8), (slow, _SLOW_SECONDS, PITCH_HZ * 0.6)]
        case Tone.STALE:
            return [(0.0, 0.35, PITCH_HZ * 0.5)]


def wav(tone: Tone) -> bytes:
    """A file of one channel, 16 bit."""
    loudness = {Tone.HIGH: 0.9, Tone.MEDIUM: 0.7, Tone.LOW: 0.5, Tone.STALE: 0.25}[tone]
    found = pulses(tone)
    last, length, _ = found[-1]
    samples = array("h", bytes(2 * int((last + length + 0.05) * RATE_HZ)))
    for begin, seconds, pitch in found:
        first, edge_seconds = int(begin * RATE_HZ), seconds * EDGE_SHARE
        for place in range(int(seconds * RATE_HZ)):
            at = place / RATE_HZ
            edge = min(1.0, at / edge_seconds, (seconds - at) / edge_seconds)
            wave = sum(part * math.sin(2 * math.pi * pitch * (n + 1) * at) for n, part in enumerate(HARMONICS))
            samples[first + place] = int(32767 * loudness * edge * wave / sum(HARMONICS))
    written = BytesIO()
    with open_wave(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return written.getvalue()
