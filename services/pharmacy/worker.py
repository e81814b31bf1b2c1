"""The pharmacy's work behind the calls: what follows from events and from the passing of time. Any number of these run
side by side. Wires its parts and runs; nothing else reads settings."""

import os

import uvloop

from kit import telemetry
from kit.access import NoPatients
from kit.bus import Bus
from kit.chain import Chain
from kit.clock import utc_now
from kit.database import Database
from kit.pushes import Pushes, discard
from kit.schema import wait_for_tables
from kit.server import Server
from kit.tokens import RemoteKeys, TokenVerifier
from kit.webhook import Webhook
from services.pharmacy.settings import PharmacySettings

_NICENESS = 5
"""Calls come first where they share a processor."""


async def work(settings: PharmacySettings) -> None:
    """Work until told to stop. Its gRPC port answers health checks alone."""
    database = Database(settings.database_url, "pharmacy")
    await wait_for_tables(database.url, "pharmacy")
    bus = await Bus.connect(settings.nats_url, f"pharmacy-worker-{settings.replica}")
    server = Server(settings, Chain(TokenVerifier(RemoteKeys(settings.jwks_url)), NoPatients(), {}, utc_now))
    if settings.push_webhook_url:
        webhook = Webhook(settings.push_webhook_url, settings.push_webhook_secret)
        server.add_background(Pushes(database, webhook, utc_now).run())
    else:
        server.add_background(discard(database, utc_now))
    await server.run()
    await bus.close()
    await database.close()


def main() -> None:
    """Read the settings and work."""
    settings = PharmacySettings()  # type: ignore[call-arg]  # from the environment
    telemetry.configure("pharmacy-worker", settings.replica, settings.log_level)
    os.nice(_NICENESS)
    uvloop.run(work(settings))


if __name__ == "__main__":
    main()
