"""The pharmacy service: wires its parts and serves. Nothing else reads settings."""

from collections.abc import Sequence

import uvloop
from apricot.access.v1.access_pb2 import ROLE_PHARMACIST
from apricot.identity.v1.events_pb2 import AccessUsed

from formulary.data import read_all
from kit import consumer, outbox, pushes, resealing, telemetry
from kit.chain import Chain
from kit.channels import open_channel
from kit.clock import utc_now
from kit.database import Database
from kit.feed import Feed
from kit.figures import keep_figures
from kit.hints import Hints
from kit.housekeeping import keep_house
from kit.outbox import Relay, add_event
from kit.professionals import Professionals
from kit.profiles import Profiles
from kit.relations import RemoteRelations
from kit.schema import wait_for_tables
from kit.server import Server
from kit.service_identity import ServiceIdentity
from kit.tokens import TOKEN_LIFETIME, RemoteKeys, TokenVerifier
from prescribing.genuineness import DoctorKeys
from services.pharmacy.demo import plant_pharmacies
from services.pharmacy.events import Telling
from services.pharmacy.money.reconciler import Reconciler
from services.pharmacy.money.till import Till
from services.pharmacy.providers import choose
from services.pharmacy.rpc.callbacks import Callbacks
from services.pharmacy.rpc.catalog import Catalog
from services.pharmacy.rpc.checking import Checks
from services.pharmacy.rpc.delivery import Delivery
from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.rpc.exports import Exports
from services.pharmacy.rpc.fulfilment import Fulfilment
from services.pharmacy.rpc.hand_over import HandOver
from services.pharmacy.rpc.ledger import Ledger
from services.pharmacy.rpc.order_watches import OrderWatches
from services.pharmacy.rpc.orders import Orders
from services.pharmacy.rpc.patient_facts import PatientFacts
from services.pharmacy.rpc.payments import Payments
from services.pharmacy.rpc.refills import Refills
from services.pharmacy.rpc.reviews import Reviews
from services.pharmacy.rpc.streams import Streams
from services.pharmacy.settings import PharmacySettings
from services.pharmacy.store import figures
from services.pharmacy.store.job_tables import TemperatureRow


async def serve(settings: PharmacySettings) -> None:
    """Serve until told to stop."""
    read_all()
    database = Database(settings.database_url, "pharmacy", settings.sealing_keys)
    await wait_for_tables(database.url, "pharmacy")
    bus = await settings.connect_bus(f"pharmacy-{settings.replica}")
    relay = Relay(database.url, bus, "pharmacy")
    hints = Hints(bus, "pharmacy")

    async def record(uses: Sequence[AccessUsed]) -> None:
        async with database.transaction() as session:
            for use in uses:
                add_event(session, f"apricot.pharmacy.access.used.{use.patient_id}", use)
        await relay.wake()

    async with (
        open_channel("identity", settings.identity_address, settings.certificate) as identity,
        open_channel("consult", settings.consult_address, settings.certificate) as consult,
        open_channel("glucose", settings.glucose_address, settings.certificate) as glucose,
    ):
        tokens = TokenVerifier(RemoteKeys(settings.jwks_url, settings.certificate))
        relations = RemoteRelations(identity, tokens, record)
        telling, streams = Telling(relay, hints), Streams(relations)
        watches, hand_over = OrderWatches(database, hints, streams), HandOver(settings.service_secret)

        identity_feed = Feed(bus, "identity", relations.on_identity_event, on_loss=streams.drain)
        await identity_feed.start(recall=TOKEN_LIFETIME)  # the sessions that ended while their tokens still live
        await hints.start()
        if settings.demo:
            await plant_pharmacies(database, utc_now)

        own, own_profile = ServiceIdentity(identity, "pharmacy", settings.service_secret), Profiles(identity).own
        pharmacists = Professionals(identity, own, ROLE_PHARMACIST)
        doctor_keys = DoctorKeys(identity)
        checks = Checks(PatientFacts(own, consult, glucose), doctor_keys)
        providers = choose.build(
            settings.payment_providers, settings.of_providers(), settings.payment_notify_url, utc_now
        )
        till, reconciler = Till(database, telling, providers, utc_now), Reconciler(database, providers, utc_now)

        services = {
            "CatalogService": Catalog(database, utc_now),
            "OrderService": Orders(
                *(database, telling, own_profile, doctor_keys, hand_over, watches, utc_now),
                settings.unpaid_orders_per_buyer,
            ),
            "FulfilmentService": Fulfilment(database, telling, utc_now),
            "PaymentService": Payments(database, telling, till, utc_now),
            "LedgerService": Ledger(database, telling, reconciler, utc_now),
            "ReviewService": Reviews(database, telling, checks, pharmacists, utc_now),
            "DeliveryService": Delivery(database, telling, hints, streams, hand_over, utc_now),
            "RefillService": Refills(database, telling, relations.decide, utc_now),
            "PharmacyExportService": Exports(database, utc_now),
        }
        server = Server(settings, Chain(tokens, relations, ERRORS, utc_now))
        for name, service in services.items():
            server.add(f"apricot.pharmacy.v1.{name}", service)
        server.add_routes(*Callbacks(providers, till.take).routes())
        server.add_background(relay.run(), identity_feed.run(), keep_house(database, TemperatureRow), watches.run())
        waiting = *outbox.FIGURES, *consumer.FIGURES, *pushes.FIGURES, resealing.FIGURE, *figures.FIGURES
        server.add_background(keep_figures(database, *waiting))
        server.on_drain(streams.drain)
        await server.run()
    await bus.close()
    await database.close()


def main() -> None:
    """Read the settings and serve."""
    settings = PharmacySettings()  # type: ignore[call-arg]  # from the environment
    telemetry.configure("pharmacy", settings.replica, settings.log_level)
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
