"""Who runs where: every program of a platform with its ports, addresses and environment."""

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from stack.cashier.part import Cashier
from stack.envoy import Envoy
from stack.nats import Nats
from stack.ports import Ports
from stack.postgres import Postgres
from stack.program import Program
from stack.services import SERVICES, WORKERS, Service
from stack.settings import StackSettings
from stack.state import StateFolder

if TYPE_CHECKING:
    from stack.authority import Authority

HOST = "127.0.0.1"  # everything but the gateway


class Plan:
    def __init__(self, settings: StackSettings, state: StateFolder, ports: Ports, parts: Collection[str]) -> None:
        self._settings, self._state, self._ports, self._parts = settings, state, ports, parts
        self._secrets = state.secrets()
        self.authority = self._plan_authority()
        self._public = settings.gateway_public_tls_folder or self._certificate("public")
        self.gateway_ca = self._public_ca()
        self.database_url = settings.database_url
        self.nats_url = settings.nats_url
        self.cashier = self._plan_cashier()
        self.engines = self._plan_engines()
        self.services = self._plan_services()
        self.gateway = self._plan_gateway() if "gateway" in parts else None
        self._plan_payments()

    def _plan_authority(self) -> "Authority | None":
        if not self._settings.tls:
            return None
        from stack.authority import Authority  # cryptography takes a moment

        return Authority(self._state.certificates)

    @property
    def programs(self) -> list[Program]:
        return [*self.engines, *self.stand_ins, *self.services, *([self.gateway] if self.gateway else [])]

    @property
    def stand_ins(self) -> list[Program]:
        """For what is somebody else's; the ward does without."""
        return [self.cashier] if self.cashier else []

    def _plan_engines(self) -> list[Program]:
        settings, engines = self._settings, list[Program]()
        if "postgres" in self._parts and not settings.database_url:
            postgres = Postgres(
                self._state.path / "postgres",
                HOST,
                self._ports.choose(settings.postgres_port),
                self._secrets.postgres_password,
                None if settings.postgres_account == "auto" else settings.postgres_account,
                self._certificate("postgres"),
            )
            self.database_url = postgres.url
            engines.append(postgres)
        if "nats" in self._parts and not settings.nats_url:
            port = self._ports.choose(settings.nats_port)
            nats = Nats(
                self._state.path / "nats",
                HOST,
                port,
                self._secrets.nats_password,
                self._secrets.user_passwords,
                self._certificate("nats"),
            )
            self.nats_url = nats.url
            engines.append(nats)
        return engines

    def _plan_cashier(self) -> Cashier | None:
        if "cashier" not in self._parts:
            return None
        return Cashier(
            self._state.path / "cashier",
            HOST,
            self._ports.choose(),
            self._settings.payment_providers,
            self.gateway_ca,
        )

    def _plan_payments(self) -> None:
        """The pharmacy takes payments by the cashier, which calls it through the gateway if there is one."""
        pharmacies = [one for one in self.services if one.service == "pharmacy"]
        if not (self.cashier and pharmacies):
            return
        gateway = self.gateway.address if self.gateway else pharmacies[0].called_at
        for one in pharmacies:
            one.variables |= self.cashier.merchant(gateway)

    def _plan_services(self) -> list[Service]:
        replicas = {
            "glucose": self._settings.glucose_replicas,
            "consult": self._settings.consult_replicas,
            "pharmacy": self._settings.pharmacy_replicas,
        }
        names = [(name, name, "main") for name in SERVICES if name not in replicas]
        names += [(name, f"{name}-{n}", "main") for name, count in replicas.items() for n in range(1, count + 1)]
        names += [(name, f"{name}-worker", "worker") for name in WORKERS]
        services = [
            self._service(service, replica, program) for service, replica, program in names if service in self._parts
        ]
        common = {
            "APRICOT_OBJECT_STORE_URL": self._settings.object_store_url or self._state.objects.as_uri(),
            "APRICOT_REFLECTION": "1",
            "APRICOT_DEMO": str(int(self._settings.demo)),
        }
        if self._settings.seconds_per_minute:
            common["APRICOT_SECONDS_PER_MINUTE"] = str(self._settings.seconds_per_minute)
        for one in services:
            one.variables |= self.credentials(one.service)
            if one.service == "identity":
                one.variables |= _code_settings()
                common["APRICOT_IDENTITY_ADDRESS"] = one.address
                common["APRICOT_JWKS_URL"] = jwks_url(one)
        for name in "glucose", "consult":  # the pharmacy asks them, whichever replica is there
            addresses = [one.address for one in services if one.service == name and one.program == "main"]
            common[f"APRICOT_{name.upper()}_ADDRESS"] = f"ipv4:{','.join(addresses)}"
        for one in services:
            one.variables |= common
        return services

    def credentials(self, service: str) -> dict[str, str]:
        """Return the variables that a service shares with no other: by whose leave it reads and writes."""
        from kit.rights import role_of  # the database's driver takes a moment

        secrets = self._secrets
        database = signed_in(self.database_url or "", role_of(service), secrets.role_passwords[service])
        nats = signed_in(self.nats_url or "", service, secrets.user_passwords[service])
        if self._settings.nats_url:
            nats = self._settings.nats_url  # its users are made by whoever keeps it
        if service == "identity":
            own = {
                "APRICOT_IDENTITY_KEY": secrets.identity_key,
                "APRICOT_SERVICE_SECRETS": json.dumps(secrets.service_secrets),
            }
        else:
            own = {"APRICOT_SERVICE_SECRET": secrets.service_secrets[service]}
        return own | {
            "APRICOT_DATABASE_URL": database,
            "APRICOT_NATS_URL": nats,
            "APRICOT_SEALING_KEYS": secrets.sealing_keys_of(service),
        }

    def owners(self) -> dict[str, str]:
        """Return the variables of the migration, which makes what the services may use and not change."""
        certificate = self._certificate("migrate")
        return {
            "APRICOT_DATABASE_URL": self.database_url or "",
            "APRICOT_ROLE_PASSWORDS": json.dumps(self._secrets.role_passwords),
            "APRICOT_NATS_URL": self.nats_url or "",
            **({"APRICOT_TLS_FOLDER": str(certificate)} if certificate else {}),
        }

    def _service(self, service: str, replica: str, program: str) -> Service:
        certificate = self._certificate(service)
        tls = (certificate, self._ports.choose()) if certificate else None
        return Service(service, replica, HOST, self._ports.choose(), self._ports.choose(), program, tls)

    def _certificate(self, part: str) -> Path | None:
        return self.authority.issue(part) if self.authority else None

    def _public_ca(self) -> Path | None:
        if self._public is None:
            return None
        ca = self._public / "ca.crt"
        return ca if ca.exists() else self._public / "tls.crt"  # one that signed itself

    def _plan_gateway(self) -> Envoy:
        # Imported here: tests without a gateway do without the contract's generated code.
        from services.gateway.settings import GatewaySettings

        settings = self._settings
        upstreams, http_upstreams = dict[str, list[str]](), dict[str, list[str]]()
        for one in self.services:
            if one.program == "main":
                upstreams.setdefault(one.service, []).append(one.address)
                if one.service == "pharmacy":
                    http_upstreams.setdefault(one.service, []).append(one.called_at.partition("://")[2])
        chosen = {
            "listen_host": settings.gateway_host,
            "listen_port": self._ports.choose(settings.gateway_port),
            "admin_port": self._ports.choose(settings.gateway_admin_port),
            "http_port": self._ports.choose(),
            "upstreams": upstreams,
            "http_upstreams": http_upstreams,
            "jwks_url": next((jwks_url(one) for one in self.services if one.service == "identity"), None),
            "tls_folder": str(own) if (own := self._certificate("gateway")) else None,
            "public_tls_folder": str(self._public) if self._public else None,
            "reflection": True,  # README's `buf curl`
            "user_requests_per_second": settings.gateway_user_requests_per_second,
            "sign_in_requests_per_minute": settings.gateway_sign_in_requests_per_minute,
            "access_log": self._state.logs / "access.log",
        }
        # What is not chosen here keeps the gateway's own default.
        gateway = GatewaySettings.model_validate({name: value for name, value in chosen.items() if value is not None})
        return Envoy(self._state.path / "gateway", gateway, settings.gateway_concurrency)


def signed_in(url: str, user: str, password: str) -> str:
    """Return a server's URL with another user in it."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{address}"))


def jwks_url(identity: Service) -> str:
    return f"{identity.called_at}/.well-known/jwks.json"


def _code_settings() -> dict[str, str]:
    """Return how one-time codes leave: this is one's own machine, so they are printed, unless a sender is set."""
    return {} if os.environ.get("APRICOT_SENDER_WEBHOOK_URL") else {"APRICOT_PRINT_CODES": "1"}
