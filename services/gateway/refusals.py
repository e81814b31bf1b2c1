"""What the gateway answers itself, with the same machine-readable reasons as the services give."""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.json_format import MessageToDict

from kit.call import HOLDS_ROLE
from kit.errors import ApricotError
from services.gateway import headers, limits
from services.gateway.access import EXPLAINED, FAILURE, JWT, keys
from services.gateway.contract import Method
from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, header

JSON, WEB = "x-envoy-original-method", "x-grpc-web"
"""Headers by which a request tells that it came as JSON (the transcoder adds it) or as gRPC-Web."""
WEB_TYPE = "application/grpc-web+proto"
_MALFORMED = Reason.REASON_MALFORMED_MESSAGE
_TWICE = "the query names a field that the path holds"
_ROLE_BY_NOW = "the account has this role by now: refresh the token, or sign in with the second factor, to use it"
_WORDS = "%LOCAL_REPLY_BODY%"


def local_replies(methods: Iterable[Method], settings: GatewaySettings) -> Config:
    """Return what the gateway answers itself. The first that fits is given, and every status has one that does. The
    numbers are the HTTP statuses that Envoy's filters refuse with."""
    malformed = _any([{"header_filter": {"header": matcher}} for matcher in headers.malformed()])
    refusals = [
        (_token_failure("Jwt is missing"), 401, _error(Reason.REASON_TOKEN_MISSING, "a token is needed")),
        (_token_failure("Jwt is expired"), 401, _error(Reason.REASON_TOKEN_EXPIRED, "the token has expired")),
        # Not the caller's fault: no client shall sign its user out for it.
        (_token_failure("Jwks remote fetch is failed"), 503, _unavailable()),
        (_token_failure(), 401, _error(Reason.REASON_TOKEN_INVALID, "the token is not valid here")),
        (_all(_status(403), _holds_role_by_now()), 403, _error(Reason.REASON_ROLE_NOT_IN_TOKEN, _ROLE_BY_NOW)),
        (_status(403), 403, _error(Reason.REASON_ROLE_REQUIRED, "none of your roles may do this")),
        *(
            (_all(_status(429), _any_path(guard.paths)), 429, _too_often(guard.wait_seconds))
            for guard in limits.guards(methods, settings)
        ),
        (_status(429), 429, _too_often(1)),
        (_all(_status(404), malformed), 400, _error(_MALFORMED, "a standard header of the call cannot be parsed")),
        (_all(_status(404), _has(headers.ORIGINAL_PATH)), 400, _error(Reason.REASON_INVALID_FIELD, _TWICE)),
        (_status(404), 404, _error(Reason.REASON_METHOD_UNKNOWN, "there is no such method or path")),
        (_any_status(408, 504), 504, _error(Reason.REASON_DEADLINE_EXCEEDED, "the call did not end in time")),
        (_status(413), 413, _error(Reason.REASON_TOO_LARGE, "the message is too large")),
        (_status(431), 431, _error(Reason.REASON_TOO_LARGE, "the headers are too large")),
        (_any_status(502, 503), 503, _unavailable()),
        (_status(500, "GE"), 500, _error(Reason.REASON_INTERNAL, "internal error")),
    ]
    mappers = [mapper for refusal in refusals for mapper in _in_each_form(*refusal)]
    # The transcoder's words say what is wrong with the caller's JSON.
    unparsed = _in_each_form(_status(400, "GE"), 400, _error(_MALFORMED, "the request cannot be parsed"), _WORDS)
    return {"mappers": [*mappers, *unparsed]}


def _in_each_form(when: Config, http: int, error: ApricotError, words: str = "") -> list[Config]:
    """JSON, gRPC-Web and gRPC, and JSON for all others. Envoy itself knows only gRPC."""
    status = error.to_status()
    details = b64encode(status.SerializeToString(deterministic=True)).rstrip(b"=").decode()
    told = [header("grpc-status", str(status.code)), header("grpc-status-details-bin", details)]
    as_json = {
        "status_code": http,
        "body_format_override": {"json_format": MessageToDict(status) | ({"message": words} if words else {})},
    }
    return [
        {"filter": _all(when, _has(JSON)), **as_json},
        {
            "filter": _all(when, _has(WEB)),
            "status_code": 200,
            "headers_to_add": [*told, header("grpc-message", status.message)],
            "body_format_override": {"text_format_source": {"inline_string": ""}, "content_type": WEB_TYPE},
        },
        {
            "filter": _all(when, _is_grpc()),
            "status_code": http,
            "headers_to_add": told,
            "body": {"inline_string": status.message},
        },
        {"filter": when, **as_json},
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


def _holds_role_by_now() -> Config:
    """Identity said so, see `access.role_explanation`."""
    matcher = {"filter": EXPLAINED, "path": keys(HOLDS_ROLE), "value": {"string_match": {"exact": "1"}}}
    return {"metadata_filter": {"matcher": matcher, "match_if_key_not_found": False}}


def _status(http: int, op: str = "EQ") -> Config:
    value = {"default_value": http, "runtime_key": f"refusals.{http}"}
    return {"status_code_filter": {"comparison": {"op": op, "value": value}}}


def _any_status(*https: int) -> Config:
    return _any([_status(http) for http in https])


def _is_grpc() -> Config:
    return {"header_filter": {"header": {"name": "content-type", "string_match": {"prefix": "application/grpc"}}}}


def _has(name: str) -> Config:
    return {"header_filter": {"header": {"name": name, "present_match": True}}}


def _any_path(paths: Iterable[str]) -> Config:
    matchers = [{"name": ":path", "string_match": {"exact": path}} for path in sorted(paths)]
    return _any([{"header_filter": {"header": matcher}} for matcher in matchers])


def _any(filters: list[Config]) -> Config:
    return {"or_filter": {"filters": filters}} if len(filters) > 1 else filters[0]


def _all(*filters: Config) -> Config:
    return {"and_filter": {"filters": list(filters)}}
