"""From the doctor's hand by the pharmacist's to the patient's door, on the whole platform: each service in processes of
its own, calls through the gateway, events by the workers."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1.health_record_pb2 import AddToHealthRecordRequest, GetFactsForDispensingRequest
from apricot.consult.v1.prescription_pb2 import (
    PRESCRIPTION_STATE_DISPENSED,
    PRESCRIPTION_STATE_REJECTED,
    PRESCRIPTION_STATE_REPEATING,
    GetPrescriptionRequest,
    Prescription,
    PrescriptionState,
    RevokePrescriptionRequest,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest
from apricot.pharmacy.v1.review_pb2 import (
    REVIEW_STATE_APPROVED,
    ApprovePrescriptionRequest,
    CheckPrescriptionRequest,
    ClaimReviewRequest,
    ListPendingReviewsRequest,
    RejectPrescriptionRequest,
)

from clients.sdk import ApricotError
from kit.clock import utc_now
from kit.database import Database
from services.pharmacy import life
from services.pharmacy.domain.orders import Act
from services.pharmacy.store import claims, orders
from services.pharmacy.store.tables import ProductRow, StaffRow
from stack.platform import Platform
from tests.consult.prescriptions.consulting import consultation
from tests.consult.prescriptions.writing import facts, item, request_id, written
from tests.kit.running import until
from tests.people import People, Person
from tests.pharmacy.review.dispensary import item_row, moves, order_row, pharmacy_row, product_row


@pytest.fixture
async def consult(platform: Platform) -> AsyncIterator[Database]:
    database = Database(platform.database_url or "", "consult", platform.sealing_keys("consult"))
    yield database
    await database.close()


class Case:
    """A doctor, a patient, a pharmacist, and a prescription that the pharmacy has heard of."""

    def __init__(self, database: Database, doctor: Person, patient: Person, pharmacist: Person) -> None:
        self.database, self.doctor, self.patient, self.pharmacist = database, doctor, patient, pharmacist
        self.pharmacy_id = uuid4()

    async def issue(self, consult: Database) -> Prescription:
        patient, doctor = UUID(self.patient.account_id), UUID(self.doctor.account_id)
        consultation_id = str(await consultation(consult, patient, doctor, utc_now()))
        known = facts(utc_now().date().isoformat())
        add = AddToHealthRecordRequest(request_id=request_id(), consultation_id=consultation_id, facts=known)
        await self.doctor.session.health_record.AddToHealthRecord(add)
        return await self.doctor.issue(consultation_id, written())

    async def order(self, told: Prescription) -> UUID:
        """Placed and paid for, as the buyer would."""
        async with self.database.transaction() as session:
            session.add(pharmacy_row(self.pharmacy_id, utc_now()))
            product: ProductRow = product_row(item(), utc_now())
            session.add(product)
            await session.flush()
            session.add(
                StaffRow(pharmacy_id=self.pharmacy_id, account_id=UUID(self.pharmacist.account_id), add_time=utc_now())
            )
            row = order_row(UUID(self.patient.account_id), self.pharmacy_id, told, utc_now())
            session.add(row)
            await session.flush()
            session.add(item_row(row, 1, item(), 1, product.product_id))
            wanted = [(1, product.product_id, 1)]
            prescription = row.patient_id, UUID(told.prescription_id), told.revision
            await claims.claim(session, *prescription, wanted, row.order_id, utc_now())
            await life.paid(session, row, utc_now())
        return row.order_id

    async def move(self, order_id: UUID, *acts: Act) -> None:
        async with self.database.transaction() as session:
            row = await orders.find(session, UUID(self.patient.account_id), order_id, lock=True)
            assert row is not None
            for act in acts:
                await moves(session, row, act, utc_now())

    async def copy_state(self, told: Prescription) -> int:
        """0: the pharmacy has not heard of it."""
        async with self.database.connection() as connection:
            query = "select state from prescription where prescription_id = $1"
            return await connection.fetchval(query, UUID(told.prescription_id)) or 0

    async def heard(self, told: Prescription, state: int) -> None:
        async def heard() -> bool:
            return await self.copy_state(told) == state

        await until(heard)


@pytest.fixture
async def case(people: People, pharmacy_database: Database) -> Case:
    return Case(pharmacy_database, await people.new_clinician(), await people.patient(), await people.new_pharmacist())


async def test_prescribed_reviewed_dispensed_and_marked(case: Case, consult: Database) -> None:
    told = await case.issue(consult)
    await case.heard(told, 1)
    order_id = str(await case.order(told))
    reviews = case.pharmacist.session.reviews
    (waiting,) = (await reviews.ListPendingReviews(ListPendingReviewsRequest())).reviews
    assert (waiting.order_id, waiting.prescription_id) == (order_id, told.prescription_id)
    await reviews.ClaimReview(ClaimReviewRequest(request_id=request_id(), order_id=order_id))
    checked = await reviews.CheckPrescription(CheckPrescriptionRequest(order_id=order_id))
    assert checked.check.prescription == told.content
    assert not checked.check.findings
    approve = ApprovePrescriptionRequest(request_id=request_id(), order_id=order_id, check_digest=checked.digest)
    review = (await reviews.ApprovePrescription(approve)).review
    assert review.state == REVIEW_STATE_APPROVED
    await case.move(UUID(order_id), Act.PACK, Act.PICK_UP, Act.DELIVER)

    async def is_marked() -> bool:
        request = GetPrescriptionRequest(prescription_id=told.prescription_id)
        shown = (await case.patient.session.prescriptions.GetPrescription(request)).prescription
        return shown.state == PRESCRIPTION_STATE_DISPENSED

    await until(is_marked)
    with pytest.raises(ApricotError) as caught:
        await case.doctor.session.prescriptions.RevokePrescription(
            RevokePrescriptionRequest(request_id=request_id(), prescription_id=told.prescription_id, reason="太晚")
        )
    assert caught.value.reason == Reason.REASON_WRONG_STATE

    async def in_the_audit() -> bool:
        answer = await case.patient.session.audit.ListAccessEvents(ListAccessEventsRequest(page_size=1000))
        actions = {
            event.action.rpartition("/")[2] for event in answer.events if event.actor_id == case.pharmacist.account_id
        }
        return {"ClaimReview", "CheckPrescription", "ApprovePrescription"} <= actions

    await until(in_the_audit)


async def test_what_came_back_may_be_ordered_once_more_or_taken_back(case: Case, consult: Database) -> None:
    told = await case.issue(consult)
    await case.heard(told, 1)
    order_id = await case.order(told)
    await case.move(order_id, Act.APPROVE, Act.PACK, Act.PICK_UP, Act.DELIVER)

    async def is_shown_as(state: PrescriptionState.ValueType) -> bool:
        request = GetPrescriptionRequest(prescription_id=told.prescription_id)
        return (await case.doctor.session.prescriptions.GetPrescription(request)).prescription.state == state

    await until(lambda: is_shown_as(PRESCRIPTION_STATE_DISPENSED))
    await case.move(order_id, Act.ASK_RETURN, Act.ACCEPT_RETURN)
    await until(lambda: is_shown_as(PRESCRIPTION_STATE_REPEATING))
    await case.doctor.session.prescriptions.RevokePrescription(
        RevokePrescriptionRequest(request_id=request_id(), prescription_id=told.prescription_id, reason="改用别的药")
    )
    await case.heard(told, 3)


async def test_revoked_before_it_is_handed_out(case: Case, consult: Database) -> None:
    told = await case.issue(consult)
    await case.heard(told, 1)
    order_id = await case.order(told)
    await case.doctor.session.prescriptions.RevokePrescription(
        RevokePrescriptionRequest(request_id=request_id(), prescription_id=told.prescription_id, reason="改用别的药")
    )
    await case.heard(told, 3)
    with pytest.raises(ApricotError) as caught:
        await case.pharmacist.session.reviews.ClaimReview(
            ClaimReviewRequest(request_id=request_id(), order_id=str(order_id))
        )
    assert caught.value.reason == Reason.REASON_WRONG_STATE


async def test_rejection_reaches_patient_and_doctor(case: Case, consult: Database) -> None:
    told = await case.issue(consult)
    await case.heard(told, 1)
    order_id = str(await case.order(told))
    reviews = case.pharmacist.session.reviews
    await reviews.ClaimReview(ClaimReviewRequest(request_id=request_id(), order_id=order_id))
    await reviews.RejectPrescription(
        RejectPrescriptionRequest(request_id=request_id(), order_id=order_id, reason="剂量过大")
    )
    for person in (case.patient, case.doctor):

        async def reads_so(person: Person = person) -> bool:
            request = GetPrescriptionRequest(prescription_id=told.prescription_id)
            shown = (await person.session.prescriptions.GetPrescription(request)).prescription
            return (shown.state, shown.reject_reason) == (PRESCRIPTION_STATE_REJECTED, "剂量过大")

        await until(reads_so)


async def test_nobody_but_services_asks_for_the_facts(case: Case) -> None:
    for person in (case.pharmacist, case.patient, case.doctor):
        with pytest.raises(ApricotError) as caught:
            await person.session.health_record.GetFactsForDispensing(
                GetFactsForDispensingRequest(patient_id=case.patient.account_id)
            )
        assert caught.value.reason == Reason.REASON_METHOD_UNKNOWN


async def test_nobody_but_pharmacists_reviews(case: Case) -> None:
    for person in (case.patient, case.doctor):
        with pytest.raises(ApricotError) as caught:
            await person.session.reviews.ListPendingReviews(ListPendingReviewsRequest())
        assert caught.value.reason == Reason.REASON_ROLE_REQUIRED
