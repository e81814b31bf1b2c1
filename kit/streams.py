"""Make the services' streams, or have them kept as the settings say: part of `python -m kit.migrate`."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from kit.bus import Bus, Streams
from kit.certificates import Certificate


class StreamSettings(BaseSettings):
    """What the migration reads from its environment about NATS."""

    model_config = SettingsConfigDict(env_prefix="APRICOT_", hide_input_in_errors=True)

    nats_url: str = ""
    """The operator's, who alone makes streams; empty: they are made elsewhere."""
    nats_replicas: int = Field(default=1, ge=1, le=5)
    """Copies of each stream; more than one needs a cluster of as many nodes."""
    nats_stream_bytes: int = Field(default=Streams.max_bytes, ge=1 << 20)
    """Of one copy of a service's events; it should hold a day of them, since the oldest go when it is full."""
    tls_folder: str = ""
    """The migration's certificate and the CA of all others; empty: plain text."""


async def make_streams(settings: StreamSettings, services: Sequence[str]) -> None:
    """Make each service's stream. Raise an outage when NATS does not answer."""
    certificate = Certificate(Path(settings.tls_folder)) if settings.tls_folder else None
    wanted = Streams(settings.nats_replicas, settings.nats_stream_bytes)
    bus = await Bus.connect(settings.nats_url, "migrate", wanted, certificate)
    try:
        for service in services:
            await bus.ensure_stream(service)
    finally:
        await bus.close()
