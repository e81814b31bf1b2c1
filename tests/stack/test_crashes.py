"""`kill -9` of a part, of a part's children, and of the stack itself."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import nats
import psutil

from stack.events import Event
from stack.leftovers import is_alive
from stack.platform import Platform
from stack.testing import temporary_settings
from tests.stack.conftest import Processes, until

ENGINES = ("postgres", "nats")


async def test_postgres_killed(state_dir: Path, processes: Processes) -> None:
    heard: list[Event] = []
    async with Platform(temporary_settings(state_dir), parts=ENGINES, listener=heard.append) as platform:
        url = platform.database_url
        database = await asyncpg.connect(f"{url}/postgres")
        await database.execute("create table kept as select generate_series(1, 1000) as value")
        postgres = platform.part("postgres")
        postgres.kill()
        await postgres.wait_ready()
        database.terminate()
        assert ("postgres", "died", "was ended by SIGKILL") in [(e.part, e.state, e.detail) for e in heard]
        assert platform.database_url == url
        database = await asyncpg.connect(f"{url}/postgres")
        assert await database.fetchval("select count(*) from kept") == 1000
        await database.close()


async def test_postgres_killed_while_a_session_of_it_is_busy(state_dir: Path, processes: Processes) -> None:
    """The session outlives its postmaster and holds the shared memory: it has to be ended first."""
    async with Platform(temporary_settings(state_dir), parts=("postgres",)) as platform:
        database = await asyncpg.connect(f"{platform.database_url}/postgres")
        session = psutil.Process(await database.fetchval("select pg_backend_pid()"))
        session.suspend()
        platform.part("postgres").kill()
        await platform.part("postgres").wait_ready()
        database.terminate()
        assert not is_alive(session)


async def test_nats_killed_keeps_every_acknowledged_event(state_dir: Path, processes: Processes) -> None:
    async with Platform(temporary_settings(state_dir), parts=("nats",)) as platform:
        bus = await nats.connect(platform.nats_url)
        stream = bus.jetstream()
        await stream.add_stream(name="events", subjects=["events"])
        acknowledged = 0

        async def publish() -> None:
            nonlocal acknowledged
            while True:
                acknowledged = (await stream.publish("events", b"x" * 200)).seq

        publishing = asyncio.create_task(publish())
        await until(lambda: acknowledged > 500)
        platform.part("nats").kill()
        publishing.cancel()
        await asyncio.wait([publishing])
        await platform.part("nats").wait_ready()
        await bus.close()

        bus = await nats.connect(platform.nats_url)
        assert (await bus.jetstream().stream_info("events")).state.messages >= acknowledged
        await bus.close()


STACK = """
import asyncio, sys
from pathlib import Path
from stack.leftovers import is_alive
from stack.platform import Platform
from stack.testing import temporary_settings

async def main():
    async with Platform(temporary_settings(Path(sys.argv[1])), parts=("postgres", "nats")) as platform:
        print(platform.database_url, flush=True)
        await asyncio.Future()

asyncio.run(main())
"""


async def start_stack(state_dir: Path) -> tuple[asyncio.subprocess.Process, str]:
    """A stack in a process of its own, which can be killed."""
    stack = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STACK, str(state_dir), stdout=asyncio.subprocess.PIPE
    )
    assert stack.stdout
    return stack, (await stack.stdout.readline()).decode().strip()


async def test_the_stack_killed_leaves_no_process_and_starts_again(state_dir: Path, processes: Processes) -> None:
    stack, url = await start_stack(state_dir)
    database = await asyncpg.connect(f"{url}/postgres")
    await database.execute("create table kept as select 7 as value")
    await database.close()
    stack.kill()
    await stack.wait()
    await until(lambda: not processes())

    async with Platform(temporary_settings(state_dir), parts=ENGINES) as platform:
        database = await asyncpg.connect(f"{platform.database_url}/postgres")
        assert await database.fetchval("select value from kept") == 7
        await database.close()


async def test_what_survived_the_stack_is_ended_by_the_next(state_dir: Path, processes: Processes) -> None:
    stack, url = await start_stack(state_dir)
    database = await asyncpg.connect(f"{url}/postgres")
    postmaster = psutil.Process(int((state_dir / "pids/postgres").read_text().split()[0]))
    session = psutil.Process(await database.fetchval("select pg_backend_pid()"))
    session.suspend()  # so the postmaster, told to end with the stack, waits for it
    postmaster.suspend()
    stack.kill()
    await stack.wait()
    database.terminate()

    async with Platform(temporary_settings(state_dir), parts=ENGINES) as platform:
        assert not is_alive(postmaster)
        assert not is_alive(session)
        await platform.part("postgres").wait_ready()


async def test_a_stranger_with_an_old_number_is_left_alone(state_dir: Path, processes: Processes) -> None:
    stack, _ = await start_stack(state_dir)
    os.kill(int((state_dir / "pids/postgres").read_text().split()[0]), signal.SIGKILL)
    stack.kill()
    await stack.wait()
    await until(lambda: not processes())
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    lock = state_dir / "postgres/data/postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
    (state_dir / "pids/postgres").write_text(f"{stranger.pid} 1000000000.0")

    async with Platform(temporary_settings(state_dir), parts=ENGINES):
        assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()
