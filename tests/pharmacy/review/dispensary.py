"""The pharmacy's reviews in this process, beside a real identity and a real consult, with one clock that the test
moves: a prescription of the ward's doctor is ordered and paid for, and stands in the queue of a pharmacist."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from copy import copy
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
from apricot.access.v1.access_pb2 import ROLE_PHARMACIST
from apricot.consult.v1.prescription_pb2 import (
    Amount,
    Finding,
    FindingOverride,
    Prescription,
    PrescriptionContent,
    PrescriptionItem,
    Strength,
    WrittenPrescription,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.identity.v1 import account_pb2, licence_pb2
from apricot.pharmacy.v1 import review_pb2 as pb
from apricot.pharmacy.v1.product_pb2 import ProductContent
from google.protobuf.field_mask_pb2 import FieldMask
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import contract
from kit.bus import Bus
from kit.call import Call, Caller
from kit.database import Database
from kit.hints import Hints
from kit.outbox import Relay
from kit.professionals import Professionals
from kit.service_identity import ServiceIdentity
from kit.times import to_datetime, to_timestamp
from prescribing.genuineness import DoctorKeys
from services.glucose.rpc.doses import Doses
from services.pharmacy import life
from services.pharmacy.domain.jobs import Act as JobAct
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.domain.prescriptions import Act as PrescriptionAct
from services.pharmacy.events import Telling
from services.pharmacy.rpc.checking import Checks
from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.rpc.patient_facts import PatientFacts
from services.pharmacy.rpc.reviews import Reviews
from services.pharmacy.store import claims, jobs, orders, prescriptions
from services.pharmacy.store.tables import OrderItemRow, OrderRow, PharmacyRow, ProductRow, StaffRow
from stack.platform import Platform
from tests.consult.prescriptions.ward import Ward
from tests.consult.prescriptions.writing import item, request_id, written
from tests.identity.running import Person, Running, service_secret
from tests.in_process import HandClock, own_database, refused_by

type Wish = tuple[PrescriptionItem, int, int]
"""An item, its place in the prescription (0: without one), and how many packs."""


class Dispensary:
    """A pharmacy with a pharmacist, and an order of the ward's patient in her queue."""

    ward: Ward
    pharmacist: Person
    pharmacy_id: UUID
    reviews: Reviews

    def __init__(self, engines: Platform, database: Database, diary: Database, bus: Bus) -> None:
        self.engines, self.database, self.diary, self.bus = engines, database, diary, bus
        self.telling = Telling(Relay(database.url, bus, "pharmacy"), Hints(bus, "pharmacy"))

    async def fresh(self, ward: Ward) -> "Dispensary":
        """The same with a patient and doctor of the ward's, and a pharmacy and pharmacist of its own."""
        made = copy(self)
        made.ward = ward
        made.pharmacy_id, made.pharmacist = uuid4(), await pharmacist(ward)
        async with made.database.transaction() as session:
            session.add(pharmacy_row(made.pharmacy_id, made.clock.now))
            await session.flush()
            made.employ(session, made.pharmacist)
        return made

    @property
    def clock(self) -> HandClock:
        return self.ward.clock

    @property
    def patient_id(self) -> UUID:
        return UUID(self.ward.patient.account_id)

    def employ(self, session: AsyncSession, person: Person) -> None:
        row = StaffRow(pharmacy_id=self.pharmacy_id, account_id=UUID(person.account_id), add_time=self.clock.now)
        session.add(row)

    def connect(self, identity: grpc.aio.Channel, consult: grpc.aio.Channel, glucose: grpc.aio.Channel) -> None:
        """The services that the reviews ask."""
        self.channels = {"identity": identity, "consult": consult, "glucose": glucose}
        own = ServiceIdentity(identity, "pharmacy", service_secret("pharmacy"))
        self.keys = DoctorKeys(identity)
        self.checks = Checks(PatientFacts(own, consult, glucose), self.keys)
        pharmacists = Professionals(identity, own, ROLE_PHARMACIST)
        self.reviews = Reviews(self.database, self.telling, self.checks, pharmacists, self.ward.clock)

    def lose(self, service: str) -> None:
        """One of them does not answer any more; what was kept of its answers is gone too."""
        channels = {**self.channels, service: grpc.aio.insecure_channel("127.0.0.1:1")}
        self.connect(channels["identity"], channels["consult"], channels["glucose"])

    # What is arranged: prescriptions as consult tells of them, and orders that use them.

    async def content(self, said: WrittenPrescription, **changes: Any) -> PrescriptionContent:
        now = self.clock.now
        made = PrescriptionContent(
            prescription_id=str(uuid4()),
            revision=1,
            consultation_id=self.ward.consultation,
            patient_id=self.ward.patient.account_id,
            patient_name="李雷",
            patient_age_years=40,
            doctor_id=self.ward.doctor.account_id,
            doctor_name="Dr. 韩梅梅",
            written=said,
            issue_time=to_timestamp(now),
            expire_time=to_timestamp(now + timedelta(days=3)),
        )
        for name, value in changes.items():
            field = getattr(made, name)
            if hasattr(field, "CopyFrom"):
                field.CopyFrom(value)
            else:
                setattr(made, name, value)
        return made

    async def signed(self, content: PrescriptionContent) -> Prescription:
        """By the doctor's own key, as identity signs it; the pharmacy has to check all of it itself."""
        await self.ward.signing.proves_for(self.ward.doctor, content.SerializeToString(deterministic=True))
        signed = await self.ward.signer.sign(
            self.ward.call("PrescriptionService/IssuePrescription", self.ward.doctor), content
        )
        return Prescription(
            prescription_id=content.prescription_id,
            revision=content.revision,
            content=content,
            signed_content=signed.content,
            signature=signed.signature,
            key_id=str(signed.key_id),
        )

    async def prescribe(self, *items: PrescriptionItem, **changes: Any) -> Prescription:
        """A signed prescription that the pharmacy has heard of."""
        made = await self.signed(await self.content(written(*items), **changes))
        await self.hear(made)
        return made

    async def hear(self, told: Prescription, act: PrescriptionAct | None = None) -> None:
        async with self.database.transaction() as session:
            await prescriptions.hear(session, self.patient_id, told, act)

    async def product(self, wanted: PrescriptionItem, **changes: Any) -> UUID:
        """One pack of what is prescribed."""
        row = product_row(wanted, self.clock.now, **changes)
        async with self.database.transaction() as session:
            session.add(row)
        return row.product_id

    async def order(self, told: Prescription, *others: PrescriptionItem, pay: bool = True) -> UUID:
        """The patient's order of all that a prescription holds, and of others without one; paid for."""
        items = [*told.content.written.items]
        wishes = [(each, place) for place, each in enumerate(items, start=1)] + [(each, 0) for each in others]
        products = [await self.product(each) for each, _ in wishes]
        now = self.clock.now
        row = order_row(self.patient_id, self.pharmacy_id, told, now)
        async with self.database.transaction() as session:
            session.add(row)
            await session.flush()
            for line, ((each, place), product_id) in enumerate(zip(wishes, products, strict=True), start=1):
                session.add(item_row(row, line, each, place, product_id))
            taken = [(place, product, 1) for (_, place), product in zip(wishes, products, strict=True) if place]
            await claims.claim(
                session, self.patient_id, UUID(told.prescription_id), told.revision, taken, row.order_id, now
            )
            if pay:
                await life.paid(session, row, now)
        return row.order_id

    async def order_freely(self, wanted: PrescriptionItem) -> UUID:
        """The patient's order of something that needs no prescription; paid for."""
        product_id, now = await self.product(wanted), self.clock.now
        row = order_row(self.patient_id, self.pharmacy_id, None, now)
        async with self.database.transaction() as session:
            session.add(row)
            await session.flush()
            session.add(item_row(row, 1, wanted, 0, product_id))
            await life.paid(session, row, now)
        return row.order_id

    async def move(self, order_id: UUID, *acts: Act) -> None:
        """What happens to an order."""
        async with self.database.transaction() as session:
            row = await orders.find(session, self.patient_id, order_id, lock=True)
            assert row is not None
            for act in acts:
                await moves(session, row, act, self.clock.now)

    async def dispense(self, order_id: UUID) -> None:
        """From the queue to the door, past the review."""
        await self.move(order_id, Act.APPROVE, Act.PACK, Act.PICK_UP, Act.DELIVER)

    async def state_of(self, order_id: UUID) -> State:
        (row,) = await self.fetch("select state from medicine_order where order_id = $1", order_id)
        return State(row["state"])

    async def log(self, *entries: Entry) -> None:
        """Into the patient's diary, as glucose keeps it."""
        async with self.diary.connection() as connection:
            for entry in entries:
                entry.entry_id = str(uuid4())
                entry.time.CopyFrom(to_timestamp(self.clock.now - timedelta(days=1)))
                kind = Entry.DESCRIPTOR.fields_by_name[entry.WhichOneof("content") or ""].number
                await connection.execute(
                    _LOG,
                    self.patient_id,
                    UUID(entry.entry_id),
                    kind,
                    to_datetime(entry.time),
                    entry.SerializeToString(),
                )

    # What pharmacists and doctors do.

    def call(self, method: str, by: Person) -> Call:
        made = Call(contract.methods()[f"/apricot.pharmacy.v1.ReviewService/{method}"], "1")
        made.signed_in = Caller(
            UUID(by.account_id), uuid4(), frozenset({"patient"}), self.clock.now + timedelta(hours=1)
        )
        return made

    async def do(self, method: str, request: Any, by: Person | None = None) -> Any:
        return await getattr(self.reviews, method)(request, self.call(method, by or self.pharmacist))

    async def claim(self, order_id: UUID, by: Person | None = None, same: str = "") -> pb.Review:
        request = pb.ClaimReviewRequest(request_id=same or request_id(), order_id=str(order_id))
        return (await self.do("ClaimReview", request, by)).review  # type: ignore[no-any-return]

    async def release(self, order_id: UUID, by: Person | None = None) -> pb.Review:
        request = pb.ReleaseReviewRequest(request_id=request_id(), order_id=str(order_id))
        return (await self.do("ReleaseReview", request, by)).review  # type: ignore[no-any-return]

    async def check(self, order_id: UUID, by: Person | None = None) -> pb.CheckPrescriptionResponse:
        request = pb.CheckPrescriptionRequest(order_id=str(order_id))
        return await self.do("CheckPrescription", request, by)  # type: ignore[no-any-return]

    async def approve(
        self, order_id: UUID, digest: bytes, *reasons: str, by: Person | None = None, same: str = ""
    ) -> pb.Review:
        request = pb.ApprovePrescriptionRequest(
            request_id=same or request_id(),
            order_id=str(order_id),
            check_digest=digest,
            reasons=[FindingOverride(finding_key=key, reason="已与患者核实") for key in reasons],
        )
        return (await self.do("ApprovePrescription", request, by)).review  # type: ignore[no-any-return]

    async def reject(self, order_id: UUID, by: Person | None = None) -> pb.Review:
        request = pb.RejectPrescriptionRequest(request_id=request_id(), order_id=str(order_id), reason="剂量过大")
        return (await self.do("RejectPrescription", request, by)).review  # type: ignore[no-any-return]

    async def ask(self, order_id: UUID, by: Person | None = None) -> pb.Review:
        request = pb.AskDoctorRequest(request_id=request_id(), order_id=str(order_id), question="肾功能如何?")
        return (await self.do("AskDoctor", request, by)).review  # type: ignore[no-any-return]

    async def questions(self, by: Person | None = None) -> list[pb.ReviewQuestion]:
        answer = await self.do("ListQuestions", pb.ListQuestionsRequest(), by or self.ward.doctor)
        return list(answer.questions)

    async def answer(self, question_id: str, by: Person | None = None) -> pb.ReviewQuestion:
        request = pb.AnswerQuestionRequest(request_id=request_id(), question_id=question_id, answer="eGFR 90")
        return (await self.do("AnswerQuestion", request, by or self.ward.doctor)).question  # type: ignore[no-any-return]

    async def pending(self, by: Person | None = None, **fields: Any) -> pb.ListPendingReviewsResponse:
        return await self.do("ListPendingReviews", pb.ListPendingReviewsRequest(**fields), by)  # type: ignore[no-any-return]

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        async with self.database.connection() as connection:
            return list(await connection.fetch(statement, *values))

    async def tamper(self, statement: str, *values: Any) -> None:
        """As somebody who owns the database: past the triggers."""
        async with self.database.connection() as connection, connection.transaction():
            await connection.execute("set local session_replication_role = replica")
            await connection.execute(statement, *values)


_LOG = """
insert into entry (patient_id, entry_id, kind, time, device, slot, utc_offset_minutes, content_digest, body)
values ($1, $2, $3, $4, '', cast(cast($2 as uuid) as text), 480, '', $5)
"""


async def moves(session: AsyncSession, row: OrderRow, act: Act, now: datetime) -> None:
    """One step of an order, with the courier's part of it."""
    if act is Act.PICK_UP and (job := await jobs.find(session, row.patient_id, row.order_id)) is not None:
        jobs.move(job, JobAct.ACCEPT)
        jobs.move(job, JobAct.PICK_UP)
        job.courier_id = row.courier_id = uuid4()
        job.accept_time = now
    await life.move(session, row, act, None, now)


def refused(*reasons: Reason.ValueType) -> Any:
    """The block ends with one of these reasons; gives the metadata."""
    return refused_by(ERRORS, *reasons)


async def pharmacist(ward: Ward, expiry_date: str = "2030-12-31", name: str = "王药师") -> Person:
    """Somebody with an approved pharmacist's licence."""
    identity = ward.identity
    person = await identity.sign_in()
    profile = account_pb2.UpdateProfileRequest(
        request_id=request_id(),
        profile=account_pb2.Profile(display_name=name),
        update_mask=FieldMask(paths=["display_name"]),
    )
    await identity.account("UpdateProfile", profile, person)
    details = licence_pb2.LicenceDetails(
        role=ROLE_PHARMACIST,
        number=uuid4().hex,
        hospital="杏林药房",
        hospital_grade="3A",
        title="主管药师",
        expiry_date=expiry_date,
        first_registration_date="2010-07-01",
    )
    submit = licence_pb2.SubmitLicenceRequest(request_id=request_id(), details=details)
    licence = (await identity.licence("SubmitLicence", submit, person)).licence
    await identity.review(licence.licence_id, licence_pb2.LICENCE_STATE_APPROVED)
    return person


@asynccontextmanager
async def served(identity: Running, services: dict[str, Any]) -> AsyncIterator[str]:
    """These services' methods on a port of their own; who calls is told by identity's own keys."""
    server = grpc.aio.server()
    for name, implementation in services.items():
        handlers = {
            method.descriptor.name: identity.identity.chain.handler(
                method, getattr(implementation, method.descriptor.name)
            )
            for path, method in contract.methods().items()
            if path.startswith(f"/{name}/")
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


@asynccontextmanager
async def running_dispensary(engines: Platform, ward: Ward) -> AsyncIterator[Dispensary]:
    """On databases of its own; a pharmacy comes by `fresh`."""
    async with own_database(engines, "pharmacy") as database, own_database(engines, "glucose") as diary:
        bus = await Bus.connect(engines.nats_url, "dispensary")
        made = Dispensary(engines, database, diary, bus)
        consult = {"apricot.consult.v1.HealthRecordService": ward.records}
        glucose = {"apricot.glucose.v1.DoseService": Doses(diary)}
        async with (
            served(ward.identity, consult) as consult_address,
            served(ward.identity, glucose) as glucose_address,
            grpc.aio.insecure_channel(ward.identity.address) as identity_channel,
            grpc.aio.insecure_channel(consult_address) as consult_channel,
            grpc.aio.insecure_channel(glucose_address) as glucose_channel,
        ):
            made.ward = ward
            made.connect(identity_channel, consult_channel, glucose_channel)
            yield made
        await bus.close()


@contextmanager
def moved(clock: HandClock, **amount: float) -> Iterator[None]:
    """For a while, so much later; the clock is everybody's."""
    began = clock.now
    clock.advance(**amount)
    try:
        yield
    finally:
        clock.now = began


def tablets(count: int) -> Amount:
    return Amount(value=str(count), unit="{tablet}")


def strength(milligrams: int) -> Strength:
    return Strength(value=str(milligrams), unit="mg")


def repeated(repeats: int, days: int = 28) -> PrescriptionItem:
    """Metformin for so many days at a time."""
    return item(duration_days=days, quantity=tablets(2 * days), repeats=repeats)


def keys_of(check: pb.ReviewCheck) -> list[str]:
    return [finding.key for finding in check.findings]


def needing_reason(check: pb.ReviewCheck, but: Sequence[str] = ()) -> list[str]:
    """The keys of what needs a reason."""
    return [finding.key for finding in check.findings if finding.consequence == 2 and finding.key not in but]


async def checked(dispensary: Dispensary, *items: PrescriptionItem, **changes: Any) -> pb.ReviewCheck:
    """What the check of a claimed order of these finds."""
    order = await dispensary.order(await dispensary.prescribe(*items, **changes))
    await dispensary.claim(order)
    return (await dispensary.check(order)).check


def by_key(check: pb.ReviewCheck) -> dict[str, Finding]:
    return {finding.key: finding for finding in check.findings}


def pharmacy_row(pharmacy_id: UUID, now: datetime) -> PharmacyRow:
    return PharmacyRow(
        pharmacy_id=pharmacy_id,
        name="杏林药房",
        name_en="Apricot Pharmacy",
        licence_number=uuid4().hex,
        licence_expiry_date=date(2099, 12, 31),
        address="上海",
        phone="+862112345678",
        latitude=31.2,
        longitude=121.5,
        delivery_area=[(121.0, 31.0), (122.0, 31.0), (122.0, 32.0), (121.0, 32.0)],
        hours=b"",
        time_zone="Asia/Shanghai",
        preparing_minutes=10,
        delivery_base_minor=500,
        delivery_per_km_minor=100,
        currency="CNY",
        update_time=now,
    )


def order_row(patient_id: UUID, pharmacy_id: UUID, told: Prescription | None, now: datetime) -> OrderRow:
    return OrderRow(
        order_id=uuid4(),
        patient_id=patient_id,
        pharmacy_id=pharmacy_id,
        state=State.AWAITING_PAYMENT,
        prescription_id=UUID(told.prescription_id) if told else None,
        prescription_revision=told.revision if told else 0,
        needs_review=told is not None,
        goods_minor=1000,
        delivery_minor=500,
        currency="CNY",
        buyer_name="李雷",
        address=b"",
        latitude=31.2,
        longitude=121.5,
        distance_metres=1000,
        cold_chain=False,
        last_sequence=1,
        create_time=now,
        update_time=now,
    )


def item_row(row: OrderRow, line: int, wanted: PrescriptionItem, place: int, product_id: UUID) -> OrderItemRow:
    return OrderItemRow(
        order_id=row.order_id,
        line=line,
        patient_id=row.patient_id,
        product_id=product_id,
        quantity=1,
        price_minor=1000,
        name_zh=wanted.name_zh,
        name_en=wanted.name_en,
        atc_code=wanted.atc_code,
        pack="500 mg × 14",
        prescription_only=bool(place),
        prescription_item=place,
    )


def product_row(wanted: PrescriptionItem, now: datetime, **changes: Any) -> ProductRow:
    """One pack of what is prescribed, but for some changes."""
    content = ProductContent(
        atc_code=wanted.atc_code,
        name_en=wanted.name_en,
        name_zh=wanted.name_zh,
        strength=wanted.strength,
        pack=wanted.quantity,
    )
    for name, value in changes.items():
        getattr(content, name).CopyFrom(value)
    return ProductRow(
        product_id=uuid4(),
        approval_number=f"国药准字H{uuid4().hex[:8]}",
        atc_code=wanted.atc_code,
        name_zh=wanted.name_zh,
        name_en=wanted.name_en,
        pack="500 mg × 14",
        prescription_only=True,
        cold_chain=False,
        content=content.SerializeToString(),
        update_time=now,
    )
