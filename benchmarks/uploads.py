"""The uploader: one process that sends many patients' histories, a stream for each, several at once."""

import asyncio
import time
from collections.abc import Iterable

import uvloop
from apricot.glucose.v1.diary_pb2 import UploadEntriesResponse
from grpc.aio import Channel, StreamUnaryMultiCallable

from benchmarks.channels import open_channels
from benchmarks.child import job, report
from benchmarks.people import bearer
from benchmarks.requests import UPLOAD, upload_batches

type Upload = tuple[str, list[bytes]]
"""A token, and the batches ready to send."""


async def send(channel: Channel, uploads: Iterable[Upload]) -> int:
    """One after the other; how many entries were created."""
    call: StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(UPLOAD)
    created = 0
    for token, batches in uploads:
        answer = await call(iter(batches), metadata=bearer(token), timeout=300)
        created += UploadEntriesResponse.FromString(answer).created_count
    return created


async def main() -> None:
    """Do one job."""
    wanted = job()
    uploads = iter([(token, upload_batches(patient, wanted["days"])) for patient, token in wanted["people"]])
    channels = open_channels(wanted["address"], wanted["streams"])
    await asyncio.gather(*(channel.channel_ready() for channel in channels))
    report(started=True)
    began = time.perf_counter()
    created = await asyncio.gather(*(send(channel, uploads) for channel in channels))
    report(seconds=time.perf_counter() - began, created=sum(created))
    for channel in channels:
        await channel.close()


if __name__ == "__main__":
    uvloop.run(main())
