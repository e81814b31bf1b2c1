"""One channel to the gateway."""

from collections.abc import Sequence

import grpc

_MIB = 1 << 20
_OPTIONS = [
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.max_receive_message_length", 16 * _MIB),
    ("grpc.max_send_message_length", 4 * _MIB),  # what the platform accepts
    # By default a channel waits up to two minutes after an outage; a watch must be back sooner.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 3_000),
    # `calls` repeats what is safe, with the token and the deadline in hand; a second layer would multiply the tries.
    ("grpc.service_config_disable_resolution", 1),
]


def open_channel(
    address: str,
    *,
    tls: bool | bytes,
    interceptors: Sequence[grpc.aio.ClientInterceptor],
    options: Sequence[tuple[str, int]] = (),
) -> grpc.aio.Channel:
    """A channel to `address` ("host:port"). Channels to the same address share one connection, unless `options` say
    otherwise.

    `tls`: True trusts the system's roots, bytes are root certificates (PEM) to trust, False is for a local stack.
    """
    if tls is False:
        return grpc.aio.insecure_channel(address, options=[*_OPTIONS, *options], interceptors=interceptors)
    credentials = grpc.ssl_channel_credentials(tls if isinstance(tls, bytes) else None)
    return grpc.aio.secure_channel(address, credentials, options=[*_OPTIONS, *options], interceptors=interceptors)
