"""The operating system's keychain. It may ask its owner, so all of it runs beside the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

_SERVICE = "apricot-clinician"


class NoKeychain(Exception):
    """There is none on this machine, or its owner has not opened it."""


class Keychain:
    """Secrets by name; reads and writes happen one after the other, in the order they were asked for."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "keychain")

    async def read(self, name: str) -> str | None:
        """Errors: NoKeychain."""
        return await asyncio.wrap_future(self._thread.submit(_read, name))

    async def write(self, name: str, secret: str) -> None:
        """Errors: NoKeychain."""
        await asyncio.wrap_future(self._thread.submit(_write, name, secret))

    async def erase(self, name: str) -> None:
        """It is no error when there is none. Errors: NoKeychain."""
        await asyncio.wrap_future(self._thread.submit(_erase, name))

    def close(self) -> None:
        """Wait for what was asked for."""
        self._thread.shutdown()


def _read(name: str) -> str | None:
    try:
        return keyring.get_password(_SERVICE, name)
    except KeyringError as error:
        raise NoKeychain from error


def _write(name: str, secret: str) -> None:
    try:
        keyring.set_password(_SERVICE, name, secret)
    except KeyringError as error:
        raise NoKeychain from error


def _erase(name: str) -> None:
    try:
        keyring.delete_password(_SERVICE, name)
    except PasswordDeleteError:
        return
    except KeyringError as error:
        raise NoKeychain from error
