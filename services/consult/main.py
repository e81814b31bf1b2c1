"""The consult service: wires its parts and serves. Nothing else reads settings."""

from collections.abc import Sequence

import grpc
import uvloop
from apricot.identity.v1.events_pb2 import AccessUsed

from kit import telemetry
from kit.bus import Bus
from kit.chain import Chain
from kit.clock import utc_now
from kit.database import Database
from kit.feed import Feed
from kit.hints import Hints
from kit.housekeeping import keep_house
from kit.objects import Objects
from kit.outbox import Relay, add_event
from kit.relations import RemoteRelations
from kit.server import Server
from kit.service_identity import ServiceIdentity
from kit.tokens import TOKEN_LIFETIME, RemoteKeys, TokenVerifier
from services.consult.demo import plant_hospitals
from services.consult.professionals import Professionals
from services.consult.rpc.directory import Directory
from services.consult.rpc.errors import ERRORS
from services.consult.rpc.triage import Triage
from services.consult.events import Telling
from services.consult.rpc.consultations import Consultations
from services.consult.rpc.errors import ERRORS
from services.consult.rpc.evidence import no_attachments
from services.consult.rpc.inboxes import Inboxes
from services.consult.rpc.profiles import Profiles
from services.consult.rpc.ratings import Ratings
from services.consult.rpc.scores import kept_nowhere
from services.consult.rpc.booking import Booking
from services.consult.rpc.errors import ERRORS
from services.consult.rpc.names import Names
from services.consult.rpc.attachments import Attachments
from services.consult.rpc.conversations import Conversations
from services.consult.rpc.errors import ERRORS
from services.consult.rpc.rooms import Rooms
from services.consult.events import Telling
from services.consult.rpc.errors import ERRORS
from services.consult.rpc.genuineness import DoctorKeys
from services.consult.rpc.health_records import HealthRecords
from services.consult.rpc.prescriptions import Prescriptions
from services.consult.rpc.signer import Signer
from services.consult.settings import ConsultSettings
from services.consult.store.triage import triage


async def serve(settings: ConsultSettings) -> None:
    """Serve until told to stop."""
    database = Database(settings.database_url, "consult")
    bus = await Bus.connect(settings.nats_url, f"consult-{settings.replica}")
    relay = Relay(database.url, bus, "consult")
    hints = Hints(bus, "consult")

    async def record(uses: Sequence[AccessUsed]) -> None:
        async with database.transaction() as session:
            for use in uses:
                add_event(session, f"apricot.consult.access.used.{use.patient_id}", use)
        await relay.wake()

    async with grpc.aio.insecure_channel(settings.identity_address) as identity:
        tokens = TokenVerifier(RemoteKeys(settings.jwks_url))
        relations = RemoteRelations(identity, tokens, record)
        identity_feed = Feed(bus, "identity", relations.on_identity_event)
        await identity_feed.start(recall=TOKEN_LIFETIME)  # the sessions that ended while their tokens still live
        await hints.start()

        professionals = Professionals(identity, ServiceIdentity(identity, "consult", settings.service_secret))
        if settings.demo:
            await plant_hospitals(database)

        server = Server(settings, Chain(tokens, relations, ERRORS, utc_now))
        server.add("apricot.consult.v1.DirectoryService", Directory(database, professionals, utc_now))
        server.add("apricot.consult.v1.TriageService", Triage(triage()))
        telling, inboxes = Telling(relay, hints), Inboxes(hints, relations)
        server = Server(settings, Chain(tokens, relations, ERRORS, utc_now))
        server.add(
            "apricot.consult.v1.ConsultationService",
            Consultations(database, telling, Profiles(identity).own, inboxes, no_attachments, kept_nowhere, utc_now),
        )
        server.add("apricot.consult.v1.RatingService", Ratings(database, kept_nowhere, utc_now))
        server.on_drain(inboxes.drain)
        server.add("apricot.consult.v1.BookingService", Booking(database, relay, Names(identity), utc_now))
        telling, keys = Telling(relay, hints), DoctorKeys(identity)
        signer = Signer(ServiceIdentity(identity, "consult", settings.service_secret), identity)
        server.add("apricot.consult.v1.HealthRecordService", HealthRecords(database, telling, utc_now))
        server.add("apricot.consult.v1.PrescriptionService", Prescriptions(database, telling, signer, keys, utc_now))
        server.add_background(relay.run(), identity_feed.run(), keep_house(database))
        rooms = Rooms(database, hints, utc_now, looks={})
        relations.on_session_end.append(rooms.on_sessions_ended)

        server = Server(settings, Chain(tokens, relations, ERRORS, utc_now))
        attachments = Attachments(database, Objects(settings.object_store_url), utc_now)
        server.add(
            "apricot.consult.v1.ConversationService", Conversations(database, rooms, attachments, relay, utc_now)
        )
        server.add_background(relay.run(), identity_feed.run(), keep_house(database), rooms.run())
        server.on_drain(rooms.drain)
        await server.run()
    await bus.close()
    await database.close()


def main() -> None:
    """Read the settings and serve."""
    settings = ConsultSettings()  # type: ignore[call-arg]  # from the environment
    telemetry.configure("consult", settings.replica, settings.log_level)
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
