"""One signed-in user: every service's typed stub, and the diary's and the watch's longer work."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from weakref import WeakSet

import grpc
from apricot.consult.v1.booking_pb2_grpc import BookingServiceStub
from apricot.consult.v1.call_pb2_grpc import CallServiceStub
from apricot.consult.v1.consultation_pb2_grpc import ConsultationServiceStub
from apricot.consult.v1.conversation_pb2 import Attachment
from apricot.consult.v1.conversation_pb2_grpc import ConversationServiceStub
from apricot.consult.v1.directory_pb2_grpc import DirectoryServiceStub
from apricot.consult.v1.export_pb2_grpc import ConsultExportServiceStub
from apricot.consult.v1.health_record_pb2_grpc import HealthRecordServiceStub
from apricot.consult.v1.prescription_pb2_grpc import PrescriptionServiceStub
from apricot.consult.v1.rating_pb2_grpc import RatingServiceStub
from apricot.consult.v1.triage_pb2_grpc import TriageServiceStub
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.alert_pb2_grpc import AlertServiceStub
from apricot.glucose.v1.diary_pb2 import EntryResult, UploadEntriesResponse
from apricot.glucose.v1.diary_pb2_grpc import DiaryServiceStub
from apricot.glucose.v1.entry_pb2 import Entry, EntryKind
from apricot.glucose.v1.export_pb2 import EXPORT_FORMAT_JSON_LINES, ExportFormat
from apricot.glucose.v1.export_pb2_grpc import ExportServiceStub
from apricot.glucose.v1.food_pb2_grpc import FoodServiceStub
from apricot.glucose.v1.photo_pb2 import Photo
from apricot.glucose.v1.photo_pb2_grpc import PhotoServiceStub
from apricot.glucose.v1.plan_pb2_grpc import PlanServiceStub
from apricot.glucose.v1.report_pb2_grpc import ReportServiceStub
from apricot.glucose.v1.timeline_pb2_grpc import TimelineServiceStub
from apricot.glucose.v1.watch_pb2_grpc import WatchServiceStub
from apricot.identity.v1.account_pb2_grpc import AccountServiceStub
from apricot.identity.v1.admin_pb2_grpc import AdminServiceStub
from apricot.identity.v1.audit_pb2_grpc import AuditServiceStub
from apricot.identity.v1.auth_pb2 import ProveIdentityRequest, SignInResponse, SignOutRequest
from apricot.identity.v1.auth_pb2_grpc import AuthServiceStub
from apricot.identity.v1.care_pb2_grpc import CareServiceStub
from apricot.identity.v1.licence_pb2_grpc import LicenceServiceStub
from apricot.identity.v1.organization_pb2_grpc import OrganizationServiceStub
from apricot.identity.v1.security_pb2_grpc import SecurityServiceStub
from apricot.identity.v1.signing_pb2_grpc import SigningServiceStub
from apricot.pharmacy.v1.catalog_pb2_grpc import CatalogServiceStub
from apricot.pharmacy.v1.delivery_pb2 import ReportLocationRequest, ReportLocationResponse
from apricot.pharmacy.v1.delivery_pb2_grpc import DeliveryServiceStub
from apricot.pharmacy.v1.export_pb2_grpc import PharmacyExportServiceStub
from apricot.pharmacy.v1.fulfilment_pb2_grpc import FulfilmentServiceStub
from apricot.pharmacy.v1.ledger_pb2_grpc import LedgerServiceStub
from apricot.pharmacy.v1.order_pb2_grpc import OrderServiceStub
from apricot.pharmacy.v1.payment_pb2_grpc import PaymentServiceStub
from apricot.pharmacy.v1.refill_pb2_grpc import RefillServiceStub
from apricot.pharmacy.v1.review_pb2_grpc import ReviewServiceStub

from clients.sdk import attachments, diary, exports, photos
from clients.sdk.calls import Calls
from clients.sdk.conversation import Conversation, OnPhase
from clients.sdk.errors import ApricotError
from clients.sdk.inbox import InboxWatch
from clients.sdk.locations import Reporter
from clients.sdk.order_watch import OrderWatch
from clients.sdk.pace import Pace
from clients.sdk.tokens import TokenKeeper
from clients.sdk.watch import OnState, Watch

type OpenChannel = Callable[[Calls], grpc.aio.Channel]


class Session:
    """Signed in. Every unary method of a stub has a deadline, the token, safe repeats and typed errors (ApricotError):

    `await session.care.ListMyPatients(ListMyPatientsRequest())`, or with `timeout=` in seconds.

    Streams go by `upload`, `watch`, `upload_photo`, `download_photo` and the exports. `signed_in` is the answer to
    signing in; None after `Apricot.resume`.
    """

    def __init__(
        self, open_channel: OpenChannel, tokens: TokenKeeper, pace: Pace, signed_in: SignInResponse | None = None
    ) -> None:
        self._tokens = tokens
        self._pace = pace
        self._calls = Calls(pace, tokens)
        self._channel = open_channel(self._calls)
        self.signed_in = signed_in
        if signed_in is not None:
            self._calls.fresh_proof = signed_in.fresh_proof
            signed_in.ClearField("fresh_proof")  # nothing else shall show it
        self.auth = AuthServiceStub(self._channel)
        self.account = AccountServiceStub(self._channel)
        self.admin = AdminServiceStub(self._channel)
        self.security = SecurityServiceStub(self._channel)
        self.licences = LicenceServiceStub(self._channel)
        self.care = CareServiceStub(self._channel)
        self.organizations = OrganizationServiceStub(self._channel)
        self.audit = AuditServiceStub(self._channel)
        self.diary = DiaryServiceStub(self._channel)
        self.alerts = AlertServiceStub(self._channel)
        self.reports = ReportServiceStub(self._channel)
        self.plans = PlanServiceStub(self._channel)
        self.timeline = TimelineServiceStub(self._channel)
        self.foods = FoodServiceStub(self._channel)
        self.directory = DirectoryServiceStub(self._channel)
        self.booking = BookingServiceStub(self._channel)
        self.consultations = ConsultationServiceStub(self._channel)
        self.conversations = ConversationServiceStub(self._channel)
        self.consult_calls = CallServiceStub(self._channel)
        self.triage = TriageServiceStub(self._channel)
        self.ratings = RatingServiceStub(self._channel)
        self.prescriptions = PrescriptionServiceStub(self._channel)
        self.health_record = HealthRecordServiceStub(self._channel)
        self.signing = SigningServiceStub(self._channel)
        self.catalog = CatalogServiceStub(self._channel)
        self.orders = OrderServiceStub(self._channel)
        self.reviews = ReviewServiceStub(self._channel)
        self.fulfilment = FulfilmentServiceStub(self._channel)
        self.refills = RefillServiceStub(self._channel)
        self.payments = PaymentServiceStub(self._channel)
        self.ledger = LedgerServiceStub(self._channel)
        self.delivery = DeliveryServiceStub(self._channel)
        self._photos = PhotoServiceStub(self._channel)
        self._exports = ExportServiceStub(self._channel)
        self._consult_exports = ConsultExportServiceStub(self._channel)
        self._pharmacy_exports = PharmacyExportServiceStub(self._channel)
        self._watch = WatchServiceStub(self._channel)
        self._watches: WeakSet[Watch | OrderWatch | InboxWatch] = WeakSet()
        self._conversations: WeakSet[Conversation] = WeakSet()

    def entries(
        self,
        patient_id: str,
        start: datetime | None = None,
        end: datetime | None = None,
        kinds: Iterable[EntryKind.ValueType] = (),
        *,
        oldest_first: bool = False,
    ) -> AsyncIterator[Entry]:
        """Every entry from `start` (included) to `end` (excluded), aware instants; fetched as it is iterated."""
        return diary.list_entries(self.diary, patient_id, start=start, end=end, kinds=kinds, oldest_first=oldest_first)

    async def log(self, patient_id: str, entries: Iterable[Entry]) -> list[EntryResult]:
        """Log entries; one result for each, in order. An entry sent again is a duplicate, never a second entry."""
        return await diary.log_entries(self.diary, patient_id, entries)

    async def upload(
        self,
        patient_id: str,
        entries: Sequence[Entry],
        *,
        batch_size: int = 1000,
        on_progress: diary.OnProgress | None = None,
    ) -> UploadEntriesResponse:
        """Upload history, over broken connections too; the totals and each entry that is in conflict or rejected.

        `on_progress(acknowledged, all)` is called whenever more has become durable. Errors: ApricotError when no more
        was acknowledged for ten minutes, or at once when repeating is no use; uploading again then makes no doubles.
        """
        return await diary.upload_entries(
            self.diary,
            self._calls,
            patient_id,
            entries,
            batch_size=batch_size,
            on_progress=on_progress,
            seconds=self._pace.upload,
        )

    async def upload_photo(self, patient_id: str, content: bytes) -> Photo:
        """Upload a photo of a meal, to be named in `Meal.photo_ids`; the same bytes again are the same photo."""
        return await photos.upload(self._photos, self._calls, patient_id, content, self._pace.upload)

    async def download_photo(self, patient_id: str, photo_id: str) -> bytes:
        """A photo's bytes, a JPEG."""
        return await photos.download(self._photos, self._calls, patient_id, photo_id, self._pace.upload)

    async def upload_attachment(self, consultation_id: str, content: bytes) -> Attachment:
        """Upload a picture, a voice note or a document into a consultation; the same bytes again are the same one."""
        return await attachments.upload(self.conversations, self._calls, consultation_id, content, self._pace.upload)

    async def download_attachment(self, consultation_id: str, attachment_id: str) -> bytes:
        """An attachment's bytes."""
        return await attachments.download(
            self.conversations, self._calls, consultation_id, attachment_id, self._pace.upload
        )

    def converse(
        self, consultation_id: str, device_id: str, *, resume_token: str = "", on_phase: OnPhase | None = None
    ) -> Conversation:
        """Talk in a consultation: `async with session.converse(…) as talk: await talk.say("…")`.

        `device_id` is a UUID that this device keeps. With an earlier conversation's `resume_token` it goes on there.
        """

        async def upload(content: bytes) -> Attachment:
            return await self.upload_attachment(consultation_id, content)

        conversation = Conversation(
            self.conversations,
            self._tokens,
            self._pace,
            upload,
            consultation_id,
            device_id,
            resume_token=resume_token,
            on_phase=on_phase,
        )
        self._conversations.add(conversation)
        return conversation

    def export_diary(
        self, patient_id: str, file_format: ExportFormat.ValueType = EXPORT_FORMAT_JSON_LINES
    ) -> AsyncIterator[bytes]:
        """Everything that the platform's diary holds about the patient, who is oneself: a file, part by part."""
        return exports.diary(self._exports, self._tokens, patient_id, file_format)

    def export_consultations(self) -> AsyncIterator[bytes]:
        """Everything that consult holds about oneself as a patient: a file of JSON Lines, part by part."""
        return exports.consultations(self._consult_exports, self._tokens)

    def export_pharmacy_record(self) -> AsyncIterator[bytes]:
        """Everything that the pharmacy keeps about oneself, part by part: JSON Lines. Errors: ApricotError."""
        return exports.pharmacy_record(self._pharmacy_exports, self._tokens)

    def export_account(self) -> AsyncIterator[bytes]:
        """Everything else that the platform holds about oneself: a file of JSON Lines, part by part.

        Errors: ApricotError, such as FRESH_PROOF_REQUIRED (`prove_identity` first)."""
        return exports.account(self.account, self._tokens, self._calls.fresh_proof)

    async def prove_identity(
        self, *, code: str = "", password: str = "", totp: str = "", recovery_code: str = ""
    ) -> None:
        """Prove anew who holds the session, by the code sent to the account's phone or by its password.

        Sensitive calls of this session pass for ten minutes then, as they do after a sign-in.
        Errors: CREDENTIALS_INVALID, SECOND_FACTOR_REQUIRED (again with `totp` or `recovery_code`),
        SECOND_FACTOR_INVALID, RATE_LIMITED."""
        request = ProveIdentityRequest(totp_code=totp, recovery_code=recovery_code)
        if password:
            request.password = password
        else:
            request.code = code
        self._calls.fresh_proof = (await self.auth.ProveIdentity(request)).fresh_proof

    def watch(
        self,
        patient_ids: Iterable[str],
        *,
        snapshot_minutes: int = 180,
        resume_token: str = "",
        on_state: OnState | None = None,
    ) -> Watch:
        """What happens in these patients' diaries, as it happens: `async for update in session.watch([…])`.

        `snapshot_minutes` is 0 to 1440; 0 means 180. With an earlier watch's `resume_token` it goes on from there.
        """
        watch = Watch(
            self._watch,
            self._tokens,
            self._pace,
            patient_ids,
            snapshot_minutes=snapshot_minutes,
            resume_token=resume_token,
            on_state=on_state,
        )
        self._watches.add(watch)
        return watch

    def watch_order(
        self, order_id: str, *, resume_after_sequence: int = 0, on_phase: OnPhase | None = None
    ) -> OrderWatch:
        """What happens to an order, and where its courier is: `async for update in session.watch_order(…)`.

        It ends when the order does. With an earlier watch's `sequence` it goes on from there.
        """
        watch = OrderWatch(
            self.orders,
            self._tokens,
            self._pace,
            order_id,
            resume_after_sequence=resume_after_sequence,
            on_phase=on_phase,
        )
        self._watches.add(watch)
        return watch

    def watch_inbox(self, *, on_phase: OnPhase | None = None) -> InboxWatch:
        """The open consultations that one takes part in, for a doctor the pool's too: `async for update in …`."""
        watch = InboxWatch(self.consultations, self._tokens, self._pace, on_phase=on_phase)
        self._watches.add(watch)
        return watch

    async def report_location(self, places: AsyncIterable[ReportLocationRequest]) -> ReportLocationResponse:
        """Tell where one is, over broken connections too, until the places end or one carries nothing any more; the
        totals. Of places that come while there is no connection only the newest is told. Errors: ApricotError, such as
        WRONG_STATE when one carries nothing at all."""
        return await Reporter(self.delivery, self._tokens, self._pace).report(places)

    def reconnect(self) -> None:
        """Every watch at once: the machine has slept, or its network is another."""
        for watch in list(self._watches):
            watch.reconnect()

    async def sign_out(self, *, all_sessions: bool = False) -> None:
        """End this session, or all sessions of the account. It is no error when it had ended already."""
        try:
            await self.auth.SignOut(SignOutRequest(all_sessions=all_sessions))
        except ApricotError as error:
            if error.reason != Reason.REASON_SESSION_ENDED:
                raise
        self._tokens.end()

    async def close(self) -> None:
        """Close the connection, its watches and conversations; the session stays signed in and can be resumed."""
        for watch in list(self._watches):
            watch.close()
        for conversation in list(self._conversations):
            await conversation.close()
        self._tokens.close()
        await self._channel.close()
