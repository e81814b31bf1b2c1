"""Envoy's whole configuration: `python -m services.gateway.render --out FILE` writes it, by the settings.

Envoy starts by `envoy -c FILE` (on a laptop with `--concurrency 1`), and follows the files beside it: whatever is
renamed over one of them is in force at once. `services.gateway.follow` does that.
"""

import json
from argparse import ArgumentParser
from pathlib import Path

from services.gateway import contract, operations, routes, tls
from services.gateway.call_stats import labels
from services.gateway.clusters import clusters
from services.gateway.listener import listener
from services.gateway.settings import GatewaySettings, read_settings
from services.gateway.shape import Config, followed, resources, typed

BOOTSTRAP = "envoy.json"
# Of what one connection sends at once, so many requests are begun before others get their turn: whoever opens and
# resets thousands of streams is found out before they cost memory (CVE-2023-44487).
BOUNDS = {"http.max_requests_per_io_cycle": 10}


def render(settings: GatewaySettings, folder: Path) -> dict[str, Config]:
    """Each file of the folder, what others refer to first. The same settings and contract give the same files."""
    files = contract.load(settings.contract)
    methods = contract.methods(files)
    called = [*methods, *routes.routed(methods, settings)]
    return {
        **tls.secrets(settings),
        "clusters.json": resources("config.cluster.v3.Cluster", *clusters(settings, called, folder)),
        "routes.json": resources("config.route.v3.RouteConfiguration", routes.routes(methods, settings)),
        "listeners.json": resources("config.listener.v3.Listener", listener(files, settings, folder)),
        BOOTSTRAP: _bootstrap(settings, folder),
    }


def _bootstrap(settings: GatewaySettings, folder: Path) -> Config:
    return {
        "node": {"id": "gateway", "cluster": "apricot"},
        "admin": {"address": operations.admin(settings)},
        "static_resources": {
            "listeners": [operations.operations_listener(settings)],
            "clusters": [operations.operations_cluster(settings)],
        },
        "dynamic_resources": {
            "lds_config": followed(folder / "listeners.json"),
            "cds_config": followed(folder / "clusters.json"),
        },
        "stats_config": labels(),
        "overload_manager": {"resource_monitors": [_connections(settings)]},
        "layered_runtime": {"layers": [{"name": "bounds", "static_layer": BOUNDS}]},
    }


def _connections(settings: GatewaySettings) -> Config:
    config = typed(
        "extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=settings.connections,
    )
    return {"name": "envoy.resource_monitors.global_downstream_max_connections", "typed_config": config}


def write(settings: GatewaySettings, bootstrap: Path) -> list[str]:
    """Write what is new, each file whole or not at all; their names."""
    folder, written = bootstrap.resolve().parent, []
    for name, config in render(settings, folder).items():
        file = bootstrap if name == BOOTSTRAP else folder / name
        text = json.dumps(config, indent=2)
        if file.exists() and file.read_text() == text:
            continue
        aside = file.with_name(f".{file.name}.new")
        aside.write_text(text)
        aside.replace(file)
        written.append(file.name)
    return written


def main() -> None:
    arguments = ArgumentParser(description="Write the gateway's configuration for Envoy.")
    arguments.add_argument("--out", type=Path, required=True, metavar="FILE", help="what Envoy starts with")
    write(read_settings(), arguments.parse_args().out)


if __name__ == "__main__":
    main()
