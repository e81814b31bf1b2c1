"""Sensors and their ward in one process: patients' readings begun in time, and one watcher of them all, which tells how
long after a low's answer its alert came."""

import asyncio
import time

import uvloop
from apricot.glucose.v1.alert_pb2 import ALERT_RULE_URGENT_LOW
from apricot.glucose.v1.diary_pb2 import LogEntriesRequest
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse
from grpc.aio import Channel, UnaryStreamMultiCallable, UnaryUnaryMultiCallable

from benchmarks.channels import open_channels
from benchmarks.child import job, report
from benchmarks.people import bearer
from benchmarks.requests import DEVICES, LOG, WATCH, new_id, reading

LOW, WELL = 50.0, 110.0
_PATIENCE_SECONDS = 30.0


class Sensors:
    """One reading of each patient in turn; every `low_every`-th of a patient's is low."""

    def __init__(self, people: list[tuple[str, str]], low_every: int) -> None:
        self._people = people
        self._low_every = low_every
        self._answered: dict[str, float] = {}
        self._alarmed: dict[str, float] = {}
        self._live = asyncio.Event()
        self.readings = 0

    async def watch(self, channel: Channel, token: str) -> None:
        """The one watcher."""
        method: UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(WATCH)
        request = WatchPatientsRequest(patient_ids=[patient for patient, _ in self._people], snapshot_minutes=1)
        async for message in method(request.SerializeToString(), metadata=bearer(token)):
            update = WatchPatientsResponse.FromString(message)
            if update.HasField("heartbeat"):
                self._live.set()
            alert = update.alert_changed.alert
            if alert.rule == ALERT_RULE_URGENT_LOW and alert.revision == 1:
                self._alarmed[alert.cause_entry_id] = time.monotonic()

    async def send(self, channels: list[Channel], rate: float, seconds: float) -> None:
        """Readings at this rate, begun in time whether or not earlier ones were answered."""
        await self._live.wait()
        methods: list[UnaryUnaryMultiCallable[bytes, bytes]] = [channel.unary_unary(LOG) for channel in channels]
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * seconds)):
                await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
                group.create_task(self._log(methods[number % len(methods)], number))

    async def _log(self, method: UnaryUnaryMultiCallable[bytes, bytes], number: int) -> None:
        turn, index = divmod(number, len(self._people))
        patient, token = self._people[index]
        phase = index * self._low_every // len(self._people)  # so that lows come evenly
        is_low = (turn + phase) % self._low_every == self._low_every - 1
        entry = reading(0, entry_id=new_id(), device=f"{DEVICES}{patient[:8]}", mg_per_dl=LOW if is_low else WELL)
        entry.time.GetCurrentTime()
        request = LogEntriesRequest(patient_id=patient, request_id=new_id(), entries=[entry])
        await method(request.SerializeToString(), metadata=bearer(token), timeout=10)
        self.readings += 1
        if is_low:
            self._answered[entry.entry_id] = time.monotonic()

    async def times(self) -> list[float]:
        """From each low's answer to its alert. Errors: TimeoutError when one never came."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not self._answered.keys() <= self._alarmed.keys():
                await asyncio.sleep(0.05)
        return [self._alarmed[entry_id] - answered for entry_id, answered in self._answered.items()]


async def main() -> None:
    """Do one job."""
    wanted = job()
    channels = open_channels(wanted["address"], 4)
    sensors = Sensors([(patient, token) for patient, token in wanted["people"]], wanted["low_every"])
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(sensors.watch(channels[0], wanted["watcher"]))
        await sensors.send(channels[1:], wanted["rate"], wanted["seconds"])
        report(times=await sensors.times(), readings=sensors.readings)
        watching.cancel()
    for channel in channels:
        await channel.close()


if __name__ == "__main__":
    uvloop.run(main())
