"""What a service reads from its environment, all of it `APRICOT_…`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings common to all services; read once, in `main.py`."""

    model_config = SettingsConfigDict(env_prefix="APRICOT_")

    host: str = "127.0.0.1"
    grpc_port: int = Field(ge=0, le=65535)
    """The gRPC port."""
    http_port: int = Field(ge=0, le=65535)
    """The HTTP port: `/readyz`, `/metrics` and what the service adds."""
    replica: str = "1"
    """The replica's name in logs and metrics."""
    database_url: str
    """`postgresql://user:password@host:port`; without a database name, the service's own (`apricot_<service>`)."""
    nats_url: str
    """`nats://user:password@host:port`."""
    jwks_url: str
    """Where identity publishes the public keys of its tokens."""
    identity_address: str
    """`host:port` of identity's gRPC."""
    service_secret: str = Field(min_length=16, repr=False)
    """The secret by which the services sign in at identity."""
    log_level: str = "INFO"
    drain_seconds: float = 5.0
    """How long calls under way may go on after SIGTERM."""
