"""Where each method goes, for how long, and whether it may be sent twice."""

import re
from collections.abc import Iterable

from kit.call import THROUGH_GATEWAY
from services.gateway import access, headers, limits
from services.gateway.callbacks import callback_routes
from services.gateway.contract import Method
from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, header, typed

UNARY_SECONDS, LONGEST_UNARY_SECONDS = 15, 60
UPLOAD_SECONDS = 600
PUBLIC_SECONDS = 10
"""Of a stream without a token. With the rate of its bucket this bounds how many an address holds: see `limits`."""
NAME, UNKNOWN = "contract", "unknown"


def _reflection(version: str) -> Method:
    service, name = f"grpc.reflection.{version}.ServerReflection", "ServerReflectionInfo"
    return Method(service, name, "identity", "public", client_streaming=True, server_streaming=True)


HEALTH = Method("grpc.health.v1.Health", "Check", "identity", "public", read=True)
# Every service's reflection tells the whole contract.
REFLECTION = [_reflection(version) for version in ("v1", "v1alpha")]


def routed(methods: Iterable[Method], settings: GatewaySettings) -> list[Method]:
    """Return every method that may be called from outside: of the contract, and public beside it.

    `Health/Watch` is not among them: it would be a stream without end for callers without a token.
    """
    ours = [method for method in methods if not method.for_services_alone]
    return [*ours, HEALTH, *(REFLECTION if settings.reflection else ())]


def routes(methods: Iterable[Method], settings: GatewaySettings) -> Config:
    """One exact route for each method and callback, and 404 (UNIMPLEMENTED in gRPC) for everything else."""
    methods = routed(methods, settings)
    return {
        "name": NAME,
        "validate_clusters": False,
        "virtual_hosts": [
            {
                "name": "apricot",
                "domains": ["*"],
                "routes": [
                    *(_nowhere("malformed", [header]) for header in headers.malformed()),
                    *map(_route, methods),
                    *callback_routes(),
                    _nowhere(UNKNOWN, []),
                ],
                "request_headers_to_add": [header(THROUGH_GATEWAY, "1")],
                "typed_per_filter_config": {
                    "envoy.filters.http.cors": _cors(settings.cors_origins, methods),
                    limits.NAME: limits.buckets(methods, settings),
                },
            }
        ],
    }


def _route(method: Method) -> Config:
    streamed = {} if method.unary else {"envoy.filters.http.buffer": _unbuffered()}
    route: Config = {
        "name": f"{method.service}/{method.name}",
        "match": {"path": method.path, "headers": _headers_of(method)},
        "route": {
            "cluster": method.cluster,
            "max_stream_duration": _durations(method),
            "retry_policy": _retries(method),
        },
        # The transcoder keeps the JSON path, and with it the patient's id, in a header.
        "request_headers_to_remove": [headers.ORIGINAL_PATH],
        "request_headers_to_add": [header("te", "trailers")],
        "typed_per_filter_config": {**access.on_route(method), **streamed},
    }
    if method.unary:
        route["request_headers_to_add"].append(header("grpc-timeout", f"{UNARY_SECONDS}S", "ADD_IF_ABSENT"))
    if method.callers == "public":
        # Nobody has checked it.
        route["request_headers_to_remove"].append("authorization")
    return route


def _headers_of(method: Method) -> list[Config]:
    """Match gRPC and gRPC-Web; JSON has become gRPC by the time that the route is chosen for it.

    A JSON call whose query names a field of its path does not match: the transcoder would let the query win, and the
    path would tell proxies and logs of another patient than the request does.
    """
    return [
        {"name": ":method", "string_match": {"exact": "POST"}},
        headers.matches("content-type", headers.GRPC_TYPE),
        *(_not_in_query(name) for name in _names(method)),
    ]


def _names(method: Method) -> list[str]:
    """Return expressions of the query's names that the path holds; an escaped name could be any."""
    fields = sorted({name for field in method.path_fields for name in (field, _camel(field))})
    return [*map(re.escape, fields), "[^=&]*%[^=&]*"] if fields else []


def _not_in_query(name: str) -> Config:
    named = headers.matches(headers.ORIGINAL_PATH, rf"[^?]*\?(.*&)?{name}([.=&].*)?")
    return {**named, "invert_match": True, "treat_missing_header_as_empty": True}


def _camel(field: str) -> str:
    """Return a field's path as JSON names it."""
    return re.sub(r"_(\w)", lambda letter: letter[1].upper(), field)


def _durations(method: Method) -> Config:
    """How long a call may last, by itself and with a `grpc-timeout` of the client's; 0 is for ever."""
    if method.callers == "public" and not method.unary:
        return {"max_stream_duration": f"{PUBLIC_SECONDS}s", "grpc_timeout_header_max": f"{PUBLIC_SECONDS}s"}
    if method.server_streaming:
        return {"max_stream_duration": "0s", "grpc_timeout_header_max": "0s"}
    if method.client_streaming:
        return {"max_stream_duration": f"{UPLOAD_SECONDS}s", "grpc_timeout_header_max": f"{UPLOAD_SECONDS}s"}
    return {
        "max_stream_duration": f"{UNARY_SECONDS}s",
        "grpc_timeout_header_max": f"{LONGEST_UNARY_SECONDS}s",
    }


def _retries(method: Method) -> Config:
    """Anything is sent again when it has certainly not been processed; a read also when it may have been."""
    unprocessed = "connect-failure,refused-stream"
    again = method.read and not method.client_streaming
    return {
        "retry_on": f"{unprocessed},unavailable,reset" if again else unprocessed,
        "num_retries": 2,
        "retry_back_off": {"base_interval": "0.025s", "max_interval": "0.25s"},
        "host_selection_retry_max_attempts": 3,
        "retry_host_predicate": [
            {
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": typed("extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"),
            }
        ],
    }


def _nowhere(name: str, matched: list[Config]) -> Config:
    """To a cluster that is not there, and not a direct response: CORS needs a route, also before JSON becomes gRPC."""
    return {
        "name": name,
        "match": {"prefix": "/", "headers": matched},
        "route": {"cluster": UNKNOWN, "cluster_not_found_response_code": "NOT_FOUND"},
        "typed_per_filter_config": {**access.unchecked(), "envoy.filters.http.buffer": _unbuffered()},
    }


def _unbuffered() -> Config:
    return typed("extensions.filters.http.buffer.v3.BufferPerRoute", disabled=True)


def _cors(origins: str, methods: Iterable[Method]) -> Config:
    """Tokens travel in a header that scripts set, never in cookies: no credentials."""
    return typed(
        "extensions.filters.http.cors.v3.CorsPolicy",
        allow_origin_string_match=[{"safe_regex": {"regex": origins}}],
        allow_methods=", ".join(sorted({"POST"}.union(*(method.verbs for method in methods)))),
        allow_headers="authorization, content-type, grpc-timeout, x-grpc-web, x-user-agent",
        expose_headers="grpc-status, grpc-message, grpc-status-details-bin, x-request-id",
        max_age="86400",
        forward_not_matching_preflights=False,
    )
