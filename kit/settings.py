"""What a service reads from its environment, all of it `APRICOT_…`."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from kit.bus import Bus
from kit.certificates import Certificate
from kit.sealing import SealingKeys


def _keys(given: SealingKeys | str) -> SealingKeys:
    return SealingKeys.parse(given) if isinstance(given, str) else given


class ServiceSettings(BaseSettings):
    """Settings common to all services; read once, in `main.py`."""

    model_config = SettingsConfigDict(env_prefix="APRICOT_", arbitrary_types_allowed=True, hide_input_in_errors=True)

    host: str = "127.0.0.1"
    grpc_port: int = Field(ge=0, le=65535)
    """The gRPC port."""
    http_port: int = Field(ge=0, le=65535)
    """The HTTP port: `/livez`, `/readyz`, `/metrics`, and without TLS what the service adds."""
    https_port: int = Field(default=9443, ge=0, le=65535)
    """With TLS, the port of `/readyz` and what the service adds; for the platform's parts alone."""
    tls_folder: str = ""
    """The process's certificate and the CA of all others (`kit.certificates`); empty: plain text, for a laptop."""
    replica: str = "1"
    """The replica's name in logs and metrics."""
    database_url: str
    """`postgresql://user:password@host:port`; without a database name, the service's own (`apricot_<service>`). TLS by
    libpq's parameters: `?sslmode=verify-full&sslrootcert=/tls/ca.crt`."""
    nats_url: str
    """`nats://user:password@host:port`, or `tls://…`; several nodes of a cluster with commas between."""
    jwks_url: str
    """Where identity publishes the public keys of its tokens; with TLS an https address."""
    identity_address: str
    """`host:port` of identity's gRPC."""
    sealing_keys: Annotated[SealingKeys, NoDecode, BeforeValidator(_keys)] = Field(repr=False)
    """Of the service's sealed columns (`kit.sealing`): `NAME:KEY`, with commas between; the first seals, all open."""
    reflection: bool = False
    """Whether the server describes itself to callers without a token. For development."""
    log_level: str = "INFO"
    drain_seconds: float = 5.0
    """How long calls under way may go on after SIGTERM."""

    @model_validator(mode="after")
    def _keys_are_identitys(self) -> Self:
        if self.tls_folder and urlsplit(self.jwks_url).scheme != "https":
            raise ValueError("with TLS the token keys come by https: whoever forges them forges tokens")
        return self

    async def connect_bus(self, name: str) -> Bus:
        """Connect to NATS as the service, which waits for its stream: the migration makes it (`kit.streams`)."""
        return await Bus.connect(self.nats_url, name, None, self.certificate, makes_streams=False)

    @cached_property
    def certificate(self) -> Certificate | None:
        """The process's own; none: plain text."""
        return Certificate(Path(self.tls_folder)) if self.tls_folder else None


class CallerSettings(ServiceSettings):
    """Settings of a service that signs in at identity."""

    service_secret: str = Field(min_length=16, repr=False)
    """The service's own secret, known to identity alone."""
