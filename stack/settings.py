"""What a person may choose about the local platform; every field is an `APRICOT_…` variable."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class StackSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APRICOT_")

    state_dir: Path = Path(".state")
    """Data, logs and secrets of one platform."""

    demo: bool = False
    seconds_per_minute: float | None = None
    """How long a clinical minute lasts to the alerts; `apricot up --demo` sets it to its time-lapse."""

    # A taken port gives way to a free one; 0 takes any.
    gateway_host: str = "127.0.0.1"
    gateway_port: int = 8080
    gateway_admin_port: int = 8081
    postgres_port: int = 15432
    nats_port: int = 14222

    # Where one is set, that server is used and none is started.
    database_url: str | None = None
    """`postgresql://user:password@host:port`, without a database: each service appends its own."""
    nats_url: str | None = None

    object_store_url: str | None = None
    """`file:///folder` or `s3://bucket/prefix`; by default a folder of the state's."""

    glucose_replicas: int = Field(default=1, ge=1)
    consult_replicas: int = Field(default=1, ge=1)
    pharmacy_replicas: int = Field(default=1, ge=1)

    payment_providers: list[Literal["sandbox", "alipay", "wechat"]] = ["sandbox"]
    """Whom the cashier stands in for."""

    tls: bool = False
    """TLS between all parts, and at the gateway too, by certificates of a CA that is made at each start."""
    gateway_public_tls_folder: Path | None = None
    """The gateway's certificate for the public, `tls.crt` and `tls.key`, where it is another one."""
    gateway_concurrency: int = Field(default=1, ge=1)
    gateway_user_requests_per_second: int | None = None
    gateway_sign_in_requests_per_minute: int | None = None

    @model_validator(mode="after")
    def _demo_stays_on_this_machine(self) -> Self:
        if self.demo and not _is_loopback(self.gateway_host):
            raise ValueError(
                f"the demo's accounts are open to everybody: with --demo the gateway listens on loopback alone, not on "
                f"{self.gateway_host} (APRICOT_GATEWAY_HOST)"
            )
        return self

    postgres_account: Literal["auto", "same", "namespace", "nobody"] = "auto"
    """Who PostgreSQL runs as, which refuses to be root; `auto` chooses (see `stack.account`)."""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
