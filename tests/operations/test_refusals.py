"""What is refused, and that nothing was written then; and what restore makes of rows that are true no longer."""

import asyncio
import hashlib
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command

from kit import migrate
from kit.bus import Bus, Publication
from kit.objects import Objects
from kit.schema import newest, revision, service_url
from kit.sealing import SealingKeys
from operations import postgres, streams
from operations.backup import back_up, verify
from operations.cut import CALLERS_FIRST
from operations.folder import MANIFEST, SEAL, SUFFIX, Folder
from operations.manifest import FORMAT, Manifest
from operations.place import Place
from operations.refusals import Failed, Reason, Refused
from operations.restore import restore
from operations.sealing import Key, read_sealed, sealed
from services.identity.vault import Vault
from stack.platform import Platform
from tests.in_process import KEYS
from tests.kit.running import until
from tests.operations.conftest import place_on
from tests.operations.drill import KEY, apricot

SEALING = Key.parse(KEY)
HERE = Vault(bytes(32))


def quiet(_step: str, _more: int) -> None:
    return


@pytest.fixture(scope="module")
async def source(engines: Platform, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A platform with an object, an event that waits, and two that were handled."""
    place = replace(place_on(engines, tmp_path_factory.mktemp("objects")), vault=HERE, sealing_keys=KEYS)
    await Objects(place.object_store_url).put("photos/one", b"picture")
    async with postgres.connected(service_url(place.database_url, "glucose")) as connection:
        await connection.execute("insert into outbox (subject, payload) values ('apricot.glucose.thing.made.k', '')")
        for event, age in ("identity-1", timedelta(hours=1)), ("identity-0", timedelta(days=6)):
            await connection.execute("insert into handled_event values ('c', $1, now() - $2::interval)", event, age)
    return place


@pytest.fixture(scope="module")
async def backup(source: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backups") / "good"
    await back_up(source, path, SEALING, quiet)
    return path


@pytest.fixture
async def target(empty: Platform, tmp_path: Path) -> AsyncIterator[Place]:
    """Nothing is in it, before and after."""
    place = place_on(empty, tmp_path / "target")
    yield place
    bus = await Bus.connect(place.nats_url, "target")
    for service in CALLERS_FIRST:
        await postgres.drop(service_url(place.database_url, service))
        await streams.delete(bus, service)
    await bus.close()


@pytest.fixture
def copy(backup: Path, tmp_path: Path) -> Path:
    """To be spoiled."""
    return Path(shutil.copytree(backup, tmp_path / "copy"))


async def refusal(path: Path, target: Place, key: Key | None = SEALING, *, replacing: bool = False) -> Reason:
    with pytest.raises(Refused) as caught:
        await restore(Folder(path, key, quiet), target, replace=replacing)
    return caught.value.reason


async def is_untouched(target: Place) -> bool:
    async with postgres.administering(service_url(target.database_url, "identity")) as connection:
        databases = await connection.fetch("select from pg_database where datname like 'apricot%'")
    bus = await Bus.connect(target.nats_url, "looks")
    names = await bus.jetstream.streams_info()
    await bus.close()
    return not databases and not names and not [key async for key in Objects(target.object_store_url).stored_keys()]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


type Spoil = Callable[[Path], None]
SPOILT: list[tuple[str, Spoil, Reason]] = [
    ("identity.dump.age", flip, Reason.DAMAGED),
    ("glucose.events.age", flip, Reason.DAMAGED),
    ("objects.tar.age", flip, Reason.DAMAGED),
    (MANIFEST + SUFFIX, flip, Reason.DAMAGED),
    (SEAL, flip, Reason.DAMAGED),
    ("pharmacy.dump.age", cut_off, Reason.DAMAGED),
    ("consult.events.age", Path.unlink, Reason.INCOMPLETE),
    (MANIFEST + SUFFIX, Path.unlink, Reason.INCOMPLETE),
    (SEAL, Path.unlink, Reason.INCOMPLETE),
]


@pytest.mark.parametrize(("name", "spoil", "reason"), SPOILT)
async def test_a_spoilt_backup(copy: Path, target: Place, name: str, spoil: Spoil, reason: Reason) -> None:
    spoil(copy / name)
    assert await refusal(copy, target) == reason
    assert await is_untouched(target)
    with pytest.raises(Refused) as caught:
        await verify(Folder(copy, SEALING, quiet))
    assert caught.value.reason == reason


async def test_keys(copy: Path, target: Place) -> None:
    from pyrage.x25519 import Identity

    assert await refusal(copy, target, None) == Reason.NO_KEY
    assert await refusal(copy, target, Key.parse(str(Identity.generate()))) == Reason.WRONG_KEY
    assert await refusal(copy, target, Key.parse(str(SEALING.recipient))) == Reason.BAD_KEY
    with pytest.raises(Refused) as caught:
        Key.parse("a password")
    assert caught.value.reason == Reason.BAD_KEY
    assert await is_untouched(target)


def rewritten(path: Path, change: Callable[[Manifest], Manifest]) -> Path:
    """As if a release had written it that is another one than this."""
    manifest = change(Manifest.model_validate_json(read_sealed(path / (MANIFEST + SUFFIX), SEALING)))
    content = sealed(manifest.model_dump_json().encode(), SEALING)
    (path / (MANIFEST + SUFFIX)).write_bytes(content)
    (path / SEAL).write_text(f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}{SUFFIX}\n")
    return path


def of_newer_schema(manifest: Manifest) -> Manifest:
    glucose = manifest.databases["glucose"].model_copy(update={"revision": "9999"})
    return manifest.model_copy(update={"databases": manifest.databases | {"glucose": glucose}})


OTHERS: list[tuple[Callable[[Manifest], Manifest], Reason]] = [
    (lambda one: one.model_copy(update={"format": FORMAT + 1}), Reason.NEWER_FORMAT),
    (of_newer_schema, Reason.NEWER_SCHEMA),
    (lambda one: one.model_copy(update={"server": "99.1"}), Reason.OLDER_SERVER),
]


@pytest.mark.parametrize(("change", "reason"), OTHERS)
async def test_a_backup_of_another_release(
    copy: Path, target: Place, change: Callable[[Manifest], Manifest], reason: Reason
) -> None:
    assert await refusal(rewritten(copy, change), target) == reason
    assert await is_untouched(target)


async def test_what_comes_back_otherwise_counts_for_nothing(copy: Path, target: Place) -> None:
    def with_a_row_more(manifest: Manifest) -> Manifest:
        identity = manifest.databases["identity"]
        head = identity.tables["public.alembic_version"]
        tables = identity.tables | {"public.alembic_version": head.model_copy(update={"rows": head.rows + 1})}
        changed = manifest.databases | {"identity": identity.model_copy(update={"tables": tables})}
        return manifest.model_copy(update={"databases": changed})

    rewritten(copy, with_a_row_more)
    with pytest.raises(Failed):
        await restore(Folder(copy, SEALING, quiet), target, replace=False)
    assert await is_untouched(target)


async def test_another_identity_key(backup: Path, target: Place) -> None:
    other = replace(target, vault=Vault(bytes([1] * 32)))
    assert await refusal(backup, other) == Reason.OTHER_IDENTITY_KEY
    assert await is_untouched(target)


async def test_other_sealing_keys(backup: Path, target: Place) -> None:
    other = replace(target, sealing_keys=SealingKeys({"tests": bytes(32)}))
    assert await refusal(backup, other) == Reason.OTHER_SEALING_KEYS
    assert await is_untouched(target)


async def test_a_target_that_is_not_empty(backup: Path, target: Place) -> None:
    store = Objects(target.object_store_url)
    await store.put("photos/theirs", b"")
    assert await refusal(backup, target) == Reason.NOT_EMPTY
    await store.delete("photos/theirs")
    bus = await Bus.connect(target.nats_url, "theirs")
    await bus.ensure_stream("consult")
    await bus.publish([Publication("consult-1", "apricot.consult.thing.made.k", b"")])
    await bus.close()
    assert await refusal(backup, target) == Reason.NOT_EMPTY


async def test_a_target_that_is_used(backup: Path, source: Place) -> None:
    assert await refusal(backup, source) == Reason.NOT_EMPTY
    async with postgres.connected(service_url(source.database_url, "consult")):
        assert await refusal(backup, source, replacing=True) == Reason.IN_USE


async def test_a_backup_that_broke_off(source: Place, tmp_path: Path) -> None:
    begun, path = threading.Event(), tmp_path / "half"
    work = asyncio.create_task(back_up(source, path, SEALING, lambda step, _: begun.set() if "dump" in step else None))
    await until(lambda: begun.is_set() or work.done())
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    for taken, reason in (path, Reason.NOT_FOUND), (path.with_name("half.partial"), Reason.INCOMPLETE):
        with pytest.raises(Refused) as caught:
            Folder(taken, SEALING, quiet)
        assert caught.value.reason == reason
    with pytest.raises(Refused) as caught:
        await back_up(source, path, SEALING, quiet)
    assert caught.value.reason == Reason.EXISTS


async def test_what_is_true_no_longer(backup: Path, target: Place) -> None:
    """Events that come again are older than every snapshot; the inbox keeps those that may come for a week more."""
    await verify(Folder(backup, SEALING, quiet))
    findings = await restore(Folder(backup, SEALING, quiet), target, replace=False)
    assert all(finding.holds for finding in findings)
    async with postgres.connected(service_url(target.database_url, "glucose")) as connection:
        assert await connection.fetchval("select transaction_id from outbox") == 0
        handled = dict(await connection.fetch("select event_id, handle_time from handled_event where consumer = 'c'"))
    assert datetime.now(UTC) - handled["identity-1"] < timedelta(minutes=10)
    assert datetime.now(UTC) - handled["identity-0"] > timedelta(days=5)
    assert await Objects(target.object_store_url).get("photos/one") == b"picture"


async def test_older_tables_are_brought_up_to_date(target: Place, tmp_path: Path) -> None:
    for service in CALLERS_FIRST:
        await asyncio.to_thread(migrate.upgrade, target.database_url, service)
    consult = service_url(target.database_url, "consult")
    await asyncio.to_thread(_downgrade, consult)
    manifest = await back_up(target, tmp_path / "old", None, quiet)
    assert manifest.databases["consult"].revision == "0007"
    await restore(Folder(tmp_path / "old", None, quiet), target, replace=True)
    assert await revision(consult) == newest("consult")


def _downgrade(url: str) -> None:
    settings = migrate.config(url, "consult")
    del settings.attributes["models"]
    command.downgrade(settings, "0007")


async def test_without_a_key_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / uuid4().hex
    assert await apricot("backup", "--to", str(path), key="") == 5
    assert not list(tmp_path.iterdir())


async def test_a_server_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APRICOT_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1")
    monkeypatch.setenv("APRICOT_NATS_URL", "nats://127.0.0.1:1")
    monkeypatch.setenv("APRICOT_OBJECT_STORE_URL", tmp_path.as_uri())
    assert await apricot("backup", "--to", str(tmp_path / "backup")) == 1
    assert not list(tmp_path.iterdir())
