"""What the gateway answers itself, with the same machine-readable reasons as the services give."""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.json_format import MessageToDict

from kit.errors import ApricotError
from services.gateway import limits
from services.gateway.access import FAILURE, JWT, keys
from services.gateway.contract import Method
from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, header

JSON, WEB = "x-envoy-original-method", "x-grpc-web"
"""Headers by which a request tells that it came as JSON (the transcoder adds it) or as gRPC-Web."""
WEB_TYPE = "application/grpc-web+proto"


def local_replies(methods: Iterable[Method], settings: GatewaySettings) -> Config:
    """The first that fits is given. The numbers are the HTTP statuses that Envoy's filters refuse with."""
    guarded = _all(_status(429), _any_path(limits.guarded_paths(methods)))
    refusals = [
        (_token_failure("Jwt is missing"), 401, _error(Reason.REASON_TOKEN_MISSING, "a token is needed")),
        (_token_failure("Jwt is expired"), 401, _error(Reason.REASON_TOKEN_EXPIRED, "the token has expired")),
        # Not the caller's fault: no client shall sign its user out for it.
        (_token_failure("Jwks remote fetch is failed"), 503, _unavailable()),
        (_token_failure(), 401, _error(Reason.REASON_TOKEN_INVALID, "the token is not valid here")),
        (_status(403), 403, _error(Reason.REASON_ROLE_REQUIRED, "none of your roles may do this")),
        (guarded, 429, _too_often(limits.guarded_wait_seconds(settings))),
        (_status(429), 429, _too_often(1)),
        (_status(413), 413, _error(Reason.REASON_TOO_LARGE, "the message is too large")),
        (_status(503), 503, _unavailable()),
    ]
    return {"mappers": [mapper for refusal in refusals for mapper in _in_each_form(*refusal)]}


def _in_each_form(when: Config, http: int, error: ApricotError) -> list[Config]:
    """JSON, gRPC-Web and gRPC. Envoy itself knows only the last."""
    status = error.to_status()
    details = b64encode(status.SerializeToString(deterministic=True)).rstrip(b"=").decode()
    headers = [header("grpc-status", str(status.code)), header("grpc-status-details-bin", details)]
    return [
        {
            "filter": _all(when, _has(JSON)),
            "status_code": http,
            "body_format_override": {"json_format": MessageToDict(status)},
        },
        {
            "filter": _all(when, _has(WEB)),
            "status_code": 200,
            "headers_to_add": [*headers, header("grpc-message", status.message)],
            "body_format_override": {"text_format_source": {"inline_string": ""}, "content_type": WEB_TYPE},
        },
        {
            "filter": when,
            "status_code": http,
            "headers_to_add": headers,
            "body": {"inline_string": status.message},
        },
    ]


def _error(reason: Reason.ValueType, message: str, **metadata: str) -> ApricotError:
    return ApricotError(reason, message, metadata=metadata)


def _unavailable() -> ApricotError:
    return _error(Reason.REASON_UNAVAILABLE, "a part that this call needs does not answer")


def _too_often(seconds: int) -> ApricotError:
    return _error(Reason.REASON_RATE_LIMITED, "too many calls", retry_after_seconds=str(seconds))


def _token_failure(words: str = "") -> Config:
    """The token check failed, with these words of Envoy's or with any."""
    value: dict[str, Any] = {"string_match": {"exact": words}} if words else {"present_match": True}
    matcher = {"filter": JWT, "path": keys(FAILURE, "message"), "value": value}
    return {"metadata_filter": {"matcher": matcher, "match_if_key_not_found": False}}


def _status(http: int) -> Config:
    value = {"default_value": http, "runtime_key": f"refusals.{http}"}
    return {"status_code_filter": {"comparison": {"op": "EQ", "value": value}}}


def _has(name: str) -> Config:
    return {"header_filter": {"header": {"name": name, "present_match": True}}}


def _any_path(paths: Iterable[str]) -> Config:
    matchers = [{"name": ":path", "string_match": {"exact": path}} for path in paths]
    return {"or_filter": {"filters": [{"header_filter": {"header": matcher}} for matcher in matchers]}}


def _all(*filters: Config) -> Config:
    return {"and_filter": {"filters": list(filters)}}
