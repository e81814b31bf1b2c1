"""Consult's work behind the calls: what follows from events and from the passing of time. Any number of these run side
by side. Wires its parts and runs; nothing else reads settings."""

import os

import uvloop
from apricot.access.v1.access_pb2 import ROLE_CLINICIAN

from kit import telemetry
from kit.access import NoPatients
from kit.chain import Chain
from kit.channels import open_channel
from kit.clock import utc_now
from kit.database import Database
from kit.hints import Hints
from kit.objects import Objects
from kit.outbox import Relay
from kit.professionals import Professionals
from kit.pushes import Pushes, discard
from kit.resealing import Resealing
from kit.schema import wait_for_tables
from kit.server import Server
from kit.service_identity import ServiceIdentity
from kit.tokens import RemoteKeys, TokenVerifier
from kit.webhook import Webhook
from services.consult.events import Telling
from services.consult.settings import ConsultSettings
from services.consult.store import tables
from services.consult.work.accounts import account_consumer
from services.consult.work.appointments import AppointmentTimer
from services.consult.work.attachments import remove_abandoned_uploads
from services.consult.work.calls import CallTimer
from services.consult.work.consultations import Timers
from services.consult.work.licences import Licences
from services.consult.work.prescriptions import dispensing_consumers
from services.consult.work.signals import forget_signals

_NICENESS = 5
"""Calls come first where they share a processor."""


async def work(settings: ConsultSettings) -> None:
    """Work until told to stop. Its gRPC port answers health checks alone."""
    database = Database(settings.database_url, "consult", settings.sealing_keys)
    await wait_for_tables(database.url, "consult")
    bus = await settings.connect_bus(f"consult-worker-{settings.replica}")
    relay = Relay(database.url, bus, "consult")  # woken, never run: those of the main program publish
    telling = Telling(relay, Hints(bus, "consult"))
    async with open_channel("identity", settings.identity_address, settings.certificate) as identity:
        own = ServiceIdentity(identity, "consult", settings.service_secret)
        licences = Licences(database, Professionals(identity, own, ROLE_CLINICIAN), utc_now)
        server = Server(
            settings,
            Chain(TokenVerifier(RemoteKeys(settings.jwks_url, settings.certificate)), NoPatients(), {}, utc_now),
        )
        server.add_background(Timers(database, telling, utc_now).run(), CallTimer(database, telling, utc_now).run())
        server.add_background(AppointmentTimer(database, relay, utc_now).run())
        server.add_background(licences.consumer(bus).run(), licences.reconcile_hourly())
        server.add_background(account_consumer(bus, database, telling).run())
        server.add_background(*(consumer.run() for consumer in dispensing_consumers(bus, database)))
        server.add_background(remove_abandoned_uploads(database, Objects(settings.object_store_url), utc_now))
        server.add_background(forget_signals(database, utc_now))
        server.add_background(Resealing(database, utc_now, tables).run())
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
