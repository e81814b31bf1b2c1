"""Column types whose values are sealed by the keys of the database that they go into (`kit.sealing`)."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, override
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, Dialect, LargeBinary, String, Text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.sealing import SealingKeys

_keys_of: WeakKeyDictionary[Dialect, SealingKeys] = WeakKeyDictionary()
"""An engine's dialect is its own, and all that a type is told."""


def bind(engine: AsyncEngine, keys: SealingKeys) -> None:
    """What the engine writes and reads is sealed and opened by these."""
    _keys_of[engine.dialect] = keys


def keys_of(session: AsyncSession) -> SealingKeys:
    """For statements of a session that go past the ORM."""
    return _keys_of[session.get_bind().dialect]


class Sealed[T](TypeDecorator[T]):
    """Sealed twice, the same value differs: nothing can be asked of it but whether it is there."""

    class Comparator(TypeDecorator.Comparator[Any]):
        """Refuses what could never be true."""

        @override
        def operate(self, op: Callable[..., Any], *other: Any, **kwargs: Any) -> Any:
            # SQLAlchemy looks for a column that it writes by comparing it with itself.
            itself = op is operators.eq and isinstance(other[0], ColumnElement) and hash(other[0]) == hash(self.expr)
            if op not in (operators.is_, operators.is_not) and not itself:
                raise TypeError("a sealed column cannot be compared")
            return super().operate(op, *other, **kwargs)

    impl: type[TypeEngine[Any]] = LargeBinary
    cache_ok = True
    comparator_factory = Comparator

    def __init__(self, column: str) -> None:
        """`table.column`: its values open there alone."""
        super().__init__()
        self.column = column

    @abstractmethod
    def seal(self, keys: SealingKeys, value: T) -> T:
        """As it is kept."""

    @abstractmethod
    def open(self, keys: SealingKeys, kept: T) -> T:
        """As it was. Errors: as of `SealingKeys.open`."""

    @abstractmethod
    def prefix(self, keys: SealingKeys) -> T:
        """How a value begins that the first key has sealed."""

    @override
    def process_bind_param(self, value: T | None, dialect: Dialect) -> T | None:
        return None if value is None else self.seal(_keys_of[dialect], value)

    @override
    def process_result_value(self, value: T | None, dialect: Dialect) -> T | None:
        return None if value is None else self.open(_keys_of[dialect], value)


class SealedBytes(Sealed[bytes]):
    """Bytes, such as a message of the contract."""

    cache_ok = True

    @override
    def seal(self, keys: SealingKeys, value: bytes) -> bytes:
        return keys.seal(self.column, value)

    @override
    def open(self, keys: SealingKeys, kept: bytes) -> bytes:
        return keys.open(self.column, kept)

    @override
    def prefix(self, keys: SealingKeys) -> bytes:
        return keys.prefix


class SealedSigned(SealedBytes):
    """Bytes that a signature covers. What was altered since it was sealed comes as it is kept: the signature tells."""

    cache_ok = True

    @override
    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        try:
            return super().process_result_value(value, dialect)
        except (InvalidTag, ValueError):  # the latter of what was cut off
            return value


class SealedText(Sealed[str]):
    """A text."""

    impl: type[String] = Text
    cache_ok = True

    @override
    def seal(self, keys: SealingKeys, value: str) -> str:
        return keys.seal_text(self.column, value)

    @override
    def open(self, keys: SealingKeys, kept: str) -> str:
        return keys.open_text(self.column, kept)

    @override
    def prefix(self, keys: SealingKeys) -> str:
        return keys.text_prefix
