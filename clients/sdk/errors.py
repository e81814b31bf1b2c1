"""The one error of the SDK: a refusal or a failure, with its reason."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

_DOMAIN = "apricot"

# The same call may well succeed in a moment.
_PASSING_REASONS = {Reason.REASON_UNAVAILABLE, Reason.REASON_RATE_LIMITED, Reason.REASON_WATCHER_TOO_SLOW}

# Services name a reason with every status of theirs; without one, these come from the network between: no connection,
# a reset stream, a deadline that passed.
_NETWORK_CODES = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
}

# A fresh access token helps against these, and against a bare UNAUTHENTICATED.
_TOKEN_REASONS = {Reason.REASON_TOKEN_MISSING, Reason.REASON_TOKEN_INVALID, Reason.REASON_TOKEN_EXPIRED}


@dataclass(frozen=True)
class FieldViolation:
    """One field that breaks its rule: its path in the request, and what is wrong with it."""

    field: str
    description: str


class ApricotError(Exception):
    """Why a call failed. Act on `reason`, never on the message.

    `reason` is REASON_UNSPECIFIED where nobody named one: then `code`, the gRPC status, is all there is.
    `request_id` finds the call in the platform's logs; empty when the call never got there.
    """

    def __init__(
        self,
        reason: Reason.ValueType,
        code: grpc.StatusCode,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[FieldViolation] = (),
        request_id: str = "",
    ) -> None:
        name = Reason.Name(reason).removeprefix("REASON_") if reason else code.name
        super().__init__(f"{name}: {message}")
        self.reason = reason
        self.code = code
        self.message = message
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)
        self.request_id = request_id

    @classmethod
    def of(cls, error: grpc.aio.AioRpcError) -> Self:
        """From what grpc raises."""
        info, bad = _details(error)
        return cls(
            _reason(info, error.code()),
            error.code(),
            error.details() or "",
            metadata=info.metadata,
            violations=[FieldViolation(each.field, each.description) for each in bad.field_violations],
            request_id=info.metadata.get("request_id") or _text(error, "x-request-id"),
        )

    @property
    def temporary(self) -> bool:
        """Whether the same request may succeed later, without anybody doing anything about it."""
        nameless = self.reason == Reason.REASON_UNSPECIFIED
        return self.reason in _PASSING_REASONS or (nameless and self.code in _NETWORK_CODES)

    @property
    def token_rejected(self) -> bool:
        """Whether the access token is to blame."""
        nameless = self.reason == Reason.REASON_UNSPECIFIED
        return self.reason in _TOKEN_REASONS or (nameless and self.code == grpc.StatusCode.UNAUTHENTICATED)

    @property
    def retry_after_seconds(self) -> float:
        """How long the platform asks to wait; 0 when it does not say."""
        try:
            return max(0.0, float(self.metadata.get("retry_after_seconds", 0)))
        except ValueError:
            return 0.0


def session_ended() -> ApricotError:
    """The user has to sign in again."""
    code = grpc.StatusCode.UNAUTHENTICATED
    return ApricotError(Reason.REASON_SESSION_ENDED, code, "the session has ended: sign in again")


def network_error(code: grpc.StatusCode, message: str) -> ApricotError:
    """A failure that the client itself has found."""
    return ApricotError(Reason.REASON_UNSPECIFIED, code, message)


def _details(error: grpc.aio.AioRpcError) -> tuple[error_details_pb2.ErrorInfo, error_details_pb2.BadRequest]:
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            with suppress(DecodeError):  # whatever a proxy made of it, the status stands
                for detail in status_pb2.Status.FromString(value).details:
                    detail.Unpack(info)
                    detail.Unpack(bad)
    return info, bad


def _reason(info: error_details_pb2.ErrorInfo, code: grpc.StatusCode) -> Reason.ValueType:
    if info.domain == _DOMAIN and info.reason:
        with suppress(ValueError):  # a reason newer than this client
            return Reason.Value(f"REASON_{info.reason}")
    # The one status that means the same wherever it comes from.
    return Reason.REASON_UNAVAILABLE if code == grpc.StatusCode.UNAVAILABLE else Reason.REASON_UNSPECIFIED


def _text(error: grpc.aio.AioRpcError, wanted: str) -> str:
    pairs = [*(error.initial_metadata() or ()), *(error.trailing_metadata() or ())]
    return next((value for key, value in pairs if key == wanted and isinstance(value, str)), "")
