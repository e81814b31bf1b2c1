"""Glucose's work behind the calls: what follows from the diary's events and from the passing of time. Any number of
these run side by side. Wires its parts and runs; nothing else reads settings."""

import os

import uvloop

from kit import telemetry
from kit.access import NoPatients
from kit.chain import Chain
from kit.channels import open_channel
from kit.clock import utc_now
from kit.consumer import Consumer
from kit.database import Database
from kit.objects import Objects
from kit.outbox import Relay
from kit.pushes import Pushes, discard
from kit.resealing import Resealing
from kit.schema import wait_for_tables
from kit.server import Server
from kit.service_identity import ServiceIdentity
from kit.tokens import RemoteKeys, TokenVerifier
from kit.webhook import Webhook
from services.glucose.domain.alerts.pace import Pace
from services.glucose.settings import GlucoseSettings
from services.glucose.store import tables
from services.glucose.work.accounts import account_consumer
from services.glucose.work.alerting import Alerting
from services.glucose.work.archiving import freeze_old_months
from services.glucose.work.days import keep_days
from services.glucose.work.photos import remove_unnamed_photos
from services.glucose.work.progress import CONSUMER, SUBJECTS, Progress
from services.glucose.work.pushes import PushedAlerts
from services.glucose.work.reminders import Reminders

_NICENESS = 5
"""Calls come first where they share a processor."""


async def work(settings: GlucoseSettings) -> None:
    """Work until told to stop. Its gRPC port answers health checks alone."""
    database = Database(settings.database_url, "glucose", settings.sealing_keys)
    await wait_for_tables(database.url, "glucose")
    bus = await settings.connect_bus(f"glucose-worker-{settings.replica}")
    relay = Relay(database.url, bus, "glucose")  # woken, never run: those of the main program publish
    async with open_channel("identity", settings.identity_address, settings.certificate) as channel:
        identity = ServiceIdentity(channel, "glucose", settings.service_secret)
        pace = Pace(settings.seconds_per_minute)
        alerting = Alerting(database, relay, identity, utc_now, pace, pushing=bool(settings.push_webhook_url))
        progress = Progress(database, bus, utc_now)
        look = progress.following(alerting.look)
        alerts = Consumer(
            bus,
            database,
            CONSUMER,
            "glucose",
            SUBJECTS,
            look,
            relay.wake,
            ack_wait_seconds=5,
            gather_seconds=0.2,  # many readings in one look; an alert has a second
        )
        server = Server(
            settings,
            Chain(TokenVerifier(RemoteKeys(settings.jwks_url, settings.certificate)), NoPatients(), {}, utc_now),
        )
        server.add_background(alerts.run(), alerting.run_due(), progress.run())
        server.add_background(Reminders(database, utc_now).run(), keep_days(database))
        server.add_background(account_consumer(bus, database).run())
        server.add_background(Resealing(database, utc_now, tables).run())
        server.add_background(remove_unnamed_photos(database, Objects(settings.object_store_url), utc_now))
        if settings.hot_months:
            server.add_background(freeze_old_months(database, utc_now, settings.hot_months))
        if settings.push_webhook_url:
            webhook = Webhook(settings.push_webhook_url, settings.push_webhook_secret)
            shown = PushedAlerts(utc_now)
            server.add_background(Pushes(database, webhook, utc_now, shown.show, relay.wake).run())
        else:
            server.add_background(discard(database, utc_now))
        await server.run()
    await bus.close()
    await database.close()


def main() -> None:
    """Read the settings and work."""
    settings = GlucoseSettings()  # type: ignore[call-arg]  # from the environment
    telemetry.configure("glucose-worker", settings.replica, settings.log_level)
    os.nice(_NICENESS)
    uvloop.run(work(settings))


if __name__ == "__main__":
    main()
