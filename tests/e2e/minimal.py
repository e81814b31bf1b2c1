"""The smallest request that a method accepts, made from the contract's own rules, so that a new method needs nothing
here; only what a pattern asks for is written down, by the field's name."""

from typing import Any
from uuid import uuid4

from apricot.access.v1.access_pb2 import ROLE_SERVICE
from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp

from kit import validation
from kit.clock import utc_now
from kit.contract import Method
from kit.times import to_timestamp
from tests.people import new_phone

# Strings whose rule is a pattern, by the field's name, or by its full one where that means something else; a callable
# makes a new one each time.
PATTERNED: dict[str, Any] = {
    "phone": new_phone,
    "code": "000000",
    "apricot.consult.v1.DiagnosisCode.code": "E11.9",
    "atc_code": "A10BA02",
    "purpose": "prescription",
    "totp_code": "000000",
    "number": lambda: uuid4().hex,
    "currency_code": "CNY",
    "expiry_date": "2099-12-31",
    "licence_expiry_date": "2099-12-31",
    "date": "2099-12-31",
    "first_date": "2099-12-31",
    "last_date": "2099-12-31",
    "value": "1.5",
    "time_zone": "Asia/Shanghai",
}


class NoSample(Exception):
    """A method's request could not be made by its rules alone: add a sample for its field to `PATTERNED`."""


def minimal_request(method: Method, patient_id: str) -> Message:
    """A valid request about this patient. Errors: `NoSample`."""
    request: Message = _message(GetMessageClass(method.descriptor.input_type))
    if method.rule is not None and (name := method.rule.patient_field):
        name_patient(request, name, patient_id)
    if broken := validation.violations(request):
        raise NoSample(f"{method.path}: {broken[0].field}: {broken[0].description}")
    return request


def name_patient(request: Message, patient_field: str, patient_id: str) -> None:
    """Have the request name this patient."""
    if request.DESCRIPTOR.fields_by_name[patient_field].is_repeated:
        request.ClearField(patient_field)
        getattr(request, patient_field).append(patient_id)
    else:
        setattr(request, patient_field, patient_id)


def _message(kind: type[Message]) -> Message:
    if kind is Timestamp:
        return to_timestamp(utc_now())
    message = kind()
    chosen = {oneof.fields[0].name for oneof in kind.DESCRIPTOR.oneofs if _required(oneof)}
    for field in kind.DESCRIPTOR.fields:
        rules = field.GetOptions().Extensions[validate_pb2.field]
        if field.containing_oneof is None or field.name in chosen:
            _fill(message, field, rules, needed=field.name in chosen)
    return message


def _required(oneof: Any) -> bool:
    return bool(oneof.GetOptions().Extensions[validate_pb2.oneof].required)


def _fill(message: Message, field: Any, rules: validate_pb2.FieldRules, needed: bool) -> None:
    if field.is_repeated:
        for _ in range(rules.repeated.min_items):
            values = getattr(message, field.name)
            if field.message_type:
                values.add().MergeFrom(_message(GetMessageClass(field.message_type)))
            else:
                values.append(_scalar(field, rules.repeated.items))
    elif field.message_type:
        if needed or rules.required:
            made = _message(GetMessageClass(field.message_type))
            if isinstance(made, FieldMask):
                made.paths.extend(getattr(rules.field_mask, "in")[:1])
            getattr(message, field.name).CopyFrom(made)
    elif rules.ignore != validate_pb2.IGNORE_IF_ZERO_VALUE:
        value = _scalar(field, rules)
        if value is not None:
            setattr(message, field.name, value)


def _scalar(field: Any, rules: validate_pb2.FieldRules) -> Any:
    """The value that a field's rules ask for; none where its default will do."""
    if field.type == FieldDescriptor.TYPE_ENUM:
        allowed = getattr(rules.enum, "in") or sorted(field.enum_type.values_by_number)
        chosen = next(number for number in allowed if number not in rules.enum.not_in)
        return chosen or None
    if field.type == FieldDescriptor.TYPE_STRING:
        return _string(field, rules.string)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return b"x" * (rules.bytes.len or rules.bytes.min_len) or None
    kind = rules.WhichOneof("type")
    limits = getattr(rules, kind) if kind in ("int32", "int64", "double", "float", "uint32", "uint64") else None
    if limits is None:
        return None
    if limits.HasField("gte"):
        return limits.gte
    return limits.gt + 1 if limits.HasField("gt") else None


def _string(field: FieldDescriptor, rules: validate_pb2.StringRules) -> str | None:
    if rules.uuid:
        return str(uuid4())
    if allowed := getattr(rules, "in"):
        return str(allowed[0])
    sample = PATTERNED.get(field.full_name, PATTERNED.get(field.name))
    if sample is not None and (rules.pattern or rules.min_len):
        made: str = sample() if callable(sample) else sample
        return made.ljust(rules.min_len, "0")
    return "x" * rules.min_len or None


def is_for_services_alone(method: Method) -> bool:
    """Return whether only a service may call the method, so that the gateway has no route to it."""
    return method.rule is not None and list(method.rule.roles.any_of) == [ROLE_SERVICE]
