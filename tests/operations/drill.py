"""The drill: a platform under load is backed up and killed; a fresh one is made of the backup."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pyrage
from nats.js.errors import NotFoundError

from clients.sdk import Apricot
from kit.bus import Bus
from kit.schema import service_url
from operations.cut import CALLERS_FIRST
from operations.folder import Folder
from operations.manifest import Manifest
from operations.sealing import Key
from stack.platform import Platform
from stack.settings import StackSettings
from stack.testing import remove_state, temporary_settings
from tests.kit.running import published, until
from tests.operations.story import Acknowledged, Story
from tests.people import People

KEY = str(pyrage.x25519.Identity.generate())
HEARS_OF_USE = "identity-audit"


@dataclass(frozen=True)
class Drill:
    """What came of it."""

    backup: Path
    manifest: Manifest
    story: Story
    before: Acknowledged
    """As the backup was begun."""
    resume_token: str
    """Of a watch of the killed platform."""
    handled: set[str]
    """The events that some inbox of the backup has."""
    kept: set[str]
    """The events that came back, in streams and outboxes."""
    used: set[str]
    """Those of them that tell of a use of a patient's data."""
    audited: int
    """Uses in the audit, once everything that came back was handled."""
    platform: Platform
    """The one that was made of the backup."""


@asynccontextmanager
async def drill(folder: Path) -> AsyncIterator[Drill]:
    """The whole of it, by the commands an operator gives."""
    old, new = (Path(tempfile.mkdtemp(prefix="apricot-")) for _ in range(2))
    backup = folder / "backup"
    try:
        story, before, token = await _back_up_and_kill(old, backup)
        shutil.copy(old / "secrets.json", new)
        assert await apricot("restore", str(backup), "--state", str(new)) == 0
        handled, kept, used = await _what_came_back(new)
        async with Platform(_settings(new)) as platform:
            audited = await _uses_once_quiet(platform)
            manifest = Folder(backup, Key.parse(KEY), lambda *_: None).manifest
            yield Drill(backup, manifest, story, before, token, handled, kept, used, audited, platform)
    finally:
        for state in old, new:
            remove_state(state)


async def apricot(*words: str, key: str = KEY) -> int:
    """The command, as an operator gives it; its exit code."""
    environment = os.environ | {"APRICOT_BACKUP_KEY": key, "APRICOT_POSTGRES_PORT": "0", "APRICOT_NATS_PORT": "0"}
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", "stack.cli", *words, env=environment)
    return await child.wait()


async def _back_up_and_kill(state: Path, backup: Path) -> tuple[Story, Acknowledged, str]:
    async with Platform(_settings(state)) as platform:
        async with Apricot(platform.gateway_address.removeprefix("http://")) as client:
            story = await Story.begin(platform, People(client, platform.part("identity").log.path))
            async with story.patient.session.watch([story.patient.account_id]) as watch:
                await anext(watch)
            async with story.going_on():
                await until(lambda: story.is_busy)
                before = story.so_far()
                assert await apricot("backup", "--to", str(backup), "--state", str(state)) == 0
        platform.kill()
        return story, before, watch.resume_token


async def _what_came_back(state: Path) -> tuple[set[str], set[str], set[str]]:
    """Before any service has started."""
    handled, kept, used = set[str](), set[str](), set[str]()
    async with Platform(_settings(state), parts=("postgres", "nats")) as engines:
        bus = await Bus.connect(engines.nats_url, "drill")
        for service in CALLERS_FIRST:
            events = [(event.event_id, event.kind) for event in await published(bus, service)]
            connection = await asyncpg.connect(service_url(engines.database_url, service))
            told = await connection.fetch("select event_id from handled_event where event_id not like '%tick%'")
            handled |= {row[0] for row in told}
            rows = await connection.fetch("select id, subject from outbox")
            events += [(f"{service}-{row['id']}", ".".join(row["subject"].split(".")[2:4])) for row in rows]
            await connection.close()
            kept |= {event_id for event_id, _ in events}
            used |= {event_id for event_id, kind in events if kind == "access.used"}
        await bus.close()
    return handled, kept, used


async def _uses_once_quiet(platform: Platform) -> int:
    bus = await Bus.connect(platform.nats_url, "drill")
    services = [service for service in CALLERS_FIRST if service != "identity"]
    outboxes = [await asyncpg.connect(service_url(platform.database_url, service)) for service in services]
    identity = await asyncpg.connect(service_url(platform.database_url, "identity"))

    async def quiet() -> bool:
        for service, outbox in zip(services, outboxes, strict=True):
            try:
                info = await bus.jetstream.consumer_info(service, HEARS_OF_USE)
            except NotFoundError:
                return False
            if info.num_pending or info.num_ack_pending or await outbox.fetchval("select count(*) from outbox"):
                return False
        return True

    await until(quiet)
    uses = await identity.fetchval("select count(*) from audit_event where action not like 'apricot.identity.%'")
    for connection in (*outboxes, identity):
        await connection.close()
    await bus.close()
    return int(uses)


def _settings(state: Path) -> StackSettings:
    return temporary_settings(
        state,
        demo=True,
        gateway_user_requests_per_second=10_000,
        gateway_sign_in_requests_per_minute=100_000,
    )
