"""The shapes that Envoy's configuration repeats."""

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
