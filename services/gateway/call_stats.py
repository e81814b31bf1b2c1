"""How calls end, as callers see it: answers of the gateway itself are among them.

Each unary method is counted by itself; streams are counted together, since each ends UNAVAILABLE when a process drains
and is then resumed elsewhere.
"""

from services.gateway.contract import Method
from services.gateway.shape import Config, http_filter, typed

_ENVOYS_OWN = (
    "cluster_name",
    "http_conn_manager_prefix",
    "local_http_ratelimit_prefix",
    "response_code",
    "response_code_class",
)


def call_stats(methods: list[Method]) -> Config:
    """`envoy_cluster_grpc`, by `grpc_status`; a unary method's has the label `grpc_method`."""
    named: dict[str, list[str]] = {}
    for method in methods:
        if method.unary:
            named.setdefault(method.service, []).append(method.name)
    services = [{"name": service, "method_names": names} for service, names in named.items()]
    config = typed(
        "extensions.filters.http.grpc_stats.v3.FilterConfig",
        individual_method_stats_allowlist={"services": services},
    )
    return http_filter("grpc_stats", config)


def labels() -> Config:
    """What becomes a label of the parts of a metric's name. Envoy's own way with gRPC knows no package."""
    status = {"tag_name": "grpc_status", "regex": r"^cluster\.[^.]+\.grpc(?:\..+)?(\.(\d+))$"}
    method = {"tag_name": "grpc_method", "regex": r"^cluster\.[^.]+\.grpc(\.(.+))\.\w+$"}
    envoys_own = [{"tag_name": f"envoy.{name}"} for name in _ENVOYS_OWN]
    return {"use_all_default_tags": False, "stats_tags": [*envoys_own, method, status]}
