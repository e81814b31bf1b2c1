"""The glucose service: wires its parts and serves. Nothing else reads settings."""

from collections.abc import Sequence
from datetime import timedelta

import uvloop
from apricot.identity.v1.events_pb2 import AccessUsed

from formulary.data import read_all
from kit import consumer, outbox, pushes, resealing, telemetry
from kit.bus import Event
from kit.chain import Chain
from kit.channels import open_channel
from kit.clock import utc_now
from kit.database import Database
from kit.feed import Feed
from kit.figures import keep_figures
from kit.housekeeping import keep_house
from kit.hub import Hub
from kit.objects import Objects
from kit.outbox import Relay
from kit.relations import RemoteRelations
from kit.schema import wait_for_tables
from kit.server import Server
from kit.service_identity import ServiceIdentity
from kit.tokens import TOKEN_LIFETIME, RemoteKeys, TokenVerifier
from services.glucose import events
from services.glucose.domain.alerts.pace import Pace
from services.glucose.domain.quota import Quota
from services.glucose.rpc import jobs
from services.glucose.rpc.alerts import Alerts
from services.glucose.rpc.diary import Diary
from services.glucose.rpc.doses import Doses
from services.glucose.rpc.errors import ERRORS
from services.glucose.rpc.exports import Exports
from services.glucose.rpc.foods import Foods
from services.glucose.rpc.live import Sources
from services.glucose.rpc.photos import Photos
from services.glucose.rpc.plan_checking import PlanChecks, RemotePatientFacts
from services.glucose.rpc.plans import Plans
from services.glucose.rpc.pool import Pool
from services.glucose.rpc.receipts import Receipts
from services.glucose.rpc.reports import Reports
from services.glucose.rpc.timeline import Timeline
from services.glucose.rpc.vigil import Vigil
from services.glucose.rpc.watch import Watch
from services.glucose.rpc.watchers import Watchers
from services.glucose.settings import GlucoseSettings
from services.glucose.store.entries import add_events
from services.glucose.store.journal import Journal


async def serve(settings: GlucoseSettings) -> None:
    """Serve until told to stop."""
    read_all()
    database = Database(settings.database_url, "glucose", settings.sealing_keys)
    await wait_for_tables(database.url, "glucose")
    bus = await settings.connect_bus(f"glucose-{settings.replica}")
    relay = Relay(database.url, bus, "glucose")

    async def record(uses: Sequence[AccessUsed]) -> None:
        async with database.connection() as connection:
            await add_events(connection, [events.access_used(use) for use in uses])
        await relay.wake()

    async with (
        open_channel("identity", settings.identity_address, settings.certificate) as identity,
        open_channel("consult", settings.consult_address, settings.certificate) as consult,
    ):
        tokens = TokenVerifier(RemoteKeys(settings.jwks_url, settings.certificate))
        relations = RemoteRelations(identity, tokens, record)
        hub = Hub(events.WATCHED)
        watchers = Watchers(relations)
        vigil = Vigil(utc_now)

        def on_event(event: Event) -> None:
            vigil.hear(event)
            hub.dispatch(event)

        feed = Feed(bus, "glucose", on_event, on_loss=watchers.drain)
        identity_feed = Feed(bus, "identity", relations.on_identity_event, on_loss=watchers.drain)
        await feed.start(recall=timedelta(minutes=1))  # a tick is among them: how far the hub is complete
        await identity_feed.start(recall=TOKEN_LIFETIME)  # the sessions that ended while their tokens still live
        journal = Journal(database, events.entries_logged, relay.wake)
        pool = Pool(preload=jobs.MODULES)

        server = Server(settings, Chain(tokens, relations, ERRORS, utc_now))
        server.add(
            "apricot.glucose.v1.DiaryService", Diary(database, journal, relay, utc_now, Quota(settings.diary_mib << 20))
        )
        receipts = Receipts(database, relay, utc_now)
        sources = Sources(database, bus, feed, hub, utc_now, vigil, receipts)
        server.add("apricot.glucose.v1.WatchService", Watch(sources, relations, watchers))
        server.add(
            "apricot.glucose.v1.AlertService", Alerts(database, relay, utc_now, Pace(settings.seconds_per_minute))
        )
        server.add("apricot.glucose.v1.ReportService", Reports(database, pool, utc_now))
        own = ServiceIdentity(identity, "glucose", settings.service_secret)
        checks = PlanChecks(RemotePatientFacts(own, identity, consult))
        server.add("apricot.glucose.v1.PlanService", Plans(database, relay, checks, utc_now))
        server.add("apricot.glucose.v1.TimelineService", Timeline(database, relay, utc_now))
        server.add("apricot.glucose.v1.PhotoService", Photos(database, Objects(settings.object_store_url), utc_now))
        server.add("apricot.glucose.v1.FoodService", Foods())
        server.add("apricot.glucose.v1.DoseService", Doses(database))
        server.add("apricot.glucose.v1.ExportService", Exports(database, utc_now))
        server.add_background(relay.run(), feed.run(), identity_feed.run(), keep_house(database), receipts.run())
        figures = *outbox.FIGURES, *consumer.FIGURES, *pushes.FIGURES, resealing.FIGURE
        server.add_background(keep_figures(database, *figures))
        server.on_drain(watchers.drain)
        await server.run()
    await pool.close()
    await bus.close()
    await database.close()


def main() -> None:
    """Read the settings and serve."""
    settings = GlucoseSettings()  # type: ignore[call-arg]  # from the environment
    telemetry.configure("glucose", settings.replica, settings.log_level)
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
