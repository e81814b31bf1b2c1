"""What others call without the contract: the callbacks of payment providers, plain HTTP to the pharmacy."""

from services.gateway import access
from services.gateway.shape import Config, typed

PROVIDERS = "alipay", "sandbox", "wechat"
PREFIX = "/payments/"
CLUSTER, SERVICE = "pharmacy-http", "pharmacy"
MOST_BYTES = 64 * 1024
SECONDS = 15


def callback_routes() -> list[Config]:
    """One exact route for each provider. The pharmacy verifies the signature; here it is only so large and so often."""
    return [_route(f"{PREFIX}{provider}/callback") for provider in PROVIDERS]


def _route(path: str) -> Config:
    return {
        "name": path.removeprefix("/"),
        "match": {"path": path, "headers": [{"name": ":method", "string_match": {"exact": "POST"}}]},
        "route": {
            "cluster": CLUSTER,
            "timeout": f"{SECONDS}s",
            # Providers call again by themselves; this is for the moment in which a replica goes.
            "retry_policy": {"retry_on": "connect-failure,refused-stream", "num_retries": 2},
        },
        "request_headers_to_remove": ["authorization", "cookie"],
        "typed_per_filter_config": {
            **access.everybody(),
            "envoy.filters.http.buffer": typed(
                "extensions.filters.http.buffer.v3.BufferPerRoute", buffer={"max_request_bytes": MOST_BYTES}
            ),
        },
    }
