"""Envoy's whole configuration: `python -m services.gateway.render --out FILE` writes it, by the environment's settings.

Envoy takes it by `envoy -c FILE`; on a laptop add `--concurrency 1`. Metrics: `/stats/prometheus`, admin port.
"""

import json
from argparse import ArgumentParser
from pathlib import Path

from services.gateway import contract
from services.gateway.clusters import clusters
from services.gateway.listener import listener
from services.gateway.settings import GatewaySettings
from services.gateway.shape import Config, address, typed

MOST_CONNECTIONS = 50_000


def render(settings: GatewaySettings) -> Config:
    """The bootstrap. The same settings and contract give the same configuration."""
    files = contract.load(settings.contract)
    upstreams = dict.fromkeys(method.upstream for method in contract.methods(files))
    return {
        "node": {"id": "gateway", "cluster": "apricot"},
        # Loopback alone: it can stop Envoy and shows everything.
        "admin": {"address": address("127.0.0.1", settings.admin_port)},
        "static_resources": {
            "listeners": [listener(files, settings)],
            "clusters": clusters(settings, upstreams),
        },
        "overload_manager": {"resource_monitors": [_connections()]},
    }


def _connections() -> Config:
    config = typed(
        "extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=MOST_CONNECTIONS,
    )
    return {"name": "envoy.resource_monitors.global_downstream_max_connections", "typed_config": config}


def write(config: Config, file: Path) -> None:
    """Whole or not at all."""
    aside = file.with_name(f".{file.name}.new")
    aside.write_text(json.dumps(config, indent=2))
    aside.replace(file)


def main() -> None:
    arguments = ArgumentParser(description="Write the gateway's configuration for Envoy.")
    arguments.add_argument("--out", type=Path, required=True, metavar="FILE")
    write(render(GatewaySettings()), arguments.parse_args().out)


if __name__ == "__main__":
    main()
