"""Where a platform's data is: named by the environment, or a state folder of this machine's."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from kit.bus import Bus
from kit.sealing import SealingKeys
from operations.refusals import Failed, Reason, Refused
from services.identity.vault import Vault
from stack.platform import Platform
from stack.services import SERVICES
from stack.settings import StackSettings
from stack.state import StateFolder, StateInUse

_CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Place:
    """A platform's data."""

    database_url: str = field(repr=False)
    """Of the server; each service's database is named after it."""
    nats_url: str = field(repr=False)
    object_store_url: str
    vault: Vault | None = None
    """None: identity's key is not known here."""

    sealing_keys: SealingKeys | None = None
    """Of all services, identity's first: it opens everything, and seals what a hand-over leaves in identity's books.
    None: they are not known here."""

    @property
    def fingerprint(self) -> str:
        """Of identity's key; empty: it is not known."""
        return self.vault.derive("backup", "fingerprint").hex()[:32] if self.vault else ""


@asynccontextmanager
async def bus_of(place: Place, name: str) -> AsyncIterator[Bus]:
    """A connection to its NATS. Errors: `Failed`."""
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            bus = await Bus.connect(place.nats_url, name, streams=None)
    except TimeoutError as error:
        raise Failed(f"NATS does not answer within {_CONNECT_SECONDS} seconds") from error
    try:
        yield bus
    finally:
        await bus.close()


@asynccontextmanager
async def place_of(settings: StackSettings, *, at_rest: bool = False) -> AsyncIterator[Place]:
    """By `APRICOT_DATABASE_URL`, `APRICOT_NATS_URL` and `APRICOT_OBJECT_STORE_URL`; without the first two, the state
    folder's, whose engines are started where they do not run. `at_rest`: its platform may not run.

    Errors: NO_PLACE, BAD_KEY, IN_USE.
    """
    vault, keys = _vault(os.environ.get("APRICOT_IDENTITY_KEY", "")), _keys(os.environ.get("APRICOT_SEALING_KEYS", ""))
    if settings.database_url and settings.nats_url:
        if not settings.object_store_url or urlsplit(settings.database_url).path.strip("/"):
            raise Refused(Reason.NO_PLACE, "an object store is needed, and a database server without a database's name")
        yield Place(settings.database_url, settings.nats_url, settings.object_store_url, vault, keys)
        return
    if settings.database_url or settings.nats_url:
        raise Refused(Reason.NO_PLACE, "name the database server and NATS, or neither")
    async with _local(settings, at_rest=at_rest) as (database_url, nats_url):
        state = StateFolder(settings.state_dir)
        objects = settings.object_store_url or state.objects.as_uri()
        secrets = state.secrets()
        yield Place(
            database_url, nats_url, objects, _vault(secrets.identity_key), _keys(secrets.sealing_keys_of(*SERVICES))
        )


@asynccontextmanager
async def _local(settings: StackSettings, *, at_rest: bool) -> AsyncIterator[tuple[str, str]]:
    running = StateFolder(settings.state_dir).running()
    if running is not None and at_rest:
        raise Refused(Reason.IN_USE, f"a platform runs on {settings.state_dir}: stop it first")
    if running is not None:
        yield running.database_url or "", running.nats_url or ""
        return
    try:
        async with Platform(settings, parts=("postgres", "nats")) as engines:
            yield engines.database_url, engines.nats_url
    except StateInUse as error:
        raise Refused(Reason.IN_USE, str(error)) from error


def _keys(text: str) -> SealingKeys | None:
    try:
        return SealingKeys.parse(text) if text else None
    except ValueError as error:
        raise Refused(Reason.BAD_KEY, f"APRICOT_SEALING_KEYS: {error}") from error


def _vault(key: str) -> Vault | None:
    return Vault(base64.b64decode(key)) if key else None
