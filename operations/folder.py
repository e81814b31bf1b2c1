"""A backup is a folder: `manifest.json`, one file for each database and stream, one for the objects; sealed, each has
`.age` behind its name. `manifest.sha256` is written last: without it the backup does not count."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ValidationError

from operations.manifest import FORMAT, File, Manifest
from operations.refusals import Reason, Refused
from operations.sealing import Key, Written, opening, read_sealed, sealed, sealing

type Listener = Callable[[str, int], None]
"""Told of a step by its name, and how many bytes more of it are done."""

MANIFEST, SEAL, SUFFIX = "manifest.json", "manifest.sha256", ".age"


class _Format(BaseModel):
    """What every format's manifest says."""

    format: int


class NewFolder:
    """A backup that is being written: aside, under its name with `.partial` behind it, until it is complete."""

    def __init__(self, path: Path, key: Key | None, listener: Listener) -> None:
        """Errors: EXISTS."""
        self.path = path
        self.files: dict[str, File] = {}
        self._aside = path.with_name(f"{path.name}.partial")
        self._key = key
        self._listener = listener
        for taken in path, self._aside:
            if taken.exists():
                raise Refused(Reason.EXISTS, f"{taken} is there already")
        self._aside.mkdir(mode=0o700, parents=True)

    @asynccontextmanager
    async def writing(self, name: str) -> AsyncIterator[BinaryIO]:
        """A file of the backup; what is written is sealed on its way."""
        stored, written = _stored(name, self._key), Written()
        async with sealing(self._aside / stored, self._key, written, lambda more: self._listener(name, more)) as sink:
            yield sink
        self.files[stored] = File(sha256=written.sha256, size=written.size)

    def complete(self, manifest: BaseModel) -> None:
        """Only now it is a backup."""
        self.close(manifest)
        self.publish()

    def close(self, manifest: BaseModel) -> bytes:
        """Nothing more is written; the manifest's SHA-256."""
        name = _stored(MANIFEST, self._key)
        content = sealed(manifest.model_dump_json(indent=1).encode(), self._key)
        digest = hashlib.sha256(content)
        _write(self._aside / name, content)
        _write(self._aside / SEAL, f"{digest.hexdigest()}  {name}\n".encode())
        _sync(self._aside)
        return digest.digest()

    def publish(self) -> None:
        """It gets its name."""
        self._aside.rename(self.path)
        _sync(self.path.parent)


class Folder:
    """A complete backup."""

    def __init__(self, path: Path, key: Key | None, listener: Listener) -> None:
        """Errors: NOT_FOUND, INCOMPLETE, DAMAGED, NO_KEY, BAD_KEY, WRONG_KEY, NEWER_FORMAT."""
        self.path = path
        self._listener = listener
        self._name = _complete(path)
        self._key = key if self._name.endswith(SUFFIX) else None
        if self._name.endswith(SUFFIX) and key is None:
            raise Refused(Reason.NO_KEY, "the backup is sealed: its key is needed")
        self.manifest = _manifest(read_sealed(path / self._name, self._key))

    async def check(self) -> None:
        """Compare every file with the manifest. Errors: INCOMPLETE, DAMAGED."""
        for name, file in self.manifest.files.items():
            await asyncio.to_thread(_check, self.path / name, file)
            self._listener("compare", file.size)

    @asynccontextmanager
    async def reading(self, name: str) -> AsyncIterator[BinaryIO]:
        """A file's content. Errors: DAMAGED."""
        async with opening(
            self.path / _stored(name, self._key), self._key, lambda more: self._listener(name, more)
        ) as source:
            yield source


def _stored(name: str, key: Key | None) -> str:
    return name if key is None else name + SUFFIX


def _complete(path: Path) -> str:
    """The name of the manifest, which is as it was written."""
    if not path.is_dir():
        raise Refused(Reason.NOT_FOUND, f"there is no backup at {path}")
    seal = path / SEAL
    if not seal.exists():
        raise Refused(Reason.INCOMPLETE, f"{path} was never completed: {SEAL} is missing")
    sha256, _, name = seal.read_text(errors="replace").strip().partition("  ")
    if name not in (MANIFEST, MANIFEST + SUFFIX):
        raise Refused(Reason.DAMAGED, f"{SEAL} is not as it was written")
    manifest = path / name
    if not manifest.exists():
        raise Refused(Reason.INCOMPLETE, f"{name} is missing")
    if hashlib.sha256(manifest.read_bytes()).hexdigest() != sha256:
        raise Refused(Reason.DAMAGED, f"{name} is not as it was written")
    return name


def _manifest(content: bytes) -> Manifest:
    try:
        if (found := _Format.model_validate_json(content).format) > FORMAT:
            raise Refused(Reason.NEWER_FORMAT, f"the backup has format {found}; this release reads up to {FORMAT}")
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise Refused(Reason.DAMAGED, "the manifest cannot be read") from error


def _check(path: Path, file: File) -> None:
    if not path.is_file():
        raise Refused(Reason.INCOMPLETE, f"{path.name} is missing")
    with path.open("rb") as content:
        if path.stat().st_size != file.size or hashlib.file_digest(content, "sha256").hexdigest() != file.sha256:
            raise Refused(Reason.DAMAGED, f"{path.name} is not as it was written")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
