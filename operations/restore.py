"""A platform made from a backup. Databases are filled aside, compared, and get their names last: until then no service
finds its tables, and a restore that breaks off is taken for nothing."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from kit.bus import RETENTION_SECONDS, Bus
from kit.migrate import upgrade
from kit.objects import Objects
from kit.rights import RoleMissingError, grant
from kit.schema import newest, service_url
from operations import objects, postgres, streams
from operations.backup import OBJECTS, dump_file, stream_file
from operations.cut import CALLERS_FIRST, cut
from operations.folder import Folder
from operations.manifest import DatabaseCopy, Manifest, ObjectsCopy
from operations.place import Place, bus_of
from operations.refusals import Failed, Reason, Refused
from operations.verdict import Finding, audit_holds, ledger_balances, same_tables

_ASIDE = "_restoring"

# Rows that are restored were seen by every snapshot to come: their events must not be told beside one.
_EVENTS_ARE_OLD = "update outbox set transaction_id = 0 where transaction_id <> 0"
# The inbox keeps a week; events come again as long as streams keep them, however old the backup is.
_INBOX_IS_FRESH = (
    "update handled_event set handle_time = now() where handle_time > $1::timestamptz - make_interval(secs => $2)"
)


@dataclass(frozen=True)
class _Database:
    service: str
    url: str
    copy: DatabaseCopy

    @property
    def aside(self) -> str:
        return postgres.named(self.url, _ASIDE)


async def restore(folder: Folder, place: Place, *, replace: bool) -> list[Finding]:
    """Make the platform; what was looked at afterwards, all of which holds.

    Errors: whatever `Folder.check` refuses, NEWER_SCHEMA, OLDER_SERVER, OLD_PROGRAMS, OTHER_IDENTITY_KEY,
    OTHER_SEALING_KEYS, NOT_EMPTY, IN_USE: nothing was written. `Failed`: no database has its name, but streams or
    objects may be there.
    """
    manifest = folder.manifest
    _require_known_schema(manifest)
    await folder.check()
    if place.fingerprint and manifest.identity_key not in ("", place.fingerprint):
        raise Refused(Reason.OTHER_IDENTITY_KEY, "the target has another identity key than the backup's platform")
    _require_sealing_keys(manifest, place)
    databases = _databases(manifest, place)
    store = Objects(place.object_store_url)
    async with bus_of(place, "restore") as bus:
        await _require_fit(manifest, databases)
        if not replace:
            await _require_empty(databases, bus, store)
        return await _fill(folder, databases, bus, store, place)


def _require_sealing_keys(manifest: Manifest, place: Place) -> None:
    if place.sealing_keys is None:
        return
    here = place.sealing_keys.fingerprints.values()
    lacking = [name for name, fingerprint in manifest.sealing_keys.items() if fingerprint not in here]
    if lacking:
        raise Refused(Reason.OTHER_SEALING_KEYS, f"the target lacks the backup's sealing keys {', '.join(lacking)}")


async def renew_streams(folder: Folder, place: Place) -> list[Finding]:
    """Where the databases alone went back in time: streams made anew of those of the backup's events that they know.

    Errors: whatever `Folder.check` refuses, NOT_MIGRATED, IN_USE: nothing was written.
    """
    await folder.check()
    databases, findings = _databases(folder.manifest, place), list[Finding]()
    async with bus_of(place, "restore") as bus:
        await _require_fit(folder.manifest, databases)
        async with cut(place.database_url) as snapshots:
            for service, count in folder.manifest.streams.items():
                async with folder.reading(stream_file(service)) as source:
                    found = await streams.renew(bus, service, source, snapshots[service].known)
                findings.append(Finding(f"stream of {service}", f"{found:,} of {count:,} events", holds=True))
        for database in databases:
            await _keep_inbox(database.url, database.copy)
    return findings


async def _fill(folder: Folder, databases: list[_Database], bus: Bus, store: Objects, place: Place) -> list[Finding]:
    try:
        findings = [await _load(folder, database) for database in databases]
        urls = {database.service: database.aside for database in databases}
        findings += [await audit_holds(urls["identity"], place.vault), await ledger_balances(urls["pharmacy"])]
        _require(findings)
        for database in databases:
            await _settle(database)
        findings.append(await _put_objects_back(folder, store))
        findings += [await _republish(folder, bus, database.service) for database in databases]
        _require(findings)
        for database in databases:
            await postgres.put_in_place(database.aside, database.url)
        return findings
    finally:
        for database in databases:
            await postgres.drop(database.aside)


async def _load(folder: Folder, database: _Database) -> Finding:
    await postgres.create(database.aside)
    async with folder.reading(dump_file(database.service)) as source:
        await postgres.load(database.aside, source)
    return await same_tables(database.aside, database.service, database.copy)


async def _settle(database: _Database) -> None:
    """What is true of the rows no longer, in a cluster and at a time that are others."""
    async with postgres.connected(database.aside) as connection:
        await connection.execute(_EVENTS_ARE_OLD)
    await _keep_inbox(database.aside, database.copy)
    await asyncio.to_thread(upgrade, database.aside, database.service)
    with suppress(RoleMissingError):  # a server that is new has roles when its first migration has run
        await grant(database.aside, database.service)


async def _keep_inbox(url: str, copy: DatabaseCopy) -> None:
    async with postgres.connected(url) as connection:
        await connection.execute(_INBOX_IS_FRESH, copy.time, 2 * RETENTION_SECONDS)


async def _put_objects_back(folder: Folder, store: Objects) -> Finding:
    await objects.clear(store)
    async with folder.reading(OBJECTS) as source:
        await objects.put_back(store, source)
    found = await objects.count(store)
    return Finding("objects", _said(found), found == folder.manifest.objects)


async def _republish(folder: Folder, bus: Bus, service: str) -> Finding:
    async with folder.reading(stream_file(service)) as source:
        found = await streams.renew(bus, service, source)
    return Finding(f"stream of {service}", f"{found:,} events", found == folder.manifest.streams[service])


def _databases(manifest: Manifest, place: Place) -> list[_Database]:
    return [
        _Database(service, service_url(place.database_url, service), manifest.databases[service])
        for service in CALLERS_FIRST
    ]


def _require_known_schema(manifest: Manifest) -> None:
    if unknown := manifest.databases.keys() - set(CALLERS_FIRST):
        raise Refused(Reason.NEWER_SCHEMA, f"the backup holds services unknown here: {', '.join(sorted(unknown))}")
    for service, copy in manifest.databases.items():
        if copy.revision > newest(service):
            raise Refused(
                Reason.NEWER_SCHEMA,
                f"{service}: the backup has revision {copy.revision}, this release {newest(service)}",
            )


async def _require_fit(manifest: Manifest, databases: list[_Database]) -> None:
    async with postgres.administering(databases[0].url) as connection:
        server = str(await connection.fetchval("show server_version"))
        names = [postgres.name_of(database.url) for database in databases]
        users = await connection.fetchval("select count(*) from pg_stat_activity where datname = any($1)", names)
    if _major(server) < _major(manifest.server):
        raise Refused(Reason.OLDER_SERVER, f"the backup is of PostgreSQL {manifest.server}, the target has {server}")
    if users:
        raise Refused(Reason.IN_USE, f"{users} connections use the target's databases: stop its services first")
    await postgres.require_programs(_major(server))


async def _require_empty(databases: list[_Database], bus: Bus, store: Objects) -> None:
    for database in databases:
        if await postgres.has_tables(database.url):
            raise Refused(Reason.NOT_EMPTY, f"the target's database of {database.service} has tables")
        if await streams.message_count(bus, database.service):
            raise Refused(Reason.NOT_EMPTY, f"the target's stream of {database.service} has events")
    if not await objects.is_empty(store):
        raise Refused(Reason.NOT_EMPTY, "there are objects in the target")


def _require(findings: list[Finding]) -> None:
    if wrong := [finding for finding in findings if not finding.holds]:
        raise Failed("; ".join(f"{finding.what}: {finding.found}" for finding in wrong))


def _major(version: str) -> int:
    return int(version.partition(".")[0])


def _said(found: ObjectsCopy) -> str:
    return f"{found.count:,}, {found.size / 1e6:,.1f} MB"
