"""Consult's work behind the calls: what follows from events and from the passing of time. Any number of these run side
by side. Wires its parts and runs; nothing else reads settings."""

import os

import uvloop

from kit import telemetry
from kit.access import NoPatients
from kit.bus import Bus
from kit.chain import Chain
from kit.clock import utc_now
from kit.database import Database
from kit.hints import Hints
from kit.objects import Objects
from kit.outbox import Relay
from kit.pushes import Pushes, discard
from kit.server import Server
from kit.tokens import RemoteKeys, TokenVerifier
from kit.webhook import Webhook
from services.consult.events import Telling
from services.consult.settings import ConsultSettings
from services.consult.work.accounts import account_consumer
from services.consult.work.attachments import remove_abandoned_uploads
from services.consult.work.calls import CallTimer
from services.consult.work.signals import forget_signals

_NICENESS = 5
"""Calls come first where they share a processor."""


async def work(settings: ConsultSettings) -> None:
    """Work until told to stop. Its gRPC port answers health checks alone."""
    database = Database(settings.database_url, "consult")
    bus = await Bus.connect(settings.nats_url, f"consult-worker-{settings.replica}")
    server = Server(settings, Chain(TokenVerifier(RemoteKeys(settings.jwks_url)), NoPatients(), {}, utc_now))
    telling = Telling(Relay(database.url, bus, "consult"), Hints(bus, "consult"))  # the main program's relays publish
    server.add_background(
        account_consumer(bus, database).run(),
        remove_abandoned_uploads(database, Objects(settings.object_store_url), utc_now),
        forget_signals(database, utc_now),
        CallTimer(database, telling, utc_now).run(),
    )
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
    settings = ConsultSettings()  # type: ignore[call-arg]  # from the environment
    telemetry.configure("consult-worker", settings.replica, settings.log_level)
    os.nice(_NICENESS)
    uvloop.run(work(settings))


if __name__ == "__main__":
    main()
