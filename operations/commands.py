"""`apricot backup`, `restore` and `hand-over`, as a person at a terminal sees them."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats.errors
from asyncpg import PostgresError
from obstore.exceptions import BaseError
from rich.console import Console
from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn, TransferSpeedColumn
from rich.table import Table

from operations import backup, restore, stand_in
from operations.folder import Folder, Listener
from operations.hand_over import Wanted, hand_over
from operations.manifest import Manifest
from operations.place import place_of
from operations.refusals import Failed, Reason, Refused
from operations.sealing import Key
from operations.verdict import Finding
from stack.settings import StackSettings

FAILED, REFUSED = 1, 5
"""Exit codes. Refused: nothing was written."""

_console = Console(stderr=True)


def back_up(settings: StackSettings, to: Path | None, *, plain: bool) -> int:
    """Write a backup; the exit code."""
    path = to or Path(f"apricot-backup-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")

    async def run(listener: Listener) -> None:
        key = _key()
        if key is None and not plain:
            raise Refused(Reason.NO_KEY, "APRICOT_BACKUP_KEY is not set; --plain leaves everybody's data readable")
        async with place_of(settings) as place:
            _show(await backup.back_up(place, path, None if plain else key, listener), path)

    return _run(run)


def verify(path: Path) -> int:
    """Read a backup through; the exit code."""

    async def run(listener: Listener) -> None:
        folder = Folder(path, _key(), listener)
        await backup.verify(folder)
        _show(folder.manifest, path)

    return _run(run)


def bring_back(settings: StackSettings, path: Path, *, replace: bool, streams_only: bool) -> int:
    """Restore a backup, or its streams alone; the exit code."""

    async def run(listener: Listener) -> None:
        folder = Folder(path, _key(), listener)
        async with place_of(settings, at_rest=True) as place:
            if streams_only:
                _show_findings(await restore.renew_streams(folder, place))
            else:
                _show_findings(await restore.restore(folder, place, replace=replace))

    return _run(run)


def hand(settings: StackSettings, wanted: Wanted, out: Path) -> int:
    """Hand everything of a person's over; the exit code."""

    async def run(listener: Listener) -> None:
        async with place_of(settings) as place:
            handed = await hand_over(place, wanted, out, listener)
        records = sum(handed.records.values())
        _console.print(f"{out}: {records:,} records in {len(handed.files)} files, {len(handed.missing)} missing")

    return _run(run)


def do_for_administrators(settings: StackSettings, wanted: stand_in.Wanted) -> int:
    """Do what missing administrators cannot; the exit code."""

    async def run(_: Listener) -> None:
        async with place_of(settings) as place:
            await stand_in.stand_in_at(place, wanted)

    return _run(run)


def _key() -> Key | None:
    text = os.environ.get("APRICOT_BACKUP_KEY", "")
    return Key.parse(text) if text else None


def _run(work: Callable[[Listener], Coroutine[Any, Any, None]]) -> int:
    began = time.monotonic()
    try:
        with _progress() as listener:
            asyncio.run(work(listener))
    except Refused as refusal:
        _console.print(f"refused, nothing was written ({refusal.reason}): {refusal}", style="red", markup=False)
        return REFUSED
    except Failed as failure:
        _console.print(f"failed: {failure}", style="red", markup=False)
        return FAILED
    except (OSError, PostgresError, nats.errors.Error, BaseError) as error:  # what they say may show a row or a secret
        _console.print(f"failed: {type(error).__name__} of {type(error).__module__}", style="red", markup=False)
        return FAILED
    _console.print(f"done in {time.monotonic() - began:.1f} s", style="green")
    return 0


@contextmanager
def _progress() -> Iterator[Listener]:
    columns = SpinnerColumn(), TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=_console) as progress:
        tasks = {}

        def listen(step: str, more: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=None)
            progress.advance(tasks[step], more)

        yield listen


def _show(manifest: Manifest, path: Path) -> None:
    table = Table("", "what", "revision", "as of", title=str(path))
    for service, copy in manifest.databases.items():
        rows = sum(one.rows for one in copy.tables.values())
        as_of = copy.time.isoformat(timespec="milliseconds")
        table.add_row(service, f"{len(copy.tables)} tables, {rows:,} rows", copy.revision, as_of)
        table.add_row("", f"{manifest.streams[service]:,} events of its stream")
    table.add_row("objects", f"{manifest.objects.count:,}, {manifest.objects.size / 1e6:,.1f} MB")
    size = sum(file.size for file in manifest.files.values())
    table.add_row("files", f"{len(manifest.files)}, {size / 1e6:,.1f} MB")
    _console.print(table)


def _show_findings(findings: list[Finding]) -> None:
    table = Table("what", "found", "holds")
    for finding in findings:
        table.add_row(finding.what, finding.found, "yes" if finding.holds else "no")
    _console.print(table)
