"""Bytes too large for a row, by key: a folder on this machine, or S3 and what speaks like it."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, from_url

_NOTHING_THERE = NotFoundError, FileNotFoundError  # obstore raises either, by the store


class Objects:
    """An object store. What is put is there whole or not at all."""

    def __init__(self, url: str) -> None:
        """`file:///folder` (made when it is not there), or `s3://bucket/prefix` with its credentials in the environment
        (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT`, …)."""
        self._store = _folder(url) if urlsplit(url).scheme == "file" else from_url(url)

    async def put(self, key: str, content: bytes) -> None:
        """Store under a key; what was there is replaced."""
        await obstore.put_async(self._store, key, content)

    async def get(self, key: str) -> bytes | None:
        """What is stored under a key; none: nothing."""
        try:
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())
        except _NOTHING_THERE:
            return None

    async def delete(self, key: str) -> None:
        """Remove what is stored under a key; nothing there is no error."""
        try:
            await obstore.delete_async(self._store, key)
        except _NOTHING_THERE:
            return

    async def stored_keys(self) -> AsyncIterator[str]:
        """Everything that is stored, in no order."""
        async for found in obstore.list(self._store):
            for each in found:
                yield each["path"]


def _folder(url: str) -> LocalStore:
    """Return a folder's store. What is made here nobody else on the machine reads; what is there keeps its rights."""
    Path(unquote(urlsplit(url).path)).mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalStore.from_url(url)
