"""How calls end, as callers see it: answers of the gateway itself are among them.

Each unary method is counted by itself; streams are counted together, since each ends UNAVAILABLE when a process drains
and is then resumed elsewhere.
"""

from services.gateway.contract import Method
from services.gateway.shape import Config, http_filter, typed

STATUS_LABEL: Config = {
    "tag_name": "grpc_status",
    "regex": r"^cluster\.[^.]+\.grpc(?:\.[^.]+\.[^.]+)?(\.(\d+))$",
}
"""Makes a label of what is the end of a metric's name to Envoy."""


def call_stats(methods: list[Method]) -> Config:
    """`envoy_cluster_grpc`, by `grpc_status`; a unary method's have the label `envoy_grpc_bridge_method`."""
    named: dict[str, list[str]] = {}
    for method in methods:
        if method.unary:
            named.setdefault(method.service, []).append(method.name)
    services = [{"name": service, "method_names": names} for service, names in named.items()]
    config = typed(
        "extensions.filters.http.grpc_stats.v3.FilterConfig",
        individual_method_stats_allowlist={"services": services},
        replace_dots_in_grpc_service_name=True,  # Envoy finds service and method by them
    )
    return http_filter("grpc_stats", config)
