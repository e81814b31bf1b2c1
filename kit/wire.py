"""Protobuf's wire form, put together without being parsed: messages that are stored as bytes go out as they are."""

from collections.abc import Iterable

_LENGTH_DELIMITED = 2


def repeated(field_number: int, messages: Iterable[bytes]) -> bytes:
    """A repeated message field (protobuf.dev/programming-guides/encoding); any message may have it appended."""
    tag = _varint(field_number << 3 | _LENGTH_DELIMITED)
    return b"".join([part for message in messages for part in (tag, _varint(len(message)), message)])


def _varint(value: int) -> bytes:
    if value < 0x80:
        return _SHORT[value]
    return _SHORT[value & 0x7F | 0x80] + _varint(value >> 7)


_SHORT = [bytes([value]) for value in range(256)]
