"""A client process that watches until it is killed: `python -m tests.faults.watcher ADDRESS TOKEN PATIENT`."""

import asyncio
import sys

import grpc
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest
from apricot.glucose.v1.watch_pb2_grpc import WatchServiceStub


async def main(address: str, token: str, patient_id: str) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        metadata = (("authorization", f"Bearer {token}"),)
        watch = WatchServiceStub(channel).WatchPatients(
            WatchPatientsRequest(patient_ids=[patient_id]), metadata=metadata
        )
        async for _ in watch:
            sys.stdout.write("watching\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
