"""Requests that nobody should send: random bytes, damaged messages, and well-formed ones with hostile values, made from
the contract's descriptors."""

import math
from collections.abc import Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import assume
from hypothesis import strategies as st

from kit.contract import Method
from tests.e2e.minimal import minimal_request

STRINGS = [
    "",
    "\0",
    "a\0b",
    "\x01\x1b[31m\x7f",
    "'; drop table entry; --",
    "{{7*7}}${7*7}%s%n{0}",
    "../../../../etc/passwd",
    "\ufeff\u202e\u2066עברית",
    "👩🏽‍⚕️" * 8,
    "é" * 300,
    "x" * 70_000,
    "NaN",
    "1e999",
    "-0",
    "99999999999999999999999999",
    "00000000-0000-0000-0000-000000000000",
    "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    "{00000000-0000-0000-0000-000000000000}",
    "W10=",
    "WzEsMiwzXQ==",
    "W1tbW1tbW1tbW1tbW1tb",
    "2026-02-30",
    "Asia/../../etc/passwd",
    "posixrules",
    "2.5",
]
INVALID_UTF8 = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"ok\xfe"]
FLOATS = [0.0, -0.0, 5e-324, -1.0, 1e308, math.inf, -math.inf, math.nan, 100.0, 1000.0000001, 2.0**53 + 1]
INT32 = [0, 1, -1, 2**31 - 1, -(2**31), 1000, 1001, 10_000]
INT64 = [*INT32, 2**63 - 1, -(2**63), 253402300799, 253402300800, -62135596800, -62135596801, 4102444799, 946684800]
BOUNDS: dict[int, Sequence[Any]] = {
    FieldDescriptor.CPPTYPE_INT32: INT32,
    FieldDescriptor.CPPTYPE_INT64: INT64,
    FieldDescriptor.CPPTYPE_UINT32: [0, 1, 2**32 - 1],
    FieldDescriptor.CPPTYPE_UINT64: [0, 1, 2**64 - 1],
    FieldDescriptor.CPPTYPE_ENUM: [-1, 0, 1, 2, 3, 99, 2**31 - 1],
    FieldDescriptor.CPPTYPE_BOOL: [False, True],
    FieldDescriptor.CPPTYPE_FLOAT: FLOATS,
    FieldDescriptor.CPPTYPE_DOUBLE: FLOATS,
}


MOST_BYTES = 4 << 20
"""What is larger is refused unread: `test_bad_sizes`."""


def requests(method: Method, patient_id: str) -> st.SearchStrategy[bytes]:
    """Bytes to send to a method; about half are well-formed."""
    return st.one_of(
        st.binary(max_size=200),
        damaged(method, patient_id),
        hostile(method, patient_id),
        hostile(method, patient_id),
    )


@st.composite
def hostile(draw: st.DrawFn, method: Method, patient_id: str) -> bytes:
    """A request that would be accepted, but for up to three fields anywhere in it."""
    request = minimal_request(method, patient_id)
    for _ in range(draw(st.integers(0, 3))):
        _spoil(draw, request)
    data = request.SerializeToString()
    assume(len(data) <= MOST_BYTES)
    return data


@st.composite
def damaged(draw: st.DrawFn, method: Method, patient_id: str) -> bytes:
    """A request that would be accepted, cut, flipped, doubled, or with text that is no UTF-8."""
    data = minimal_request(method, patient_id).SerializeToString()
    match draw(st.sampled_from(["cut", "flip", "double", "text", "deep"])):
        case "cut":
            return data[: _place(draw, data)]
        case "flip" if data:
            at = _place(draw, data)
            return data[:at] + bytes([data[at] ^ draw(st.integers(1, 255))]) + data[at + 1 :]
        case "text":
            number = draw(st.sampled_from([field.number for field in method.descriptor.input_type.fields] or [1]))
            return data + length_delimited(number, draw(st.sampled_from(INVALID_UTF8)))
        case "deep":
            return data + _deep(draw(st.integers(1, 16)), 200)
    return data + data


def length_delimited(number: int, value: bytes) -> bytes:
    """A field of that number on the wire, as string, bytes or message."""
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    """As on the wire."""
    low, high = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(high) if high else bytes([low])


def _place(draw: st.DrawFn, data: bytes) -> int:
    # A remainder: the length differs a little from run to run, and hypothesis wants the same draws.
    return draw(st.integers(0, 10_000)) % (len(data) or 1)


def _deep(number: int, levels: int) -> bytes:
    data = b""
    for _ in range(levels):
        data = length_delimited(number, data)
    return data


def _spoil(draw: st.DrawFn, message: Message) -> None:
    """Put a hostile value into one field, of this message or of one inside it."""
    fields: list[Any] = list(message.DESCRIPTOR.fields)
    if not fields:
        return
    field: Any = draw(st.sampled_from(fields))
    if field.message_type and not field.is_repeated:
        if message.HasField(field.name) and draw(st.booleans()):
            message.ClearField(field.name)
        else:
            inner = getattr(message, field.name)
            inner.SetInParent()
            _spoil(draw, inner)
    elif field.message_type:
        values = getattr(message, field.name)
        _spoil(draw, values[0] if values else values.add())
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1001]))):
            values.add().CopyFrom(values[0])
    elif field.is_repeated:
        getattr(message, field.name).extend(draw(st.lists(_value(field), max_size=3)))
    else:
        setattr(message, field.name, draw(_value(field)))


def _value(field: Any) -> st.SearchStrategy[Any]:
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        texts = st.sampled_from(STRINGS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
        return texts.map(str.encode) if field.type == FieldDescriptor.TYPE_BYTES else texts
    bounds: Sequence[Any] = BOUNDS[field.cpp_type]
    return st.sampled_from(bounds)
