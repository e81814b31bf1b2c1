"""The demo's time-lapse: a day of a sensor passes in about ten minutes.

What is replayed carries the true instant at which it was logged, so that ages and the diary are true; its device says
that glucose moves faster here than on earth.
"""

from datetime import timedelta

SPEED = 150
"""Seconds of the recorded day in one second: a 5-minute reading comes every 2 s."""
SECONDS_PER_MINUTE = 60 / SPEED
"""What the alerts are told, which count all their durations in clinical minutes."""
SENSOR = "demo-sensor"
"""The device of the history, in real time."""
REPLAYED_SENSOR = f"demo-sensor/x{SPEED}"
"""The device of the live readings, in time-lapse."""
PHONE = "demo-phone"
"""The device of meals, doses and notes."""
LONGEST_GAP = timedelta(minutes=30)
"""A sensor that lost its signal for hours is silent for so long (recorded time): long enough to lose its trend."""


def measured_minutes(passed: timedelta, device: str) -> float:
    """Minutes of the recorded day between two readings of a device."""
    return passed.total_seconds() / 60 * (SPEED if device == REPLAYED_SENSOR else 1)
