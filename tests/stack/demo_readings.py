"""Sensor readings for the demo's tests."""

from datetime import UTC, datetime, timedelta

from apricot.glucose.v1.entry_pb2 import Entry

from clients.sdk import Recorder
from stack.demo.lapse import SENSOR

NOW = datetime(2027, 2, 28, 12, 0, tzinfo=UTC)
STEP = timedelta(minutes=5)
PHONE = Recorder.by_hand("phone", "Asia/Shanghai")


def series(*values: float, device: str = SENSOR, step: timedelta = STEP, end: datetime = NOW) -> list[Entry]:
    """Sensor readings in mg/dL, the last at `end`."""
    recorder = Recorder.by_hand(device, "Asia/Shanghai")
    begin = end - step * (len(values) - 1)
    return [recorder.sensor_reading(begin + step * index, value) for index, value in enumerate(values)]
