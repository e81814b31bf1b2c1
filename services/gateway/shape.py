"""The shapes that Envoy's configuration repeats."""

from pathlib import Path
from typing import Any

type Config = dict[str, Any]


def typed(message: str, **fields: Any) -> Config:
    """An `Any`: one of Envoy's messages, named without its `envoy.`."""
    return {"@type": f"type.googleapis.com/envoy.{message}", **fields}


def http_filter(name: str, config: Config) -> Config:
    return {"name": f"envoy.filters.http.{name}", "typed_config": config}


def address(host: str, port: int) -> Config:
    return {"socket_address": {"address": host, "port_value": port}}


def header(name: str, value: str, action: str = "OVERWRITE_IF_EXISTS_OR_ADD") -> Config:
    return {"header": {"key": name, "value": value}, "append_action": action}


def resources(kind: str, *found: Config) -> Config:
    """A file that Envoy follows: resources of one of its messages."""
    return {"resources": [{"@type": f"type.googleapis.com/envoy.{kind}", **one} for one in found]}


def followed(file: Path) -> Config:
    """As it stands in this file, and as it will when another is renamed over it."""
    return {"path_config_source": {"path": str(file)}, "resource_api_version": "V3"}
