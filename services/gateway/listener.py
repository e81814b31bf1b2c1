"""The listener: one port for gRPC, gRPC-Web and JSON, over HTTP/2 and HTTP/1.1."""

from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from services.gateway import access, contract, headers, routes, tls
from services.gateway.access_log import access_log
from services.gateway.call_stats import call_stats
from services.gateway.contract import Method
from services.gateway.limits import rate_limit
from services.gateway.refusals import local_replies
from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, address, followed, http_filter, typed
from services.gateway.transcoding import transcoder

KIB, MIB = 1024, 1024 * 1024
GRPC_PREFIX_BYTES = 5
# A connection whose first bytes do not come within this time is closed.
SILENT_SECONDS = 5
# So is one on which no request is under way for so long. Live clients hold a stream open.
IDLE_SECONDS = 60


def listener(files: FileDescriptorSet, settings: GatewaySettings, folder: Path) -> Config:
    """Follows its routes and its certificate in the folder."""
    chain = {"filters": [_connection_manager(files, settings, folder)], **tls.to_public(settings, folder)}
    return {
        "name": "gateway",
        "address": address(settings.listen_host, settings.listen_port),
        "per_connection_buffer_limit_bytes": MIB,
        "listener_filters": [_first_bytes(settings)],
        "listener_filters_timeout": f"{SILENT_SECONDS}s",
        "filter_chains": [chain],
    }


def _first_bytes(settings: GatewaySettings) -> Config:
    """Waits for a connection's first bytes; the listener closes one that sends none in time."""
    kind, name = ("tls", "TlsInspector") if settings.public_tls_folder else ("http", "HttpInspector")
    config = typed(f"extensions.filters.listener.{kind}_inspector.v3.{name}")
    return {"name": f"envoy.filters.listener.{kind}_inspector", "typed_config": config}


def _connection_manager(files: FileDescriptorSet, settings: GatewaySettings, folder: Path) -> Config:
    methods = contract.methods(files)
    config = typed(
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="gateway",
        codec_type="AUTO",
        server_name="apricot",
        rds={"route_config_name": routes.NAME, "config_source": followed(folder / "routes.json")},
        http_filters=_filters(files, methods, settings),
        local_reply_config=local_replies(methods, settings),
        access_log=[access_log(settings.access_log)],
        **_caller(settings),
        **_bounds(),
    )
    return {"name": "envoy.filters.network.http_connection_manager", "typed_config": config}


def _filters(files: FileDescriptorSet, methods: list[Method], settings: GatewaySettings) -> list[Config]:
    """In the order in which a request passes them."""
    return [
        http_filter("cors", typed("extensions.filters.http.cors.v3.Cors")),
        http_filter("grpc_web", typed("extensions.filters.http.grpc_web.v3.GrpcWeb")),
        # From here on every request is the gRPC method that it becomes.
        transcoder(files, settings),
        call_stats(methods),
        access.token_check(settings),
        # Needs to know the user, and counts what the role check refuses too.
        rate_limit(),
        *access.role_explanation(settings),
        access.role_check(),
        # Last, so that only permitted bodies are held; streams pass it by.
        _size_limit(settings.max_message_bytes),
        http_filter("router", typed("extensions.filters.http.router.v3.Router", suppress_envoy_headers=True)),
    ]


def _size_limit(max_message_bytes: int) -> Config:
    """Holds a unary request until it is whole, so that a slow or too large one never reaches a service."""
    config = typed("extensions.filters.http.buffer.v3.Buffer", max_request_bytes=max_message_bytes + GRPC_PREFIX_BYTES)
    return http_filter("buffer", config)


def _caller(settings: GatewaySettings) -> Config:
    """Nothing that a caller says about itself is believed, its loopback or private address included."""
    return {
        "use_remote_address": True,
        "xff_num_trusted_hops": settings.trusted_proxies,
        # Nobody calls from there; left empty, Envoy takes loopback and private addresses for its own.
        "internal_address_config": {"cidr_ranges": [{"address_prefix": "0.0.0.0", "prefix_len": 32}]},
        "early_header_mutation_extensions": [headers.drop_untrusted()],
        "always_set_request_id_in_response": True,
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
    }


def _bounds() -> Config:
    """An idle stream costs about 40 KiB (measured at 10,000); a slow one adds at most its window."""
    return {
        "max_request_headers_kb": 16,
        "common_http_protocol_options": {"max_headers_count": 64, "idle_timeout": f"{IDLE_SECONDS}s"},
        "request_headers_timeout": "10s",
        # Live streams send a heartbeat every 5 s.
        "stream_idle_timeout": "60s",
        "http2_protocol_options": {
            "max_concurrent_streams": 2000,
            "initial_stream_window_size": 256 * KIB,
            "initial_connection_window_size": 16 * MIB,
            # Finds phones that left without a word.
            "connection_keepalive": {"interval": "30s", "timeout": "10s"},
        },
    }
