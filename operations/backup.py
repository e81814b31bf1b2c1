"""A backup of everything, of a platform that goes on working: the databases at one instant, then the streams, then the
objects. Whatever an event or a row points to is older than it, and so is in what is copied later."""

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from kit.objects import Objects
from operations import objects, postgres, streams
from operations.cut import CALLERS_FIRST, Snapshot, cut
from operations.folder import Folder, Listener, NewFolder
from operations.manifest import FORMAT, DatabaseCopy, Manifest, ObjectsCopy
from operations.place import Place, bus_of
from operations.refusals import Failed
from operations.sealing import Key

OBJECTS = "objects.tar"


def dump_file(service: str) -> str:
    """Where the backup keeps a service's database."""
    return f"{service}.dump"


def stream_file(service: str) -> str:
    """Where the backup keeps a service's stream."""
    return f"{service}.events"


async def back_up(place: Place, path: Path, key: Key | None, listener: Listener) -> Manifest:
    """Write a backup. Errors: EXISTS, NOT_MIGRATED, BUSY, OLD_PROGRAMS; `Failed`."""
    begin_time = datetime.now(UTC)
    async with cut(place.database_url) as snapshots:
        server = await snapshots["identity"].connection.fetchval("show server_version")
        await postgres.require_programs(int(server.partition(".")[0]))
        folder = NewFolder(path, key, listener)
        copied = await _copy_streams(place, snapshots, folder)
        databases = {service: await _copy_database(service, snapshots[service], folder) for service in CALLERS_FIRST}
    async with folder.writing(OBJECTS) as sink:
        stored = await objects.copy(Objects(place.object_store_url), sink)
    manifest = Manifest(
        format=FORMAT,
        platform=version("apricot"),
        begin_time=begin_time,
        end_time=datetime.now(UTC),
        server=server,
        identity_key=place.fingerprint,
        sealing_keys=place.sealing_keys.fingerprints if place.sealing_keys else {},
        databases=databases,
        streams=copied,
        objects=stored,
        files=folder.files,
    )
    folder.complete(manifest)
    return manifest


async def verify(folder: Folder) -> None:
    """Read a whole backup as a restore would. Errors: INCOMPLETE, DAMAGED, WRONG_KEY; `Failed`."""
    await folder.check()
    for service in folder.manifest.databases:
        async with folder.reading(dump_file(service)) as source:
            await postgres.read_through(source)
    for service, count in folder.manifest.streams.items():
        async with folder.reading(stream_file(service)) as source:
            _same(await streams.check(source), count, stream_file(service))
    async with folder.reading(OBJECTS) as source:
        _same(await objects.check(source), folder.manifest.objects, OBJECTS)


async def _copy_streams(place: Place, snapshots: dict[str, Snapshot], folder: NewFolder) -> dict[str, int]:
    copied = dict[str, int]()
    async with bus_of(place, "backup") as bus:
        for service, snapshot in snapshots.items():
            async with folder.writing(stream_file(service)) as sink:
                copied[service] = await streams.copy(bus, service, snapshot, sink)
    return copied


async def _copy_database(service: str, snapshot: Snapshot, folder: NewFolder) -> DatabaseCopy:
    async with folder.writing(dump_file(service)) as sink:
        await postgres.dump(snapshot.url, snapshot.name, sink)
    return DatabaseCopy(
        revision=snapshot.revision,
        time=snapshot.time,
        tables=await postgres.tables(snapshot.connection),
    )


def _same(found: int | ObjectsCopy, expected: int | ObjectsCopy, name: str) -> None:
    if found != expected:
        raise Failed(f"{name} holds {found}, not {expected}")
