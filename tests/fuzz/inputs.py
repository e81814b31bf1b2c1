"""Requests that nobody should send, made from the contract's descriptors: random bytes, damaged messages, and
well-formed ones with hostile values, with values at the bounds of their rules, or with somebody else's ids."""

import math
from collections.abc import Sequence
from random import Random
from typing import Any

from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from kit.contract import Method
from tests.e2e.minimal import minimal_request
from tests.e2e.wire import length_delimited

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


class Inputs:
    """Makes requests for one way into the platform; the same seed and ids make the same choices."""

    def __init__(self, random: Random, ids: Sequence[str]) -> None:
        self._random = random
        self._ids = ids

    def request(self, method: Method, patient_id: str) -> bytes:
        """Bytes to send to a method; most are well-formed."""
        makers = [self._garbage, self._damaged, self._hostile, self._hostile, self._foreign, self._foreign]
        data = self._random.choice(makers)(method, patient_id)
        return data if len(data) <= MOST_BYTES else data[:MOST_BYTES]

    def _garbage(self, method: Method, patient_id: str) -> bytes:
        return self._random.randbytes(self._random.randint(0, 200))

    def _foreign(self, method: Method, patient_id: str) -> bytes:
        """As accepted, but about things that belong to others."""
        request = minimal_request(method, patient_id)
        self._take_ids(request)
        return request.SerializeToString()

    def _hostile(self, method: Method, patient_id: str) -> bytes:
        """A request that would be accepted, but for up to three fields anywhere in it."""
        request = minimal_request(method, patient_id)
        if self._random.random() < 0.5:
            self._take_ids(request)
        for _ in range(self._random.randint(1, 3)):
            self._spoil(request)
        data = request.SerializeToString()
        return data + self._second_member(method) if self._random.random() < 0.1 else data

    def _damaged(self, method: Method, patient_id: str) -> bytes:
        """A request that would be accepted, cut, flipped, doubled, deep, or with text that is no UTF-8."""
        data = minimal_request(method, patient_id).SerializeToString()
        at = self._random.randrange(len(data) or 1)
        match self._random.choice(["cut", "flip", "double", "text", "deep", "length"]):
            case "cut":
                return data[:at]
            case "flip" if data:
                return data[:at] + bytes([data[at] ^ self._random.randint(1, 255)]) + data[at + 1 :]
            case "text":
                numbers = [field.number for field in method.descriptor.input_type.fields] or [1]
                return data + length_delimited(self._random.choice(numbers), self._random.choice(INVALID_UTF8))
            case "deep":
                return data + _deep(self._random.randint(1, 16), self._random.choice([50, 200, 2000]))
            case "length":
                return data + b"\x0a\xff\xff\xff\xff\x0f"  # says that 4 GiB follow
        return data + data

    def _second_member(self, method: Method) -> bytes:
        """Another member of a oneof behind the first: on the wire the last one counts."""
        oneofs = [one for one in method.descriptor.input_type.oneofs if len(one.fields) > 1]
        if not oneofs:
            return b""
        field = self._random.choice(list(self._random.choice(oneofs).fields))
        return length_delimited(field.number, self._random.randbytes(self._random.randint(0, 20)))

    def _take_ids(self, message: Message) -> None:
        """Put an id that is somebody's into each place for one, more often than not."""
        for field, value in message.ListFields():
            if field.message_type and field.is_repeated:
                for inner in value:
                    self._take_ids(inner)
            elif field.message_type:
                self._take_ids(value)
            elif _is_id(field) and field.name != "request_id" and self._random.random() < 0.8:
                if field.is_repeated:
                    value[:] = [self._random.choice(self._ids) for _ in value]
                else:
                    setattr(message, field.name, self._random.choice(self._ids))

    def _spoil(self, message: Message) -> None:
        """Put a hostile value into one field, of this message or of one inside it."""
        if not (fields := list(message.DESCRIPTOR.fields)):
            return
        field: Any = self._random.choice(fields)
        if field.message_type and not field.is_repeated:
            if message.HasField(field.name) and self._random.random() < 0.5:
                message.ClearField(field.name)
            else:
                inner = getattr(message, field.name)
                inner.SetInParent()
                self._spoil(inner)
        elif field.message_type:
            values = getattr(message, field.name)
            self._spoil(values[0] if values else values.add())
            for _ in range(self._count(field)):
                values.add().CopyFrom(values[0])
        elif field.is_repeated:
            value = self._value(field)
            getattr(message, field.name).extend([value] * self._count(field))
        else:
            setattr(message, field.name, self._value(field))

    def _count(self, field: Any) -> int:
        """How many more of a repeated field: few, or as many as its rule allows and one more."""
        most = _rules(field).repeated.max_items or 1000
        return self._random.choice([0, 1, 1, 3, most, most + 1]) if most <= 2000 else self._random.choice([0, 1, 3])

    def _value(self, field: Any) -> Any:
        rules = _rules(field).repeated.items if field.is_repeated else _rules(field)
        if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            text = self._text(rules.string if field.type == FieldDescriptor.TYPE_STRING else None)
            return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
        at_bounds = _at_bounds(rules)
        return self._random.choice(at_bounds if at_bounds and self._random.random() < 0.5 else BOUNDS[field.cpp_type])

    def _text(self, rules: validate_pb2.StringRules | None) -> str:
        most = rules.max_len if rules else 0
        if most and self._random.random() < 0.3:
            return self._random.choice("x字👩") * (most + self._random.choice([-1, 0, 1]))
        if self._random.random() < 0.3:
            return "".join(chr(self._random.choice(PLANES)(self._random)) for _ in range(self._random.randint(0, 40)))
        return self._random.choice([*STRINGS, *self._ids[:10]])


PLANES = [
    lambda random: random.randint(0, 0x7F),
    lambda random: random.randint(0x80, 0xD7FF),
    lambda random: random.randint(0xE000, 0x10FFFF),
]
"""Any character but the halves of pairs, which are none."""


def _rules(field: Any) -> validate_pb2.FieldRules:
    rules: validate_pb2.FieldRules = field.GetOptions().Extensions[validate_pb2.field]
    return rules


def _is_id(field: Any) -> bool:
    rules = _rules(field)
    return bool(rules.repeated.items.string.uuid if field.is_repeated else rules.string.uuid)


def _at_bounds(rules: validate_pb2.FieldRules) -> list[Any]:
    """The least and the most that a rule for numbers allows, and what lies just beside them."""
    kind = rules.WhichOneof("type")
    if kind not in ("int32", "int64", "uint32", "uint64", "float", "double"):
        return []
    limits = getattr(rules, kind)
    step = 1 if "int" in kind else 1e-9
    found = [getattr(limits, name) for name in ("gt", "gte", "lt", "lte") if limits.HasField(name)]
    least = 0 if kind.startswith("u") else -(2**31)
    return [bound + by for bound in found for by in (-step, 0, step) if least <= bound + by <= 2**31 - 1]


def _deep(number: int, levels: int) -> bytes:
    data = b""
    for _ in range(levels):
        data = length_delimited(number, data)
    return data
