"""The key of a backup, and bytes that are sealed and opened on their way through a pipe: nothing is whole in memory,
and nothing lies open on disk. The format is age's, which its own program opens too."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyrage

from operations.refusals import Reason, Refused

type Count = Callable[[int], None]
"""Told how many bytes more are done."""

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Key:
    """To whom a backup is sealed, and what opens it."""

    recipient: pyrage.x25519.Recipient
    identity: pyrage.x25519.Identity | None = field(default=None, repr=False)
    """None: this key seals and does not open."""

    @classmethod
    def parse(cls, text: str) -> "Key":
        """`age1…`, which seals, or `AGE-SECRET-KEY-1…`, which also opens. Errors: BAD_KEY."""
        try:
            if text.startswith("AGE-SECRET-KEY-"):
                identity = pyrage.x25519.Identity.from_str(text.strip())
                return cls(identity.to_public(), identity)
            return cls(pyrage.x25519.Recipient.from_str(text.strip()))
        except (pyrage.IdentityError, pyrage.RecipientError) as error:
            raise Refused(Reason.BAD_KEY, "the backup's key is no age key") from error


@dataclass
class Written:
    """A file as it was written."""

    sha256: str = ""
    size: int = 0
    """Bytes."""


class _Counting:
    """A file that is written: hashed and counted."""

    def __init__(self, file: BinaryIO, count: Count) -> None:
        self.size = 0
        self.sha256 = hashlib.sha256()
        self._file = file
        self._count = count

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size += len(data)
        self._count(len(data))
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


@asynccontextmanager
async def sealing(path: Path, key: Key | None, written: Written, count: Count) -> AsyncIterator[BinaryIO]:
    """What is written into the pipe goes into the file, sealed; `written` is filled in at the end."""
    reading, writing = os.pipe()
    task = _beside(_seal, os.fdopen(reading, "rb"), path, key, written, count)
    try:
        with os.fdopen(writing, "wb", buffering=_CHUNK) as sink:
            yield sink
    finally:
        await task  # where it failed, it says why the pipe broke


@asynccontextmanager
async def opening(path: Path, key: Key | None, count: Count) -> AsyncIterator[BinaryIO]:
    """The file's content comes out of the pipe. Errors: WRONG_KEY, DAMAGED."""
    reading, writing = os.pipe()
    task = _beside(_open, path, os.fdopen(writing, "wb", buffering=_CHUNK), key)
    with os.fdopen(reading, "rb", buffering=_CHUNK) as source:
        try:
            yield source
        except BaseException as error:
            source.close()
            (cause,) = await asyncio.gather(task, return_exceptions=True)
            if isinstance(cause, Refused):
                raise cause from error
            raise
        await asyncio.to_thread(_drain, source)
    await task
    count(path.stat().st_size)


def read_sealed(path: Path, key: Key | None) -> bytes:
    """A small file, whole. Errors: WRONG_KEY, DAMAGED."""
    if key is None:
        return path.read_bytes()
    with _refusing(path):
        return bytes(pyrage.decrypt(path.read_bytes(), [_identity(key)]))


def sealed(content: bytes, key: Key | None) -> bytes:
    """A small file's content, as it is kept."""
    return content if key is None else bytes(pyrage.encrypt(content, [key.recipient]))


def _beside[*P](work: Callable[[*P], None], *given: *P) -> asyncio.Future[None]:
    """Work of a thread, begun at once: whoever has the pipe's other end may wait for it without the loop."""
    return asyncio.get_running_loop().run_in_executor(None, work, *given)


def _seal(source: BinaryIO, path: Path, key: Key | None, written: Written, count: Count) -> None:
    with source, path.open("xb") as file:
        counting = _Counting(file, count)
        if key is None:
            shutil.copyfileobj(source, counting, _CHUNK)
        else:
            pyrage.encrypt_io(source, counting, [key.recipient])
        file.flush()
        os.fsync(file.fileno())
    written.sha256, written.size = counting.sha256.hexdigest(), counting.size


def _open(path: Path, sink: BinaryIO, key: Key | None) -> None:
    with path.open("rb") as file, _refusing(path), sink:
        if key is None:
            shutil.copyfileobj(file, sink, _CHUNK)
        else:
            pyrage.decrypt_io(file, sink, [_identity(key)])


def _drain(source: BinaryIO) -> None:
    while source.read(_CHUNK):
        pass


def _identity(key: Key) -> pyrage.x25519.Identity:
    if key.identity is None:
        raise Refused(Reason.BAD_KEY, "this key only seals; to open, give the one that begins AGE-SECRET-KEY-1")
    return key.identity


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Whoever reads has compared the file's hash before: what does not open was sealed to somebody else."""
    try:
        yield
    except pyrage.DecryptError as error:
        raise Refused(Reason.WRONG_KEY, f"{path.name} was sealed to another key") from error
    except OSError as error:
        if error.errno is not None or isinstance(error, BrokenPipeError):
            raise
        raise Refused(Reason.DAMAGED, f"{path.name} is not as it was written") from error
