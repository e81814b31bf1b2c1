"""A platform as its users meet it: it starts, keeps data, shares the machine, and leaves nothing behind."""

import json
import socket
import stat
from pathlib import Path

import asyncpg
import nats
import psutil
import pytest

from stack.events import Event
from stack.platform import Platform
from stack.state import StateFolder, StateInUse
from stack.testing import temporary_platform, temporary_settings
from tests.stack.conftest import Processes

ENGINES = ("postgres", "nats")


async def test_engines_start_and_data_survives_a_restart(state_dir: Path, processes: Processes) -> None:
    settings = temporary_settings(state_dir)
    async with Platform(settings, parts=ENGINES) as platform:
        database = await asyncpg.connect(f"{platform.database_url}/postgres")
        await database.execute("create table kept as select 7 as value")
        await database.close()
        bus = await nats.connect(platform.nats_url)
        await bus.jetstream().add_stream(name="kept", subjects=["kept"])
        await bus.jetstream().publish("kept", b"8")
        await bus.close()
    assert processes() == []

    async with Platform(settings, parts=ENGINES) as platform:
        database = await asyncpg.connect(f"{platform.database_url}/postgres")
        assert await database.fetchval("select value from kept") == 7
        await database.close()
        bus = await nats.connect(platform.nats_url)
        assert (await bus.jetstream().get_msg("kept", 1)).data == b"8"
        await bus.close()


async def test_postgres_is_durable_and_asks_for_the_password(state_dir: Path, processes: Processes) -> None:
    async with Platform(temporary_settings(state_dir), parts=("postgres",)) as platform:
        database = await asyncpg.connect(f"{platform.database_url}/postgres")
        for name, value in {"fsync": "on", "synchronous_commit": "on", "server_encoding": "UTF8"}.items():
            assert await database.fetchval(f"show {name}") == value
        await database.close()
        address = platform.database_url.rpartition("@")[2]
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"postgresql://apricot:wrong@{address}/postgres")


async def test_only_the_owner_can_read_the_secrets(state_dir: Path, processes: Processes) -> None:
    async with Platform(temporary_settings(state_dir), parts=ENGINES):
        kept = json.loads((state_dir / "secrets.json").read_text())
        secrets = [each for one in kept.values() for each in (one.values() if isinstance(one, dict) else [one]) if each]
        for file in state_dir.rglob("*"):
            if file.is_file() and any(secret in file.read_bytes().decode(errors="replace") for secret in secrets):
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


async def test_two_platforms_choose_different_ports(state_dir: Path, processes: Processes) -> None:
    wanted = {"postgres_port": 18432, "nats_port": 18222}  # whoever has them, both cannot
    async with (
        Platform(temporary_settings(state_dir / "one", **wanted), parts=ENGINES) as one,
        Platform(temporary_settings(state_dir / "two", **wanted), parts=ENGINES) as two,
    ):
        addresses = {url.rpartition("@")[2] for url in (one.database_url, one.nats_url, two.database_url, two.nats_url)}
        assert len(addresses) == 4


async def test_a_taken_port_gives_way(state_dir: Path, processes: Processes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        async with Platform(temporary_settings(state_dir, nats_port=taken), parts=("nats",)) as platform:
            assert not platform.nats_url.endswith(f":{taken}")


async def test_a_state_serves_one_platform_at_a_time(state_dir: Path, processes: Processes) -> None:
    settings = temporary_settings(state_dir)
    async with Platform(settings, parts=("nats",)) as first:
        with pytest.raises(StateInUse, match=f"in use by process {psutil.Process().pid}"):
            await Platform(settings, parts=("nats",)).start()
        await first.part("nats").wait_ready()


async def test_a_running_platform_tells_where_it_is(state_dir: Path, processes: Processes) -> None:
    assert StateFolder(state_dir).running() is None
    async with Platform(temporary_settings(state_dir), parts=ENGINES) as platform:
        running = StateFolder(state_dir).running()
        assert running
        assert (running.database_url, running.nats_url) == (platform.database_url, platform.nats_url)
    assert StateFolder(state_dir).running() is None


async def test_external_servers_are_used_and_not_started(state_dir: Path, processes: Processes) -> None:
    async with temporary_platform(ENGINES) as outside:
        settings = temporary_settings(state_dir, database_url=outside.database_url, nats_url=outside.nats_url)
        async with Platform(settings, parts=ENGINES) as platform:
            assert platform.database_url == outside.database_url
            assert processes() == []


async def test_the_listener_hears_each_part(state_dir: Path, processes: Processes) -> None:
    heard: list[Event] = []
    async with Platform(temporary_settings(state_dir), parts=ENGINES, listener=heard.append):
        pass
    for part in ENGINES:
        states = [event.state for event in heard if event.part == part]
        assert states == ["starting", "ready", "stopping", "stopped"]
