"""The contract's own rules (`buf.validate`), checked on every request."""

import protovalidate
from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.message import Message

from kit.errors import ApricotError, FieldViolation

_validator = protovalidate.Validator()


def violations(message: Message) -> list[FieldViolation]:
    """Every broken rule with the path of its field, such as `entries[3].meal.carbohydrate_g`."""
    return [
        FieldViolation(_path(found), found.proto.message or found.proto.rule_id)
        for found in _validator.collect_violations(message)
    ]


def validate(message: Message) -> None:
    """Errors: INVALID_FIELD."""
    found = violations(message)
    if found:
        raise ApricotError(
            Reason.REASON_INVALID_FIELD, f"{found[0].field}: {found[0].description}", violations=found[:50]
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
