"""The object store, as one tar."""

import asyncio
import hashlib
import tarfile
from collections.abc import AsyncIterator
from io import BytesIO
from typing import BinaryIO

from kit.objects import Objects
from operations.manifest import ObjectsCopy
from operations.refusals import Failed

_AT_ONCE = 16
"""Objects in memory, each as large as an upload may be."""


class Tally:
    """What was counted, whatever the order of the objects."""

    def __init__(self) -> None:
        self._count = self._size = self._sum = 0

    def add(self, key: str, content: bytes) -> None:
        """One object."""
        digest = hashlib.sha256(key.encode() + b"\0" + hashlib.sha256(content).digest()).digest()
        self._count, self._size = self._count + 1, self._size + len(content)
        self._sum = (self._sum + int.from_bytes(digest)) % (1 << 256)

    @property
    def total(self) -> ObjectsCopy:
        """All of them."""
        return ObjectsCopy(count=self._count, size=self._size, checksum=self._sum)


async def copy(objects: Objects, sink: BinaryIO) -> ObjectsCopy:
    """Write every object. After the databases were cut: what is removed since is what no row has needed for a while,
    and what is added is an object too many."""
    tally = Tally()
    with tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        async for key, content in _stored(objects):
            member = tarfile.TarInfo(key)
            member.size = len(content)
            await asyncio.to_thread(tar.addfile, member, BytesIO(content))
            tally.add(key, content)
    return tally.total


async def put_back(objects: Objects, source: BinaryIO) -> None:
    """Store every object of a copy. Errors: `Failed`."""
    async for batch in _batches(_members(source)):
        await asyncio.gather(*(objects.put(key, content) for key, content in batch))


async def count(objects: Objects) -> ObjectsCopy:
    """Read and count what is in a store."""
    tally = Tally()
    async for key, content in _stored(objects):
        tally.add(key, content)
    return tally.total


async def check(source: BinaryIO) -> ObjectsCopy:
    """Read and count what is in a copy. Errors: `Failed`."""
    tally = Tally()
    async for key, content in _members(source):
        tally.add(key, content)
    return tally.total


async def clear(objects: Objects) -> None:
    """Remove every object."""
    async for key in objects.stored_keys():
        await objects.delete(key)


async def is_empty(objects: Objects) -> bool:
    """Whether there is no object."""
    async for _ in objects.stored_keys():
        return False
    return True


async def _stored(objects: Objects) -> AsyncIterator[tuple[str, bytes]]:
    """Every object; one that is removed meanwhile is none."""
    async for keys in _batches(objects.stored_keys()):
        contents = await asyncio.gather(*map(objects.get, keys))
        for key, content in zip(keys, contents, strict=True):
            if content is not None:
                yield key, content


async def _batches[T](source: AsyncIterator[T]) -> AsyncIterator[list[T]]:
    batch = list[T]()
    async for one in source:
        batch.append(one)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


async def _members(source: BinaryIO) -> AsyncIterator[tuple[str, bytes]]:
    try:
        with await asyncio.to_thread(tarfile.open, fileobj=source, mode="r|") as tar:
            while (member := await asyncio.to_thread(tar.next)) is not None:
                content = tar.extractfile(member)
                if content is None:
                    raise Failed("the copy of the objects holds what is no object")
                yield member.name, await asyncio.to_thread(content.read)
                tar.members.clear()  # type: ignore[attr-defined]  # or it would remember every one
    except tarfile.TarError as error:
        raise Failed("the copy of the objects cannot be read") from error
