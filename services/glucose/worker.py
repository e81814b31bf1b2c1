"""Glucose's work behind the calls: what follows from the diary's events and from the passing of time. Any number of
these run side by side. Wires its parts and runs; nothing else reads settings."""

import uvloop

from kit import telemetry
from kit.access import NoPatients
from kit.bus import Bus
from kit.chain import Chain
from kit.clock import utc_now
from kit.database import Database
from kit.objects import Objects
from kit.outbox import Relay
from kit.server import Server
from kit.tokens import RemoteKeys, TokenVerifier
from services.glucose.settings import GlucoseSettings
from services.glucose.work.accounts import account_consumer
from services.glucose.work.photos import remove_unnamed_photos


async def work(settings: GlucoseSettings) -> None:
    """Work until told to stop. Its gRPC port answers health checks alone."""
    database = Database(settings.database_url, "glucose")
    bus = await Bus.connect(settings.nats_url, f"glucose-worker-{settings.replica}")
    relay = Relay(database.url, bus, "glucose")
    server = Server(settings, Chain(TokenVerifier(RemoteKeys(settings.jwks_url)), NoPatients(), {}, utc_now))
    server.add_background(relay.run())
    server.add_background(account_consumer(bus, database).run())
    server.add_background(remove_unnamed_photos(database, Objects(settings.object_store_url), utc_now))
    await server.run()
    await bus.close()
    await database.close()


def main() -> None:
    """Read the settings and work."""
    settings = GlucoseSettings()  # type: ignore[call-arg]  # from the environment
    telemetry.configure("glucose-worker", settings.replica, settings.log_level)
    uvloop.run(work(settings))


if __name__ == "__main__":
    main()
