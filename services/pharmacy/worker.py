"""The pharmacy's work behind the calls: what follows from events and from the passing of time. Any number of these run
side by side. Wires its parts and runs; nothing else reads settings."""

import os

import uvloop

from kit import telemetry
from kit.access import NoPatients
from kit.chain import Chain
from kit.channels import open_channel
from kit.clock import utc_now
from kit.database import Database
from kit.hints import Hints
from kit.outbox import Relay
from kit.pushes import Pushes, discard
from kit.resealing import Resealing
from kit.schema import wait_for_tables
from kit.server import Server
from kit.service_identity import ServiceIdentity
from kit.tokens import RemoteKeys, TokenVerifier
from kit.webhook import Webhook
from services.pharmacy.events import Telling
from services.pharmacy.money.reconciler import Reconciler
from services.pharmacy.money.till import Till
from services.pharmacy.providers import choose
from services.pharmacy.settings import PharmacySettings
from services.pharmacy.store import tables
from services.pharmacy.work.accounts import account_consumer, forget_addresses
from services.pharmacy.work.books import Books
from services.pharmacy.work.diaries import Diaries
from services.pharmacy.work.jobs import JobTimer
from services.pharmacy.work.orders import OrderTimer
from services.pharmacy.work.payments import PaymentLooks
from services.pharmacy.work.prescriptions import Prescriptions
from services.pharmacy.work.refunds import Refunds
from services.pharmacy.work.supplies import Supplies

_NICENESS = 5
"""Calls come first where they share a processor."""


async def work(settings: PharmacySettings) -> None:
    """Work until told to stop. Its gRPC port answers health checks alone."""
    database = Database(settings.database_url, "pharmacy", settings.sealing_keys)
    await wait_for_tables(database.url, "pharmacy")
    bus = await settings.connect_bus(f"pharmacy-worker-{settings.replica}")
    relay = Relay(database.url, bus, "pharmacy")  # woken, never run: those of the main program publish
    telling = Telling(relay, Hints(bus, "pharmacy"))
    async with (
        open_channel("identity", settings.identity_address, settings.certificate) as identity,
        open_channel("glucose", settings.glucose_address, settings.certificate) as glucose,
    ):
        own = ServiceIdentity(identity, "pharmacy", settings.service_secret)
        find_doses = Diaries(glucose, own).find_doses
        providers = choose.build(
            settings.payment_providers, settings.of_providers(), settings.payment_notify_url, utc_now
        )
        till = Till(database, telling, providers, utc_now)
        books = Books(database, Reconciler(database, providers, utc_now), utc_now)
        server = Server(
            settings,
            Chain(TokenVerifier(RemoteKeys(settings.jwks_url, settings.certificate)), NoPatients(), {}, utc_now),
        )
        server.add_background(OrderTimer(database, telling, utc_now).run(), JobTimer(database, telling, utc_now).run())
        server.add_background(Prescriptions(database, telling, utc_now).consumer(bus).run())
        server.add_background(PaymentLooks(database, till, utc_now).run(), Refunds(database, till, utc_now).run())
        server.add_background(books.reconcile_daily(), books.weigh())
        server.add_background(Resealing(database, utc_now, tables).run())
        server.add_background(Supplies(database, relay, find_doses, own.carers, utc_now).run())
        server.add_background(account_consumer(bus, database, telling).run(), forget_addresses(database))
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
