"""The pharmacists' queue: who sees, claims, asks, approves and rejects, and what comes of it."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import grpc
import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.events_pb2 import AccessUsed
from apricot.identity.v1.licence_pb2 import LICENCE_STATE_WITHDRAWN
from apricot.pharmacy.v1.review_pb2 import (
    REVIEW_STATE_APPROVED,
    REVIEW_STATE_ASKED,
    REVIEW_STATE_CLAIMED,
    REVIEW_STATE_ENDED,
    REVIEW_STATE_QUEUED,
    REVIEW_STATE_REJECTED,
    GetRejectionRequest,
    ReviewCheck,
)
from sqlmodel import select

from formulary import data
from kit.times import to_datetime
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.domain.reviews import MOST_QUESTIONS
from services.pharmacy.store.order_tables import OrderStepRow
from services.pharmacy.store.review_tables import ReviewRow
from tests.consult.prescriptions.writing import facts, request_id
from tests.pharmacy.review.dispensary import Dispensary, moved, pharmacist, refused


@pytest.fixture
async def order(dispensary: Dispensary) -> UUID:
    return await dispensary.order(await dispensary.prescribe())


async def test_the_oldest_waits_first_and_nothing_of_the_patient_is_shown(dispensary: Dispensary, order: UUID) -> None:
    with moved(dispensary.clock, minutes=1):
        second = await dispensary.order(await dispensary.prescribe())
    page = await dispensary.pending(page_size=1)
    assert [review.order_id for review in page.reviews] == [str(order)]
    rest = await dispensary.pending(page_size=1, page_token=page.next_page_token)
    assert [review.order_id for review in rest.reviews] == [str(second)]
    assert not rest.next_page_token
    (review,) = page.reviews
    assert review.state == REVIEW_STATE_QUEUED
    assert dispensary.ward.patient.account_id not in str(page)


async def test_others_than_the_staff_see_and_do_nothing(dispensary: Dispensary, order: UUID) -> None:
    stranger = await pharmacist(dispensary.ward)
    assert not (await dispensary.pending(stranger)).reviews
    await dispensary.claim(order)
    digest = (await dispensary.check(order)).digest
    for act in (
        dispensary.claim(order, stranger),
        dispensary.release(order, stranger),
        dispensary.check(order, stranger),
        dispensary.approve(order, digest, by=stranger),
        dispensary.reject(order, stranger),
        dispensary.ask(order, stranger),
        dispensary.claim(uuid4()),
    ):
        with refused(Reason.REASON_NOT_FOUND):
            await act
    assert await dispensary.state_of(order) is State.IN_REVIEW


async def test_one_pharmacist_has_it_for_a_quarter_of_an_hour(dispensary: Dispensary, order: UUID) -> None:
    colleague = await pharmacist(dispensary.ward)
    async with dispensary.database.transaction() as session:
        dispensary.employ(session, colleague)
    same = request_id()
    claimed = await dispensary.claim(order, same=same)
    assert (claimed.state, claimed.pharmacist_id) == (REVIEW_STATE_CLAIMED, dispensary.pharmacist.account_id)
    assert to_datetime(claimed.lease_end_time) == dispensary.clock.now + timedelta(minutes=15)
    assert await dispensary.claim(order, same=same) == claimed
    for act in (dispensary.claim(order, colleague), dispensary.check(order, colleague)):
        with refused(Reason.REASON_WRONG_STATE):
            await act
    with moved(dispensary.clock, minutes=15):
        (review,) = (await dispensary.pending()).reviews
        assert (review.state, review.pharmacist_id) == (REVIEW_STATE_QUEUED, "")
        with refused(Reason.REASON_WRONG_STATE):
            await dispensary.check(order)
        assert (await dispensary.claim(order, colleague)).pharmacist_id == colleague.account_id
        await dispensary.release(order, colleague)
        assert (await dispensary.claim(order)).pharmacist_id == dispensary.pharmacist.account_id


async def test_of_many_who_claim_it_one_gets_it(dispensary: Dispensary, order: UUID) -> None:
    colleagues = [await pharmacist(dispensary.ward) for _ in range(3)]
    async with dispensary.database.transaction() as session:
        for colleague in colleagues:
            dispensary.employ(session, colleague)
    tries = await asyncio.gather(*(dispensary.claim(order, each) for each in colleagues), return_exceptions=True)
    assert len([each for each in tries if not isinstance(each, Exception)]) == 1


async def test_approved_as_it_was_checked_and_kept(dispensary: Dispensary, order: UUID) -> None:
    await dispensary.claim(order)
    made, same = await dispensary.check(order), request_id()
    review = await dispensary.approve(order, made.digest, same=same)
    assert review.state == REVIEW_STATE_APPROVED
    assert await dispensary.state_of(order) is State.PREPARING
    decision = review.decision
    assert (decision.pharmacist_id, decision.pharmacist_name) == (dispensary.pharmacist.account_id, "王药师")
    assert decision.licence_number
    assert (decision.check_digest, to_datetime(decision.decide_time)) == (made.digest, dispensary.clock.now)
    async with dispensary.database.transaction() as session:
        assert ReviewCheck.FromString((await session.get_one(ReviewRow, order)).checked) == made.check
    assert await dispensary.approve(order, made.digest, same=same) == review
    with refused(Reason.REASON_WRONG_STATE):
        await dispensary.approve(order, made.digest)
    assert not (await dispensary.pending()).reviews


async def test_each_use_is_in_the_patient_s_audit(dispensary: Dispensary, order: UUID) -> None:
    await dispensary.claim(order)
    made = await dispensary.check(order)
    await dispensary.approve(order, made.digest)
    rows = await dispensary.fetch(
        "select payload from outbox where subject = $1 order by id",
        f"apricot.pharmacy.access.used.{dispensary.patient_id}",
    )
    uses = [AccessUsed.FromString(row["payload"]) for row in rows]
    assert [use.action.rpartition("/")[2] for use in uses] == [
        "ClaimReview",
        "CheckPrescription",
        "ApprovePrescription",
    ]
    assert {use.actor_id for use in uses} == {dispensary.pharmacist.account_id}


async def test_not_without_a_check(dispensary: Dispensary, order: UUID) -> None:
    await dispensary.claim(order)
    for digest in (bytes(32), b""):
        with refused(Reason.REASON_REVISION_MISMATCH):
            await dispensary.approve(order, digest)
    other = await dispensary.order(await dispensary.prescribe())
    await dispensary.claim(other)
    with refused(Reason.REASON_REVISION_MISMATCH):
        await dispensary.approve(other, (await dispensary.check(order)).digest)
    assert await dispensary.state_of(order) is State.IN_REVIEW


async def test_not_by_a_check_that_is_stale(dispensary: Dispensary, order: UUID) -> None:
    await dispensary.claim(order)
    stale = (await dispensary.check(order)).digest
    await dispensary.ward.put(facts(dispensary.ward.today, takes=("C08CA01",)))  # which changes no finding
    with refused(Reason.REASON_REVISION_MISMATCH):
        await dispensary.approve(order, stale)
    fresh = await dispensary.check(order)
    with refused(Reason.REASON_REVISION_MISMATCH):
        await dispensary.approve(order, stale)
    await dispensary.approve(order, fresh.digest)


async def test_not_by_the_patient_or_the_prescriber(dispensary: Dispensary, order: UUID) -> None:
    both = dispensary.ward.patient, dispensary.ward.doctor
    async with dispensary.database.transaction() as session:
        for person in both:
            dispensary.employ(session, person)
    for person in both:
        with refused(Reason.REASON_NOT_ALLOWED):
            await dispensary.claim(order, person)
    await dispensary.claim(order)
    made = await dispensary.check(order)
    for person in both:  # even had they got hold of it
        await dispensary.fetch(
            "update review set pharmacist_id = $2 where order_id = $1", order, UUID(person.account_id)
        )
        with refused(Reason.REASON_NOT_ALLOWED):
            await dispensary.approve(order, made.digest, by=person)


async def test_not_by_an_expired_licence(dispensary: Dispensary, order: UUID) -> None:
    today = dispensary.clock.now.date()
    expiring = await pharmacist(dispensary.ward, expiry_date=today.isoformat())
    async with dispensary.database.transaction() as session:
        dispensary.employ(session, expiring)
    with moved(dispensary.clock, days=1, minutes=-1):
        await dispensary.claim(order, expiring)
        made = await dispensary.check(order, expiring)
    with moved(dispensary.clock, days=2):
        await dispensary.ward.put(facts(dispensary.ward.today))
        await dispensary.claim(order, expiring)
        made = await dispensary.check(order, expiring)
        for act in (dispensary.approve(order, made.digest, by=expiring), dispensary.reject(order, expiring)):
            with refused(Reason.REASON_LICENCE_EXPIRED):
                await act
        assert await dispensary.state_of(order) is State.IN_REVIEW


async def test_not_by_who_is_no_pharmacist_any_more(dispensary: Dispensary, order: UUID) -> None:
    leaving = await pharmacist(dispensary.ward)
    async with dispensary.database.transaction() as session:
        dispensary.employ(session, leaving)
    await dispensary.claim(order, leaving)
    made = await dispensary.check(order, leaving)
    (licence,) = await dispensary.ward.identity.execute(
        "select licence_id from licence where account_id = $1", UUID(leaving.account_id)
    )
    await dispensary.ward.identity.review(str(licence["licence_id"]), LICENCE_STATE_WITHDRAWN)
    with refused(Reason.REASON_LICENCE_EXPIRED):
        await dispensary.approve(order, made.digest, by=leaving)


async def test_rejected_for_good(dispensary: Dispensary) -> None:
    told = await dispensary.prescribe()
    order = await dispensary.order(told)
    with refused(Reason.REASON_WRONG_STATE):
        await dispensary.reject(order)
    await dispensary.claim(order)
    review = await dispensary.reject(order)
    assert (review.state, review.decision.reject_reason) == (REVIEW_STATE_REJECTED, "剂量过大")
    assert await dispensary.state_of(order) is State.CANCELLED
    with refused(Reason.REASON_PRESCRIPTION_NOT_VALID):
        await dispensary.order(told)
    pushes = await dispensary.fetch(
        "select account_id, kind, reference_id from push where patient_id = $1", dispensary.patient_id
    )
    doctor, prescription = UUID(dispensary.ward.doctor.account_id), UUID(told.prescription_id)
    assert (doctor, "prescription", prescription) in [tuple(push) for push in pushes]
    async with dispensary.database.transaction() as session:
        told_of = select(OrderStepRow).where(OrderStepRow.order_id == order, OrderStepRow.act == Act.REJECT)
        (step,) = (await session.exec(told_of)).all()
    assert (step.note, step.actor_id) == ("剂量过大", UUID(dispensary.pharmacist.account_id))


async def test_the_doctor_reads_why_it_was_rejected_and_nobody_else_does(dispensary: Dispensary) -> None:
    told = await dispensary.prescribe()
    request = GetRejectionRequest(prescription_id=told.prescription_id)
    order = await dispensary.order(told)
    await dispensary.claim(order)
    doctor = dispensary.ward.doctor
    with refused(Reason.REASON_NOT_FOUND):
        await dispensary.do("GetRejection", request, doctor)
    await dispensary.reject(order)
    review = (await dispensary.do("GetRejection", request, doctor)).review
    assert (review.order_id, review.decision.reject_reason) == (str(order), "剂量过大")
    (use,) = await dispensary.fetch(
        "select payload from outbox where subject = $1 order by id desc limit 1",
        f"apricot.pharmacy.access.used.{dispensary.patient_id}",
    )
    used = AccessUsed.FromString(use["payload"])
    assert (used.actor_id, used.action.rpartition("/")[2]) == (doctor.account_id, "GetRejection")
    for person in (dispensary.pharmacist, dispensary.ward.patient):
        with refused(Reason.REASON_NOT_FOUND):
            await dispensary.do("GetRejection", request, person)
    other = GetRejectionRequest(prescription_id=(await dispensary.prescribe()).prescription_id)
    with refused(Reason.REASON_NOT_FOUND):
        await dispensary.do("GetRejection", other, doctor)


async def test_a_rejected_prescription_may_be_revised(dispensary: Dispensary) -> None:
    content = await dispensary.content((await dispensary.prescribe()).content.written)
    told = await dispensary.signed(content)
    await dispensary.hear(told)
    order = await dispensary.order(told)
    await dispensary.claim(order)
    await dispensary.reject(order)
    content.revision = 2
    revised = await dispensary.signed(content)
    await dispensary.hear(revised)
    assert await dispensary.state_of(await dispensary.order(revised)) is State.IN_REVIEW


async def test_the_doctor_is_asked_and_answers(dispensary: Dispensary, order: UUID) -> None:
    doctor = dispensary.ward.doctor
    await dispensary.claim(order)
    review = await dispensary.ask(order)
    assert review.state == REVIEW_STATE_ASKED
    with refused(Reason.REASON_WRONG_STATE):
        await dispensary.check(order)
    (question,) = await dispensary.questions()
    assert (question.order_id, question.question, question.answer) == (str(order), "肾功能如何?", "")
    assert not await dispensary.questions(dispensary.pharmacist)
    with refused(Reason.REASON_NOT_FOUND):
        await dispensary.answer(question.question_id, dispensary.pharmacist)
    answered = await dispensary.answer(question.question_id)
    assert (answered.answer, to_datetime(answered.answer_time)) == ("eGFR 90", dispensary.clock.now)
    with refused(Reason.REASON_WRONG_STATE):
        await dispensary.answer(question.question_id)
    assert not await dispensary.questions()
    (waiting,) = (await dispensary.pending()).reviews
    assert waiting.state == REVIEW_STATE_QUEUED
    claimed = await dispensary.claim(order)
    assert [each.answer for each in claimed.questions] == ["eGFR 90"]
    made = await dispensary.check(order)
    await dispensary.approve(order, made.digest)
    pushes = await dispensary.fetch(
        "select account_id, kind from push where patient_id = $1 and kind in ('question', 'review') order by id",
        dispensary.patient_id,
    )
    assert [tuple(push) for push in pushes] == [
        (UUID(doctor.account_id), "question"),
        (UUID(dispensary.pharmacist.account_id), "review"),
    ]


async def test_a_doctor_who_does_not_answer_holds_nothing_up(dispensary: Dispensary, order: UUID) -> None:
    await dispensary.claim(order)
    await dispensary.ask(order)
    await dispensary.claim(order)
    await dispensary.ask(order)
    first, second = await dispensary.questions()
    await dispensary.claim(order)
    await dispensary.answer(first.question_id)  # which takes it away from nobody
    made = await dispensary.check(order)
    await dispensary.approve(order, made.digest)
    await dispensary.answer(second.question_id)
    assert await dispensary.state_of(order) is State.PREPARING


async def test_questions_are_not_endless(dispensary: Dispensary, order: UUID) -> None:
    for _ in range(MOST_QUESTIONS):
        await dispensary.claim(order)
        await dispensary.ask(order)
    await dispensary.claim(order)
    with refused(Reason.REASON_TOO_MANY):
        await dispensary.ask(order)


@pytest.mark.parametrize("act", [Act.CANCEL, Act.LAPSE], ids=lambda act: act.name)
async def test_an_order_that_is_given_up_needs_no_review(dispensary: Dispensary, order: UUID, act: Act) -> None:
    await dispensary.claim(order)
    made = await dispensary.check(order)
    await dispensary.move(order, act)
    with refused(Reason.REASON_WRONG_STATE):
        await dispensary.approve(order, made.digest)
    (row,) = await dispensary.fetch("select state from review where order_id = $1", order)
    assert row["state"] == REVIEW_STATE_ENDED
    assert not (await dispensary.pending()).reviews


@pytest.mark.parametrize("part", ["identity", "consult", "glucose", "formulary"])
async def test_a_check_that_cannot_run_blocks(
    dispensary: Dispensary,
    order: UUID,
    part: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    await dispensary.claim(order)
    made = await dispensary.check(order)
    with monkeypatch.context() as without:
        if part == "formulary":
            without.setattr(data, "_FOLDER", tmp_path_factory.mktemp("nothing"))
            data.read_json.cache_clear()
        else:
            dispensary.lose(part)
        for act in (dispensary.check(order), dispensary.approve(order, made.digest)):
            with _unavailable():
                await act
    data.read_json.cache_clear()
    assert await dispensary.state_of(order) is State.IN_REVIEW


async def test_a_record_that_cannot_be_read_blocks(dispensary: Dispensary, order: UUID) -> None:
    await dispensary.claim(order)
    made = await dispensary.check(order)
    await dispensary.ward.tamper(
        "update health_record_revision set facts = $2 where patient_id = $1",
        dispensary.patient_id,
        facts("not a day").SerializeToString(),
    )
    for act in (dispensary.check(order), dispensary.approve(order, made.digest)):
        with refused(Reason.REASON_UNAVAILABLE):
            await act


def _unavailable() -> "pytest.RaisesExc[BaseException]":
    """A refusal, or an outage that the chain makes one of."""
    return pytest.raises(BaseException, check=lambda error: getattr(error, "reason", 0) == 160 or _is_away(error))


def _is_away(error: BaseException) -> bool:
    return isinstance(error, grpc.aio.AioRpcError) and error.code() is grpc.StatusCode.UNAVAILABLE
