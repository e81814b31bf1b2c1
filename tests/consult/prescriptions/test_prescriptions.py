"""Prescriptions from the doctor's hand to the patient's: issued, read, revised, revoked, over in time."""

import asyncio
import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1 import events_pb2
from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_CLOSED
from apricot.consult.v1.conversation_pb2 import (
    NOTICE_KIND_PRESCRIPTION_ISSUED,
    NOTICE_KIND_PRESCRIPTION_REVOKED,
)
from apricot.consult.v1.prescription_pb2 import (
    PRESCRIPTION_STATE_EXPIRED,
    PRESCRIPTION_STATE_ISSUED,
    PRESCRIPTION_STATE_REPLACED,
    PRESCRIPTION_STATE_REVOKED,
    Amount,
    PrescriptionContent,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.events_pb2 import AccessUsed

from kit.times import to_datetime
from tests.consult.prescriptions.ward import Ward, refused
from tests.consult.prescriptions.writing import facts, item, request_id, written
from tests.consult.said import said_in


def _tablets(count: int) -> Amount:
    return Amount(value=str(count), unit="{tablet}")


async def test_a_prescription_is_signed_kept_and_read(ward: Ward) -> None:
    made = await ward.issue()
    assert (made.revision, made.state, made.altered) == (1, PRESCRIPTION_STATE_ISSUED, False)
    assert made.content == PrescriptionContent.FromString(made.signed_content)
    assert made.content.written == written()
    assert (made.content.doctor_id, made.content.patient_id) == (ward.doctor.account_id, ward.patient.account_id)
    assert (made.content.patient_name, made.content.doctor_name) == ("李雷", "Dr. 韩梅梅")
    assert made.content.patient_age_years == 40
    for reader in (ward.patient, ward.doctor):
        assert await ward.get(made, reader) == made


async def test_the_patient_is_told_in_the_talk_by_a_push_and_the_pharmacy_by_an_event(ward: Ward) -> None:
    made = await ward.issue()
    await ward.revoke(made)
    patient = UUID(ward.patient.account_id)
    notices = [said.notice for said in await said_in(ward.database, ward.consultation)]
    assert [notice.kind for notice in notices] == [NOTICE_KIND_PRESCRIPTION_ISSUED, NOTICE_KIND_PRESCRIPTION_REVOKED]
    assert {notice.object_id for notice in notices} == {made.prescription_id}
    assert {notice.account_id for notice in notices} == {ward.doctor.account_id}
    pushes = await ward.fetch("select account_id, kind, reference_id from push where patient_id = $1", patient)
    assert [(push["account_id"], push["kind"]) for push in pushes] == [(patient, "prescription")] * 2
    events = await ward.fetch(
        "select payload from outbox where subject like $1 order by id", f"%prescription.%{patient}"
    )
    issued, revoked = (
        events_pb2.PrescriptionIssued.FromString(events[0]["payload"]),
        events_pb2.PrescriptionRevoked.FromString(events[1]["payload"]),
    )
    assert issued.prescription == made
    assert revoked.prescription.signed_content == made.signed_content
    assert revoked.prescription.state == PRESCRIPTION_STATE_REVOKED


async def test_it_is_valid_for_exactly_three_days(ward: Ward) -> None:
    made = await ward.issue()
    assert to_datetime(made.content.expire_time) == ward.clock.now + timedelta(days=3)
    began = ward.clock.now
    try:
        ward.clock.now = began + timedelta(days=3) - timedelta(microseconds=1)
        assert (await ward.get(made)).state == PRESCRIPTION_STATE_ISSUED
        ward.clock.now = began + timedelta(days=3)
        over = await ward.get(made)
        assert over.state == PRESCRIPTION_STATE_EXPIRED
        assert over.content == made.content
        with refused(Reason.REASON_WRONG_STATE):
            await ward.revise(made)
        assert (await ward.revoke(made)).state == PRESCRIPTION_STATE_REVOKED
    finally:
        ward.clock.now = began + timedelta(days=4)


async def test_it_may_be_valid_for_less(ward: Ward) -> None:
    made = await ward.issue(written(validity_days=1))
    assert to_datetime(made.content.expire_time) == ward.clock.now + timedelta(days=1)


async def test_a_revision_takes_the_old_one_s_place_and_names_it(ward: Ward) -> None:
    first = await ward.issue()
    second = await ward.revise(first, written(item(milligrams="850")))
    assert (second.prescription_id, second.revision) == (first.prescription_id, 2)
    assert second.content.previous_sha256 == hashlib.sha256(first.signed_content).digest()
    assert (await ward.get(first)) == second
    old = await ward.get(first, revision=1)
    assert (old.state, old.signed_content) == (PRESCRIPTION_STATE_REPLACED, first.signed_content)
    with refused(Reason.REASON_REVISION_MISMATCH):
        await ward.revise(first)
    with refused(Reason.REASON_NOT_FOUND):
        await ward.get(first, revision=3)
    subjects = await ward.fetch(
        "select subject from outbox where subject like $1 order by id", f"%prescription.%{ward.patient.account_id}"
    )
    assert [row["subject"].split(".")[3] for row in subjects] == ["issued", "revised"]


async def test_of_two_revisions_at_once_one_counts(ward: Ward) -> None:
    first = await ward.issue()
    tries = await asyncio.gather(*(ward.revise(first) for _ in range(4)), return_exceptions=True)
    assert len([each for each in tries if not isinstance(each, Exception)]) == 1
    assert (await ward.get(first)).revision == 2


async def test_it_is_revoked_once(ward: Ward) -> None:
    made, same = await ward.issue(), request_id()
    revoked = await ward.revoke(made, same=same)
    assert (revoked.state, revoked.revoke_reason) == (PRESCRIPTION_STATE_REVOKED, "血糖已经平稳")
    assert to_datetime(revoked.end_time) == ward.clock.now
    assert await ward.revoke(made, same=same) == revoked
    assert await ward.get(made) == revoked
    for act in (ward.revoke(made), ward.revise(made)):
        with refused(Reason.REASON_WRONG_STATE):
            await act


async def test_it_can_be_revoked_after_the_consultation_but_no_longer_written(ward: Ward) -> None:
    made = await ward.issue()
    await ward.fetch(
        "update consultation set state = $1 where consultation_id = $2",
        int(CONSULTATION_STATE_CLOSED),
        UUID(ward.consultation),
    )
    for act in (ward.issue(), ward.revise(made), ward.check()):
        with refused(Reason.REASON_WRONG_STATE):
            await act
    assert (await ward.revoke(made)).state == PRESCRIPTION_STATE_REVOKED


async def test_a_repeat_gives_the_first_one(ward: Ward) -> None:
    same = request_id()
    first = await ward.issue(same=same)
    assert await ward.issue(same=same) == first
    with refused(Reason.REASON_REQUEST_ID_REUSED):
        await ward.issue(written(item(milligrams="850")), same=same)
    assert len((await ward.listed()).prescriptions) == 1


async def test_the_same_request_many_times_at_once_is_one_prescription(ward: Ward) -> None:
    same = request_id()
    made = await asyncio.gather(*(ward.issue(same=same) for _ in range(12)))
    assert len({each.SerializeToString() for each in made}) == 1
    assert list((await ward.listed()).prescriptions) == [made[0]]


async def test_two_at_once_do_not_slip_past_each_other(ward: Ward) -> None:
    """Each alone is safe, both together are not: whoever comes second is told."""
    tries = await asyncio.gather(
        ward.issue(written(item("A10BX02", "2"))),  # repaglinide
        ward.issue(written(item("C10AB04", "600")), overrides=["daily_dose:C10AB04:no-maximum"]),  # gemfibrozil
        return_exceptions=True,
    )
    assert len([each for each in tries if not isinstance(each, Exception)]) == 1
    with refused(Reason.REASON_PRESCRIPTION_UNSAFE, Reason.REASON_REVISION_MISMATCH):
        raise next(each for each in tries if isinstance(each, Exception))


async def test_lists_page_by_page_and_by_consultation(ward: Ward) -> None:
    first = await ward.issue()
    second = await ward.revise(first)
    elsewhere = await ward.consult()
    third = await ward.issue(
        written(item("C08CA01", "5", frequency={"times_per_day": 1}, quantity=_tablets(7))), consultation_id=elsewhere
    )
    seen, token = list[tuple[str, int]](), ""
    while True:
        page = await ward.listed(page_size=1, page_token=token)
        seen += [(each.prescription_id, each.revision) for each in page.prescriptions]
        if not (token := page.next_page_token):
            break
    assert sorted(seen) == sorted([(first.prescription_id, 1), (first.prescription_id, 2), (third.prescription_id, 1)])
    of_one = await ward.listed(ward.doctor, consultation_id=ward.consultation)
    assert {each.revision for each in of_one.prescriptions} == {1, 2}
    assert second in of_one.prescriptions
    assert not (await ward.listed(ward.doctor)).prescriptions  # her own as a patient
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        await ward.listed(page_token="bm9uc2Vuc2U=")


async def test_to_everybody_else_it_does_not_exist(ward: Ward) -> None:
    made = await ward.issue()
    stranger, other_doctor = await ward.identity.sign_in(), await ward.signing.doctor()
    await ward.signing.prove(other_doctor, ward.identity.totp(other_doctor, 1))
    for act in (
        ward.get(made, stranger),
        ward.get(made, other_doctor),
        ward.listed(stranger, consultation_id=ward.consultation),
        ward.issue(by=other_doctor),
        ward.revise(made, by=other_doctor),
        ward.revoke(made, by=other_doctor),
        ward.record(other_doctor, ward.consultation),
        ward.add(facts(ward.today), other_doctor),
    ):
        with refused(Reason.REASON_NOT_FOUND):
            await act
    assert not (await ward.listed(stranger)).prescriptions


async def test_a_colleague_reads_and_does_not_prescribe(ward: Ward) -> None:
    colleague = await ward.signing.doctor()
    consultation = await ward.consult(colleague=UUID(colleague.account_id))
    made = await ward.issue(consultation_id=consultation)
    assert await ward.get(made, colleague) == made
    for act in (
        ward.issue(by=colleague, consultation_id=consultation),
        ward.revise(made, by=colleague),
        ward.revoke(made, by=colleague),
        ward.record(colleague, consultation),
        ward.add(facts(ward.today), colleague, consultation),
    ):
        with refused(Reason.REASON_NOT_ALLOWED):
            await act


async def test_each_read_by_somebody_else_is_told_to_the_audit(ward: Ward) -> None:
    made = await ward.issue()
    subject = f"apricot.consult.access.used.{ward.patient.account_id}"
    before = len(await ward.fetch("select 1 from outbox where subject = $1", subject))
    await ward.get(made)
    assert len(await ward.fetch("select 1 from outbox where subject = $1", subject)) == before
    await ward.get(made, ward.doctor)
    await ward.listed(ward.doctor, consultation_id=ward.consultation)
    await ward.record(ward.doctor, ward.consultation)
    assert len(await ward.fetch("select 1 from outbox where subject = $1", subject)) == before + 3
    events = await ward.fetch("select payload from outbox where subject = $1", subject)
    actions = [AccessUsed.FromString(event["payload"]).action.rpartition("/")[2] for event in events]
    assert actions.count("IssuePrescription") == 1


async def test_the_database_only_takes_more(ward: Ward) -> None:
    await ward.revoke(await ward.issue())
    for statement in (
        "update prescription_revision set signed_content = 'x'",
        "update prescription_revision set expire_time = expire_time + interval '1 day'",
        "update prescription_revision set revision = 7",
        "update prescription_revision set state = 1 where state = 3",
        "delete from prescription_revision",
        "truncate prescription_revision",
        "update health_record_revision set facts = ''",
        "delete from health_record_revision",
        "truncate health_record_revision",
    ):
        with pytest.raises(Exception, match=r"append-only|kept"):
            await ward.fetch(statement)


async def test_the_database_holds_one_revision_in_force(ward: Ward) -> None:
    made = await ward.issue()
    copied = (
        "insert into prescription_revision select prescription_id, 2, patient_id, consultation_id, doctor_id,"
        " create_time, expire_time, signed_content, signature, key_id, state, end_time, revoke_reason"
        " from prescription_revision where prescription_id = $1"
    )
    with pytest.raises(Exception, match="prescription_in_force"):
        await ward.fetch(copied, UUID(made.prescription_id))


async def test_no_such_prescription(ward: Ward) -> None:
    made = await ward.issue()
    made.prescription_id = str(uuid4())
    for act in (ward.get(made), ward.revise(made), ward.revoke(made)):
        with refused(Reason.REASON_NOT_FOUND):
            await act
