"""Errors that cross a boundary: a gRPC status, a reason of the contract, and facts for the client.

Anything in `rpc/`, `store/` or `kit/` raises these; a service's `domain/` raises its own exceptions, which the
service's error table turns into a reason. One place sends them (`kit.chain`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

DOMAIN = "apricot"

_GROUPS = [
    (20, grpc.StatusCode.INVALID_ARGUMENT),
    (40, grpc.StatusCode.UNAUTHENTICATED),
    (60, grpc.StatusCode.PERMISSION_DENIED),
    (80, grpc.StatusCode.NOT_FOUND),
    (100, grpc.StatusCode.ALREADY_EXISTS),
    (120, grpc.StatusCode.ABORTED),
    (140, grpc.StatusCode.FAILED_PRECONDITION),
    (160, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (180, grpc.StatusCode.UNAVAILABLE),
    (200, grpc.StatusCode.INTERNAL),
    (220, grpc.StatusCode.INVALID_ARGUMENT),  # entry reasons, raised for a single entry
    (240, grpc.StatusCode.UNIMPLEMENTED),
    (260, grpc.StatusCode.DEADLINE_EXCEEDED),
]


def status_of(reason: Reason.ValueType) -> grpc.StatusCode:
    """The status a reason comes with: the contract numbers its reasons in groups of twenty by status."""
    return next((code for below, code in _GROUPS if 0 < reason < below), grpc.StatusCode.INVALID_ARGUMENT)


@dataclass(frozen=True)
class FieldViolation:
    """One field that breaks its rule: its path in the request, and what is wrong with it."""

    field: str
    description: str


class ApricotError(Exception):
    """A refusal with its reason."""

    def __init__(
        self,
        reason: Reason.ValueType,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[FieldViolation] = (),
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)

    @property
    def code(self) -> grpc.StatusCode:
        return status_of(self.reason)

    def to_status(self) -> status_pb2.Status:
        """As `google.rpc.Status` with `ErrorInfo`, and `BadRequest` where fields are to blame."""
        info = error_details_pb2.ErrorInfo(
            reason=Reason.Name(self.reason).removeprefix("REASON_"), domain=DOMAIN, metadata=self.metadata
        )
        details = [_packed(info)]
        if self.violations:
            bad = error_details_pb2.BadRequest()
            for violation in self.violations:
                bad.field_violations.add(field=violation.field, description=violation.description)
            details.append(_packed(bad))
        code: int = self.code.value[0]
        return status_pb2.Status(code=code, message=self.message, details=details)


def invalid_field(field: str, description: str) -> ApricotError:
    """A single field that breaks a rule which the contract cannot express."""
    return ApricotError(
        Reason.REASON_INVALID_FIELD,
        f"{field}: {description}",
        violations=[FieldViolation(field, description)],
    )


def not_found(what: str) -> ApricotError:
    """No such thing, or none that the caller may know of."""
    return ApricotError(Reason.REASON_NOT_FOUND, f"no such {what}")


def not_allowed(message: str, *, fields: Sequence[str] = ()) -> ApricotError:
    """The caller may not act on this object, or on these fields of it, which the metadata names."""
    return ApricotError(Reason.REASON_NOT_ALLOWED, message, metadata={"fields": ",".join(fields)} if fields else None)


def from_rpc(error: grpc.aio.AioRpcError) -> ApricotError | None:
    """The refusal that another service answered with; none where no reason came, as from the network between."""
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if not isinstance(details, bytes):
        return None
    info = error_details_pb2.ErrorInfo()
    for detail in status_pb2.Status.FromString(details).details:
        if not detail.Unpack(info) or info.domain != DOMAIN:
            continue
        if (reason := Reason.DESCRIPTOR.values_by_name.get(f"REASON_{info.reason}")) is not None:
            return ApricotError(Reason.ValueType(reason.number), error.details() or "", metadata=dict(info.metadata))
    return None


def _packed(message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
