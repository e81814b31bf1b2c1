"""What an orchestrator and Prometheus may ask of Envoy, on a port of its own; nothing else of its admin port."""

from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, address, http_filter, typed

CLUSTER = "admin"
SHOWN = "/ready", "/stats/prometheus"


def admin(settings: GatewaySettings) -> Config:
    """Loopback alone: it can stop Envoy and shows everything."""
    return address("127.0.0.1", settings.admin_port)


def operations_cluster(settings: GatewaySettings) -> Config:
    endpoint = {"endpoint": {"address": admin(settings)}}
    return {
        "name": CLUSTER,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": CLUSTER, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def operations_listener(settings: GatewaySettings) -> Config:
    """`/livez`: it answers. `/ready`: it serves, and does not drain. `/stats/prometheus`."""
    alive = {"match": {"path": "/livez"}, "direct_response": {"status": 200, "body": {"inline_string": "alive\n"}}}
    shown = [{"match": {"path": path, "headers": [_get()]}, "route": {"cluster": CLUSTER}} for path in SHOWN]
    manager = typed(
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="operations",
        route_config={"virtual_hosts": [{"name": "admin", "domains": ["*"], "routes": [alive, *shown]}]},
        http_filters=[http_filter("router", typed("extensions.filters.http.router.v3.Router"))],
    )
    return {
        "name": "operations",
        "address": address(settings.listen_host, settings.http_port),
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
        # It has to answer while the others drain, and when no more connections are let in.
        "ignore_global_conn_limit": True,
    }


def _get() -> Config:
    return {"name": ":method", "string_match": {"exact": "GET"}}
