"""Identity: accounts, sign-in, tokens, licences, care grants, audit. Wires the service and starts it."""

import asyncio
import base64
import binascii
from datetime import timedelta
from typing import Self

import uvloop
from aiohttp import web
from pydantic import Field, SecretStr, field_validator, model_validator

from kit import consumer, outbox, resealing, telemetry
from kit.access import NoPatients
from kit.bus import Bus
from kit.call import ROLES_BY_NOW
from kit.chain import Chain
from kit.clock import Clock, utc_now
from kit.database import Database
from kit.figures import keep_figures
from kit.housekeeping import keep_house
from kit.outbox import Relay
from kit.resealing import Resealing
from kit.schema import wait_for_tables
from kit.server import Server
from kit.settings import ServiceSettings
from kit.tokens import TOKEN_LIFETIME, TokenVerifier
from services.identity import events
from services.identity.audit_watch import AuditWatch
from services.identity.demo import DemoSeed, close_demo
from services.identity.domain.limits import Limit
from services.identity.indexing import Indexing
from services.identity.keys import KeyRing
from services.identity.notices import Notices
from services.identity.passwords import Passwords
from services.identity.rpc.account import AccountService
from services.identity.rpc.admin import AdminService
from services.identity.rpc.audit import AuditService
from services.identity.rpc.auth import AuthRules, AuthService
from services.identity.rpc.care import CareService
from services.identity.rpc.common import Audit, Endings, Limits
from services.identity.rpc.credentials import Credentials
from services.identity.rpc.deletion import Deletion
from services.identity.rpc.errors import DOMAIN_ERRORS
from services.identity.rpc.first_factor import FirstFactor
from services.identity.rpc.fresh_proofs import FreshProofs
from services.identity.rpc.invites import Invites
from services.identity.rpc.licence import LicenceService
from services.identity.rpc.licence_scans import LicenceScans
from services.identity.rpc.organization import OrganizationService
from services.identity.rpc.roles_by_now import RolesByNow
from services.identity.rpc.second_factor import SecondFactors
from services.identity.rpc.security import SecurityService
from services.identity.rpc.signing import SigningService
from services.identity.sender import ConsoleSender, Sender, WebhookSender
from services.identity.start import begin_audit, offer_admin
from services.identity.store import tables
from services.identity.upkeep import Upkeep
from services.identity.vault import Vault


class IdentitySettings(ServiceSettings):
    """What identity reads from its environment."""

    identity_key: str = Field(repr=False)
    """32 bytes, base64: the root of every secret at rest. Whoever loses it loses all second factors and keys."""
    service_secrets: dict[str, SecretStr]
    """By service, the secret by which it signs in here; at least 16 characters each, no two alike."""
    sender_webhook_url: str = ""
    """Where one-time codes are posted. Needed, but in the demo and with `print_codes`."""
    sender_webhook_secret: str = Field(default="", repr=False)
    """Signs what is posted; at least 16 characters where there is a URL."""
    print_codes: bool = False
    """Prints one-time codes to standard output, on a developer's own machine: who reads the log signs in as anybody."""
    key_activation_seconds: float = Field(default=300, ge=0)
    """How long a new signing key is published before it signs: longer than anybody keeps the key set."""
    codes_per_address_and_hour: int = Field(default=100, gt=0)
    """Many people share an address behind a carrier's NAT; the stricter limits are per phone."""
    sign_ins_per_address_and_hour: int = Field(default=600, gt=0)
    demo: bool = False
    """Makes accounts whose code and second factor everybody knows."""

    @field_validator("identity_key")
    @classmethod
    def _is_key(cls, value: str) -> str:
        try:
            right = len(base64.b64decode(value, validate=True)) == 32
        except binascii.Error:
            right = False
        if not right:
            raise ValueError("32 bytes in base64 are needed")
        return value

    @field_validator("service_secrets")
    @classmethod
    def _are_secrets_of_their_own(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        secrets = [one.get_secret_value() for one in value.values()]
        if len(set(secrets)) < len(secrets) or any(len(one) < 16 for one in secrets):
            raise ValueError("each service needs a secret of its own, of at least 16 characters")
        return value

    @model_validator(mode="after")
    def _webhook_is_signed(self) -> Self:
        if self.sender_webhook_url and len(self.sender_webhook_secret) < 16:
            raise ValueError("a webhook needs a secret of at least 16 characters")
        return self

    @model_validator(mode="after")
    def _codes_go_one_way(self) -> Self:
        if self.print_codes and self.sender_webhook_url:
            raise ValueError("APRICOT_PRINT_CODES prints codes that APRICOT_SENDER_WEBHOOK_URL sends: set one of them")
        if not (self.print_codes or self.sender_webhook_url or self.demo):
            raise ValueError(
                "one-time codes have no way to phones: set APRICOT_SENDER_WEBHOOK_URL, or on a developer's own machine"
                " APRICOT_PRINT_CODES=1"
            )
        return self


class Identity:
    """The service's parts, wired; tests build it with a clock and a sender of their own."""

    def __init__(self, settings: IdentitySettings, database: Database, bus: Bus, sender: Sender, clock: Clock) -> None:
        vault = Vault(base64.b64decode(settings.identity_key))
        self.keys = KeyRing(database, vault, clock, timedelta(seconds=settings.key_activation_seconds))
        self.relay = Relay(database.url, bus, "identity")
        self.upkeep = Upkeep(database, self.relay, clock)
        self.notices = Notices(database, sender, clock, demo=settings.demo)
        self.indexing = Indexing(database, vault, Resealing(database, clock, tables))
        self.audit_watch = AuditWatch(database, vault, clock)
        tokens = TokenVerifier(self.keys)
        self.roles_by_now = RolesByNow(database, tokens, clock)
        self.session_feed = events.session_feed(bus, tokens, clock)
        self.audit_consumers = events.audit_consumers(bus, database, vault)
        self.care_consumers = events.care_consumers(bus, database, vault, self.relay)
        self.chain = Chain(tokens, NoPatients(), DOMAIN_ERRORS, clock)

        limits, endings, audit = Limits(database, vault, clock), Endings(tokens, self.relay, clock), Audit(vault, clock)
        passwords = Passwords()
        rules = AuthRules(
            service_secrets={name: one.get_secret_value() for name, one in settings.service_secrets.items()},
            codes_per_address=_per_hour("codes-address", settings.codes_per_address_and_hour),
            sign_ins_per_address=_per_hour("sign-ins-address", settings.sign_ins_per_address_and_hour),
            demo=settings.demo,
        )
        first_factor = FirstFactor(database, limits, passwords, vault, clock, demo=settings.demo)
        second_factors, proofs = SecondFactors(vault, clock), FreshProofs(self.keys, clock)
        scans = LicenceScans(database, limits, audit, vault, clock)
        credentials = Credentials(database, passwords, second_factors, proofs, limits, endings, audit, vault, clock)
        deletion = Deletion(
            database,
            first_factor,
            second_factors,
            proofs,
            rules.sign_ins_per_address,
            endings,
            audit,
            vault,
            clock,
            demo=settings.demo,
        )
        self.services: dict[str, object] = {
            "AuthService": AuthService(
                database,
                self.keys,
                first_factor,
                second_factors,
                proofs,
                sender,
                limits,
                endings,
                audit,
                vault,
                clock,
                rules,
            ),
            "AdminService": AdminService(database, proofs, limits, endings, audit, vault, clock),
            "AccountService": AccountService(database, credentials, proofs, limits, audit, vault, clock, deletion),
            "SecurityService": SecurityService(
                database, credentials, proofs, first_factor, rules.sign_ins_per_address, endings, audit, vault, clock
            ),
            "LicenceService": LicenceService(database, endings, audit, scans, vault, clock),
            "CareService": CareService(
                database, self.relay, limits, proofs, audit, Invites(database, proofs, audit, vault, clock), clock
            ),
            "OrganizationService": OrganizationService(database, self.relay, audit, clock),
            "AuditService": AuditService(database, vault),
            "SigningService": SigningService(database, tokens, limits, audit, vault, clock),
        }
        self._demo = DemoSeed(database, vault, clock) if settings.demo else None
        self.vault = vault
        self._database, self._clock = database, clock

    async def start(self) -> None:
        """What has to be there before the first call."""
        await self.keys.start()
        await begin_audit(self._database, self.vault)
        if self._demo:
            await self._demo.plant()
        else:
            await close_demo(self._database, self._clock)
        await offer_admin(self._database)
        await self.session_feed.start(recall=TOKEN_LIFETIME)  # those that ended while their tokens still live

    async def key_set(self, _: web.Request) -> web.Response:
        """`/.well-known/jwks.json`."""
        return web.json_response(self.keys.key_set())


async def main() -> None:
    """Run until told to stop."""
    settings = IdentitySettings.model_validate({})
    telemetry.configure("identity", settings.replica, settings.log_level)
    database = Database(settings.database_url, "identity", settings.sealing_keys)
    await wait_for_tables(database.url, "identity")
    bus = await settings.connect_bus(f"identity-{settings.replica}")
    sender = (
        WebhookSender(settings.sender_webhook_url, settings.sender_webhook_secret)
        if settings.sender_webhook_url
        else ConsoleSender()
    )
    identity = Identity(settings, database, bus, sender, utc_now)
    await identity.start()

    server = Server(settings, identity.chain)
    for name, implementation in identity.services.items():
        server.add(f"apricot.identity.v1.{name}", implementation)
    server.add_routes(web.get("/.well-known/jwks.json", identity.key_set))
    server.add_routes(web.post(f"{ROLES_BY_NOW}/{{service}}/{{method}}", identity.roles_by_now.answer))
    server.add_background(identity.relay.run(), identity.keys.run(), identity.upkeep.run(), identity.session_feed.run())
    server.add_background(
        keep_house(database), identity.notices.run(), identity.audit_watch.run(), identity.indexing.run()
    )
    server.add_background(keep_figures(database, *outbox.FIGURES, *consumer.FIGURES, resealing.FIGURE))
    server.add_background(*(consumer.run() for consumer in (*identity.audit_consumers, *identity.care_consumers)))
    try:
        await server.run()
    finally:
        await bus.close()
        await database.close()


def _per_hour(name: str, uses: int) -> Limit:
    return Limit(name, uses, timedelta(hours=1))


if __name__ == "__main__":
    asyncio.run(main(), loop_factory=uvloop.new_event_loop)
