"""Where each method goes, for how long, and whether it may be sent twice."""

from collections.abc import Iterable

from services.gateway import access, limits
from services.gateway.callbacks import callback_routes
from services.gateway.contract import Method
from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, header, typed

UNARY_SECONDS, LONGEST_UNARY_SECONDS = 15, 60
UPLOAD_SECONDS = 600
NAME, UNKNOWN = "contract", "unknown"


def _reflection(version: str) -> Method:
    service, name = f"grpc.reflection.{version}.ServerReflection", "ServerReflectionInfo"
    return Method(service, name, "identity", "public", client_streaming=True, server_streaming=True)


# Public beside the contract; every service's reflection tells the whole contract.
BESIDE_CONTRACT = [
    Method("grpc.health.v1.Health", "Check", "identity", "public", read=True),
    Method("grpc.health.v1.Health", "Watch", "identity", "public", read=True, server_streaming=True),
    *(_reflection(version) for version in ("v1", "v1alpha")),
]


def routes(methods: Iterable[Method], settings: GatewaySettings) -> Config:
    """One exact route for each method and callback, and 404 (UNIMPLEMENTED in gRPC) for everything else."""
    methods = list(methods)
    known = [_route(method) for method in [*methods, *BESIDE_CONTRACT]]
    return {
        "name": NAME,
        "validate_clusters": False,
        "virtual_hosts": [
            {
                "name": "apricot",
                "domains": ["*"],
                "routes": [*known, *callback_routes(), _unknown()],
                "typed_per_filter_config": {
                    "envoy.filters.http.cors": _cors(settings.cors_origins),
                    limits.NAME: limits.buckets(methods, settings),
                },
            }
        ],
    }


def _route(method: Method) -> Config:
    streamed = {} if method.unary else {"envoy.filters.http.buffer": _unbuffered()}
    route: Config = {
        "name": f"{method.service}/{method.name}",
        # gRPC and gRPC-Web; JSON has become gRPC by the time that this route is chosen for it.
        "match": {
            "path": method.path,
            "headers": [{"name": "content-type", "string_match": {"prefix": "application/grpc"}}],
        },
        "route": {
            "cluster": method.upstream,
            "max_stream_duration": _durations(method),
            "retry_policy": _retries(method),
        },
        # The transcoder keeps the JSON path, and with it the patient's id, in a header.
        "request_headers_to_remove": ["x-envoy-original-path"],
        "typed_per_filter_config": {**access.on_route(method), **streamed},
    }
    if method.unary:
        route["request_headers_to_add"] = [header("grpc-timeout", f"{UNARY_SECONDS}S", "ADD_IF_ABSENT")]
    if method.callers == "public":
        # Nobody has checked it.
        route["request_headers_to_remove"].append("authorization")
    return route


def _durations(method: Method) -> Config:
    """How long a call may last, by itself and with a `grpc-timeout` of the client's; 0 is for ever."""
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


def _unknown() -> Config:
    """To a cluster that is not there, and not a direct response: CORS needs a route, also before JSON becomes gRPC."""
    return {
        "name": UNKNOWN,
        "match": {"prefix": "/"},
        "route": {"cluster": UNKNOWN, "cluster_not_found_response_code": "NOT_FOUND"},
        "typed_per_filter_config": {**access.unchecked(), "envoy.filters.http.buffer": _unbuffered()},
    }


def _unbuffered() -> Config:
    return typed("extensions.filters.http.buffer.v3.BufferPerRoute", disabled=True)


def _cors(origins: str) -> Config:
    """Tokens travel in a header that scripts set, never in cookies: no credentials."""
    return typed(
        "extensions.filters.http.cors.v3.CorsPolicy",
        allow_origin_string_match=[{"safe_regex": {"regex": origins}}],
        allow_methods="GET, POST",
        allow_headers="authorization, content-type, grpc-timeout, x-grpc-web, x-user-agent",
        expose_headers="grpc-status, grpc-message, grpc-status-details-bin, x-request-id",
        max_age="86400",
        forward_not_matching_preflights=False,
    )
