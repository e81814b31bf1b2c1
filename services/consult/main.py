"""The consult service: wires its parts and serves. Nothing else reads settings."""

from collections.abc import Sequence

import uvloop
from apricot.access.v1.access_pb2 import ROLE_CLINICIAN
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
from kit.objects import Objects
from kit.outbox import Relay, add_event
from kit.professionals import Professionals
from kit.profiles import Profiles
from kit.relations import RemoteRelations
from kit.schema import wait_for_tables
from kit.server import Server
from kit.service_identity import ServiceIdentity
from kit.tokens import TOKEN_LIFETIME, RemoteKeys, TokenVerifier
from prescribing.genuineness import DoctorKeys
from services.consult.demo import plant_hospitals
from services.consult.events import Telling
from services.consult.rpc.attachments import Attachments
from services.consult.rpc.booking import Booking
from services.consult.rpc.calls import Calls, newest_call
from services.consult.rpc.consultations import Consultations
from services.consult.rpc.conversations import Conversations
from services.consult.rpc.directory import Directory
from services.consult.rpc.errors import ERRORS
from services.consult.rpc.exports import Exports
from services.consult.rpc.health_records import HealthRecords
from services.consult.rpc.inboxes import Inboxes
from services.consult.rpc.media_servers import MediaServers
from services.consult.rpc.prescriptions import Prescriptions
from services.consult.rpc.ratings import Ratings
from services.consult.rpc.rooms import Rooms
from services.consult.rpc.signer import Signer
from services.consult.rpc.triage import Triage
from services.consult.settings import ConsultSettings
from services.consult.store.triage import triage


async def serve(settings: ConsultSettings) -> None:
    """Serve until told to stop."""
    read_all()
    database = Database(settings.database_url, "consult", settings.sealing_keys)
    await wait_for_tables(database.url, "consult")
    bus = await settings.connect_bus(f"consult-{settings.replica}")
    relay = Relay(database.url, bus, "consult")
    hints = Hints(bus, "consult")

    async def record(uses: Sequence[AccessUsed]) -> None:
        async with database.transaction() as session:
            for use in uses:
                add_event(session, f"apricot.consult.access.used.{use.patient_id}", use)
        await relay.wake()

    async with open_channel("identity", settings.identity_address, settings.certificate) as identity:
        tokens = TokenVerifier(RemoteKeys(settings.jwks_url, settings.certificate))
        relations = RemoteRelations(identity, tokens, record)
        telling, inboxes = Telling(relay, hints), Inboxes(hints, relations)
        rooms = Rooms(database, hints, utc_now, looks={"call": newest_call})
        relations.on_session_end.append(rooms.on_sessions_ended)

        def drain() -> None:
            inboxes.drain()
            rooms.drain()

        identity_feed = Feed(bus, "identity", relations.on_identity_event, on_loss=drain)
        await identity_feed.start(recall=TOKEN_LIFETIME)  # the sessions that ended while their tokens still live
        await hints.start()
        if settings.demo:
            await plant_hospitals(database)

        own = ServiceIdentity(identity, "consult", settings.service_secret)
        own_profile = Profiles(identity).own
        attachments = Attachments(database, Objects(settings.object_store_url), utc_now)
        signer, keys = Signer(own, identity), DoctorKeys(identity)

        services = {
            "DirectoryService": Directory(
                database, Professionals(identity, own, ROLE_CLINICIAN), utc_now, settings.fee_bounds
            ),
            "TriageService": Triage(triage()),
            "BookingService": Booking(database, relay, own_profile, utc_now, settings.fee_bounds),
            "ConsultationService": Consultations(database, telling, own_profile, inboxes, utc_now),
            "ConversationService": Conversations(database, rooms, attachments, relay, utc_now),
            "CallService": Calls(database, telling, media_servers(settings), utc_now),
            "HealthRecordService": HealthRecords(database, telling, keys, utc_now),
            "PrescriptionService": Prescriptions(database, telling, signer, keys, utc_now),
            "RatingService": Ratings(database, utc_now),
            "ConsultExportService": Exports(database, keys, utc_now),
        }
        server = Server(settings, Chain(tokens, relations, ERRORS, utc_now))
        for name, service in services.items():
            server.add(f"apricot.consult.v1.{name}", service)
        server.add_background(relay.run(), identity_feed.run(), keep_house(database), rooms.run())
        figures = *outbox.FIGURES, *consumer.FIGURES, *pushes.FIGURES, resealing.FIGURE
        server.add_background(keep_figures(database, *figures))
        server.on_drain(drain)
        await server.run()
    await bus.close()
    await database.close()


def media_servers(settings: ConsultSettings) -> MediaServers:
    """The deployment's servers for calls."""
    return MediaServers(
        stun_urls=settings.stun_urls,
        turn_urls=settings.turn_urls,
        turn_secret=settings.turn_secret,
        livekit_url=settings.livekit_url,
        livekit_api_key=settings.livekit_api_key,
        livekit_api_secret=settings.livekit_api_secret,
    )


def main() -> None:
    """Read the settings and serve."""
    settings = ConsultSettings()  # type: ignore[call-arg]  # from the environment
    telemetry.configure("consult", settings.replica, settings.log_level)
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
