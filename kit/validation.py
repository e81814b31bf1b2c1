"""The contract's own rules (`buf.validate`), checked on every request."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import protovalidate
from apricot.errors.v1.reason_pb2 import Reason
from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from kit.errors import ApricotError, FieldViolation

_validator = protovalidate.Validator()
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799


def violations(message: Message) -> list[FieldViolation]:
    """Every broken rule with the path of its field, such as `entries[3].meal.carbohydrate_g`."""
    found = [
        FieldViolation(_path(violation), violation.proto.message or violation.proto.rule_id)
        for violation in _validator.collect_violations(message)
    ]
    found.extend(_broken_instants(message))
    return found


def validate(message: Message) -> None:
    """Errors: INVALID_FIELD."""
    found = violations(message)
    if found:
        raise ApricotError(
            Reason.REASON_INVALID_FIELD, f"{found[0].field}: {found[0].description}", violations=found[:50]
        )


def _broken_instants(message: Message, prefix: str = "") -> Iterator[FieldViolation]:
    """Timestamps that are no instant by protobuf's own definition, which `buf.validate` leaves to the language."""
    for name, repeated, is_instant in _instant_fields(message.DESCRIPTOR):
        if repeated:
            for index, value in enumerate(getattr(message, name)):
                yield from _broken_instant(value, is_instant, f"{prefix}{name}[{index}]")
        elif message.HasField(name):
            value = getattr(message, name)
            if not (is_instant and 0 <= value.nanos < 1_000_000_000 and 0 < value.seconds <= _LAST_SECOND):
                yield from _broken_instant(value, is_instant, f"{prefix}{name}")


def _broken_instant(value: Any, is_instant: bool, path: str) -> Iterator[FieldViolation]:
    if not is_instant:
        yield from _broken_instants(value, f"{path}.")
    elif not (_FIRST_SECOND <= value.seconds <= _LAST_SECOND and 0 <= value.nanos < 1_000_000_000):
        yield FieldViolation(path, "must be an instant of the years 1 to 9999, its nanos 0 to 999999999")


@cache
def _instant_fields(descriptor: Descriptor) -> tuple[tuple[str, bool, bool], ...]:
    """The fields that hold timestamps: name, whether repeated, whether one itself or with one inside. What the contract
    leaves unchecked is left out; no message of a request holds itself."""
    return tuple(
        (field.name, field.is_repeated, field.message_type is Timestamp.DESCRIPTOR)
        for field in descriptor.fields
        if field.message_type is not None
        and not field.message_type.GetOptions().map_entry
        and field.GetOptions().Extensions[validate_pb2.field].repeated.items.ignore != validate_pb2.IGNORE_ALWAYS
        and (field.message_type is Timestamp.DESCRIPTOR or _instant_fields(field.message_type))
    )


def _path(violation: protovalidate.Violation) -> str:
    field = violation.proto.field
    if field is None:
        return ""
    path = ""
    for element in field.elements:
        path += f".{element.field_name}" if path else str(element.field_name)
        subscript = element.subscript
        if subscript is not None and subscript.field == "index":
            path += f"[{subscript.value}]"
    return path
