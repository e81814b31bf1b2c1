"""What the gateway may be told; every field is an `APRICOT_GATEWAY_…` variable, lists and maps as JSON.

Or a file of that name in the folder `APRICOT_GATEWAY_SETTINGS_FOLDER`, such as a mounted ConfigMap, which can change
while the gateway runs. A variable goes before a file.
"""

import os
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kit.tokens import AUDIENCE, ISSUER

CONTRACT = Path(__file__).parents[2] / "gen" / "contract.binpb"


class GatewaySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APRICOT_GATEWAY_")

    listen_host: str = "127.0.0.1"
    listen_port: int = 8080
    admin_port: int = 8081
    http_port: int = 9100
    """Envoy's `/livez`, `/ready` and `/stats/prometheus`."""
    follow_port: int = 9101
    """`/livez` and `/metrics` of `services.gateway.follow`."""
    trusted_proxies: int = Field(default=0, ge=0)
    """How many proxies in front may name the client's address in `x-forwarded-for`."""

    tls_folder: str = ""
    """The gateway's certificate for the services, `tls.crt` and `tls.key`, and `ca.crt`, which signs theirs; empty:
    plain text."""
    public_tls_folder: str = ""
    """The certificate for the public, `tls.crt` and `tls.key`; empty: plain text."""

    upstreams: dict[str, list[str]] = {}
    """Replicas by service: `{"identity": ["127.0.0.1:9001"], "glucose": ["glucose:9000"]}`."""
    http_upstreams: dict[str, list[str]] = {}
    """Replicas' HTTP ports, of services that are called by it: `{"pharmacy": ["127.0.0.1:9102"]}`."""
    jwks_url: str = "http://identity:9100/.well-known/jwks.json"
    issuer: str = ISSUER
    audience: str = AUDIENCE

    user_requests_per_second: int = Field(default=100, ge=1)
    """Per user; bursts of twice that pass."""
    sign_in_requests_per_minute: int = Field(default=60, ge=1)
    """Per source address, for what could be guessed: see `limits`."""
    callback_requests_per_second: int = Field(default=100, ge=1)
    """Per source address, for the callbacks of payment providers, each of which costs a millisecond to verify; bursts
    of twice that pass."""
    reflection: bool = False
    """Whether the server describes itself to `buf curl` and its like, without a token. For development."""
    cors_origins: str = r"https?://(localhost|127\.0\.0\.1)(:\d+)?"
    """Regular expression (RE2) of the web origins that may call, whole match."""

    connections: int = Field(default=50_000, ge=1)
    """How many clients' connections there may be; what comes beyond is closed. Read when Envoy starts."""
    max_message_bytes: int = Field(default=4 * 1024 * 1024, ge=1024)
    access_log: Path = Path("/dev/stdout")
    contract: Path = CONTRACT
    """The contract's descriptor set, as `protos/build.py` makes it."""

    @model_validator(mode="after")
    def _keys_are_identitys(self) -> Self:
        if (scheme := urlsplit(self.jwks_url).scheme) != ("https" if self.tls_folder else "http"):
            raise ValueError(
                f"jwks_url is {scheme}, and the services speak {'TLS' if self.tls_folder else 'plain text'}"
            )
        return self


def settings_folder() -> Path | None:
    """Where settings lie that may change."""
    folder = os.environ.get("APRICOT_GATEWAY_SETTINGS_FOLDER")
    return Path(folder) if folder else None


def read_settings() -> GatewaySettings:
    """As they now are. Errors: ValueError."""
    return GatewaySettings(_secrets_dir=settings_folder())  # type: ignore[call-arg]  # pydantic-settings' own
