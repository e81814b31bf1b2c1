"""A load to profile under: `python -m benchmarks.profile log` (or `list`), and in another terminal

uvx py-spy top --pid PID
"""

import asyncio
import sys

from benchmarks.child import child
from benchmarks.harness import bench
from benchmarks.load import Job
from benchmarks.requests import LIST, LOG

PATHS = {"log": LOG, "list": LIST}
SECONDS = 300


async def main(make: str) -> None:
    """Load it, and say which process is which."""
    async with bench() as running:
        patients = await running.patients(16)
        await running.upload(patients, days=2)
        people = [(one.id, one.token) for one in patients]
        job = Job(running.address, PATHS[make], make, people, SECONDS)
        async with child("benchmarks.load", job.as_json()) as generator:
            await generator.read()
            for name, process in running.processes().items():
                print(f"{name:<10} {process.pid}", flush=True)
            print(f"for {SECONDS} s, or until Ctrl-C", flush=True)
            print(await generator.read())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
