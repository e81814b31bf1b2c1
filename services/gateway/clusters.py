"""The services behind the gateway: their replicas, health and bounds."""

from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from services.gateway import callbacks, tls
from services.gateway.access import JWKS_CLUSTER
from services.gateway.contract import Method
from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, address, typed

HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
KIB, MIB = 1024, 1024 * 1024
MAX_STREAMS = 20_000
MAX_PUBLIC_CALLS, MAX_PUBLIC_STREAMS = 500, 100
"""Under way at once without a token, at a service in all. The limits of each address are in `limits`."""


def clusters(settings: GatewaySettings, methods: Iterable[Method], folder: Path) -> list[Config]:
    """Return the clusters of each service of the contract: for calls with a token, and for those without where it has
    public methods. A service without replicas is UNAVAILABLE."""
    methods = list(methods)
    called = {method.upstream: (method.upstream, MAX_STREAMS) for method in methods}
    if unknown := settings.upstreams.keys() - called.keys():
        raise ValueError(f"upstreams that the contract does not know: {', '.join(sorted(unknown))}")
    if unknown := settings.http_upstreams.keys() - {callbacks.SERVICE}:
        raise ValueError(f"http_upstreams that nobody calls: {', '.join(sorted(unknown))}")
    for method in methods:
        if method.callers == "public":
            called[method.cluster] = method.upstream, MAX_PUBLIC_CALLS if method.unary else MAX_PUBLIC_STREAMS
    grpc = [
        _service(name, settings.upstreams.get(service, []), bound) | tls.to_service(settings, service, folder, "h2")
        for name, (service, bound) in called.items()
    ]
    callback = _http_service(callbacks.CLUSTER, settings.http_upstreams.get(callbacks.SERVICE, []))
    by_http = {callbacks.SERVICE: callback, "identity": _jwks(settings.jwks_url)}
    return [*grpc, *(one | tls.to_service(settings, name, folder, "http/1.1") for name, one in by_http.items())]


def _service(name: str, replicas: list[str], max_streams: int) -> Config:
    return {
        **_endpoints(name, [_split(replica) for replica in replicas]),
        # Not by least requests: quiet streams would count, and every call go to the newest replica.
        "lb_policy": "ROUND_ROBIN",
        # Better UNAVAILABLE at once than a call sent to a replica known to be down.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "health_checks": [_health_check()],
        "outlier_detection": _outliers(),
        "circuit_breakers": {"thresholds": [_bounds(max_streams)]},
        "typed_extension_protocol_options": {HTTP_OPTIONS: _http2()},
    }


def _http_service(name: str, replicas: list[str]) -> Config:
    """A service's HTTP side. A replica is judged by its health alone: "not now" is an answer to a callback."""
    return {
        **_endpoints(name, [_split(replica) for replica in replicas]),
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "health_checks": [{**_pace(), "http_health_check": {"path": "/readyz"}}],
    }


def _http2() -> Config:
    """A slow reader keeps its stream's share of the connection's window: wide, so that the others go on."""
    options = {
        "max_concurrent_streams": 1000,
        "initial_stream_window_size": 64 * KIB,
        "initial_connection_window_size": 256 * MIB,
        # Ends the streams of a replica that hangs; health checks alone stop only new calls.
        "connection_keepalive": {"interval": "5s", "timeout": "5s"},
    }
    return typed(HTTP_OPTIONS.removeprefix("envoy."), explicit_http_config={"http2_protocol_options": options})


def _health_check() -> Config:
    """A replica that drains (NOT_SERVING) gets no new calls within two seconds and keeps its streams."""
    return {**_pace(), "grpc_health_check": {}}


def _pace() -> Config:
    return {
        "interval": "1s",
        "no_traffic_interval": "1s",
        "timeout": "1s",
        "interval_jitter": "0.1s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
    }


def _outliers() -> Config:
    """Rests a replica that refuses connections or answers UNAVAILABLE while its health check passes.

    INTERNAL does not count: a client who found a bug must not take replicas away from the others.
    """
    return {
        "interval": "1s",
        "base_ejection_time": "2s",
        "max_ejection_time": "30s",
        "max_ejection_percent": 50,
        "split_external_local_origin_errors": True,
        "consecutive_gateway_failure": 10,
        "enforcing_consecutive_gateway_failure": 100,
        "consecutive_local_origin_failure": 5,
        "enforcing_consecutive_5xx": 0,
        "enforcing_success_rate": 0,
        "enforcing_local_origin_success_rate": 0,
    }


def _bounds(max_streams: int) -> Config:
    """Room for every stream, though each were the last on a connection that a replica has left to it; retries at most a
    fifth of what is under way, or what a dying replica had in hand."""
    return {
        "max_connections": max_streams,
        "max_pending_requests": max_streams,
        "max_requests": max_streams,
        "retry_budget": {"budget_percent": {"value": 20}, "min_retry_concurrency": 100},
    }


def _jwks(url: str) -> Config:
    """Identity's HTTP side, where the public keys are."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError(f"jwks_url names no host: {url}")
    return _endpoints(JWKS_CLUSTER, [(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))])


def _endpoints(name: str, hosts: list[tuple[str, int]]) -> Config:
    return {
        "name": name,
        "type": "STATIC" if all(_is_ip(host) for host, _ in hosts) else "STRICT_DNS",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(*host)}} for host in hosts]}],
        },
    }


def _split(replica: str) -> tuple[str, int]:
    host, _, port = replica.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"not host:port: {replica}")
    return host.strip("[]"), int(port)


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
