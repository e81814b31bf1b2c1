"""What the treating doctor decides: on prescribing, on the outcome, on colleagues; and what is told of it."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_STATE_CLOSED,
    CONSULTATION_STATE_REFERRED,
    FEE_STATE_EARNED,
    MEMBER_ROLE_PATIENT,
    Consultation,
    DiagnosisCode,
    Referral,
)
from apricot.consult.v1.conversation_pb2 import (
    NOTICE_KIND_CLAIMED,
    NOTICE_KIND_COLLEAGUE_JOINED,
    NOTICE_KIND_ELIGIBILITY_DECIDED,
    NOTICE_KIND_ENDED,
    MessageContent,
    Notice,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.events_pb2 import AccessUsed, CareBegun, CareEnded
from hypothesis import given
from hypothesis import strategies as st

from kit.profiles import Profile
from services.consult.domain.diagnoses import EvidenceRequiredError, require_evidence
from tests.consult.life.practice import SHARED, Practice, refused
from tests.consult.said import said_in

E11 = DiagnosisCode(code="E11.9", description="2型糖尿病")
CODES = st.sampled_from(["E11.9", "E11.65", "I10", "I10.1", "N18.3"])


async def conversation(practice: Practice, consultation: Consultation) -> list[MessageContent]:
    return await said_in(practice.database, consultation.consultation_id)


async def active(practice: Practice, **fields: Any) -> Consultation:
    return await practice.claim(await practice.open(practice.doctor, **fields))


@given(st.lists(CODES, min_size=1), st.lists(CODES))
def test_an_earlier_consultation_shows_what_it_diagnosed(claimed: list[str], earlier: list[str]) -> None:
    shown = {code[:3] for code in earlier}
    for documented in (False, True):
        found = [code[:3] in shown for code in claimed]
        if any(found) if documented else all(found):
            require_evidence(claimed, earlier, documented=documented)
        else:
            with pytest.raises(EvidenceRequiredError):
                require_evidence(claimed, earlier, documented=documented)


async def test_eligible_by_an_attachment(practice: Practice) -> None:
    consultation = await active(practice)
    attachment = await practice.attach(consultation)
    evidence = {"eligible": True, "earlier_diagnoses": [E11], "evidence_attachment_ids": [attachment]}
    with refused(Reason.REASON_EVIDENCE_REQUIRED):  # it is none of this consultation's
        await practice.decide(consultation, **evidence | {"evidence_attachment_ids": [str(uuid4())]})
    with refused(Reason.REASON_EVIDENCE_REQUIRED):
        await practice.decide(consultation, eligible=True, earlier_diagnoses=[E11])
    with refused(Reason.REASON_INVALID_FIELD):
        await practice.decide(consultation, eligible=True, evidence_attachment_ids=[attachment])
    decided = (await practice.decide(consultation, **evidence)).eligibility
    assert (decided.eligible, decided.doctor_id) == (True, str(practice.doctor))
    assert list(decided.earlier_diagnoses) == [E11]
    assert decided.HasField("decide_time")
    notices = [said.notice.kind for said in await conversation(practice, consultation)]
    assert notices == [NOTICE_KIND_CLAIMED, NOTICE_KIND_ELIGIBILITY_DECIDED]
    assert (await practice.pushed(consultation))[-1] == practice.patient


async def test_eligible_by_an_earlier_consultation_of_the_same_patient(practice: Practice) -> None:
    earlier = await practice.close(await active(practice), diagnoses=[DiagnosisCode(code="E11.65")])
    other = await practice.close(await active(practice), diagnoses=[DiagnosisCode(code="I10")])
    referred = await practice.close(
        await active(practice), diagnoses=[E11], referral=Referral(department_code="nephrology", reason="转诊")
    )
    open_ = await active(practice)
    patient, practice.patient = practice.patient, uuid4()
    somebody_else_s = await practice.close(await active(practice), diagnoses=[E11])
    practice.patient = patient
    consultation = await active(practice)
    for no_evidence in (other, referred, open_, somebody_else_s, Consultation(consultation_id=str(uuid4()))):
        with refused(Reason.REASON_EVIDENCE_REQUIRED):
            await practice.decide(
                consultation,
                eligible=True,
                earlier_diagnoses=[E11],
                earlier_consultation_id=no_evidence.consultation_id,
            )
    decided = await practice.decide(
        consultation, eligible=True, earlier_diagnoses=[E11], earlier_consultation_id=earlier.consultation_id
    )
    assert decided.eligibility.earlier_consultation_id == earlier.consultation_id


async def test_prescribing_needs_an_age_and_under_six_a_guardian_present(practice: Practice) -> None:
    async def decided(consultation: Consultation, **fields: Any) -> Consultation:
        shown = [await practice.attach(consultation)]
        evidence = {"eligible": True, "earlier_diagnoses": [E11], "evidence_attachment_ids": shown}
        return await practice.decide(consultation, **evidence, **fields)

    practice.profile = Profile("无名", None)
    with refused(Reason.REASON_AGE_UNKNOWN):
        await decided(await active(practice))
    practice.profile = Profile("小宝", date(2022, 3, 1))
    child = await active(practice, guardian={"name": "王芳", "relationship": "母亲"})
    with refused(Reason.REASON_GUARDIAN_REQUIRED):
        await decided(child)
    assert (await decided(child, guardian_present=True)).eligibility.guardian_present


async def test_not_eligible_ends_in_a_referral(practice: Practice) -> None:
    consultation = await active(practice, shared_scopes=SHARED)
    with refused(Reason.REASON_INVALID_FIELD):
        await practice.decide(consultation, eligible=False)
    over = await practice.decide(consultation, eligible=False, note="首诊请到医院就诊")
    assert (over.state, over.fee_state) == (CONSULTATION_STATE_REFERRED, FEE_STATE_EARNED)
    assert (over.outcome.referral.department_code, over.outcome.referral.reason) == (
        over.department_code,
        "首诊请到医院就诊",
    )
    notices = [said.notice.kind for said in await conversation(practice, consultation)]
    assert notices == [NOTICE_KIND_CLAIMED, NOTICE_KIND_ELIGIBILITY_DECIDED, NOTICE_KIND_ENDED]
    assert over.last_sequence == 3
    assert await practice.events(over) == [
        "consultation.changed",
        "care.begun",
        "consultation.changed",
        "care.ended",
        "consultation.changed",
    ]


async def test_the_outcome_is_kept_as_written(practice: Practice) -> None:
    said: dict[str, Any] = {
        "summary": "血糖控制可",
        "diagnoses": [E11],
        "advice": "少吃米饭",
        "follow_up_date": "2027-02-28",
    }
    over = await practice.close(await active(practice), **said)
    assert over.state == CONSULTATION_STATE_CLOSED
    assert (over.outcome.summary, over.outcome.advice) == ("血糖控制可", "少吃米饭")
    assert over.HasField("end_time")
    assert not over.HasField("expire_time")


@pytest.mark.parametrize(
    "outcome",
    [
        {"follow_up_date": "2027-02-30"},
        {"referral": Referral(department_code="astrology", reason="转诊")},
        {"referral": Referral(department_code="nephrology", reason="转诊", hospital_id=str(uuid4()))},
    ],
)
async def test_an_outcome_that_makes_no_sense_leaves_it_open(practice: Practice, outcome: dict[str, Any]) -> None:
    consultation = await active(practice)
    with refused(Reason.REASON_INVALID_FIELD):
        await practice.close(consultation, **outcome)
    assert await practice.get(consultation) == consultation


async def test_eight_take_part(practice: Practice) -> None:
    consultation = await active(practice)
    for _ in range(6):
        await practice.invite(consultation, await practice.add_doctor(uuid4()))
    with refused(Reason.REASON_TOO_MANY):
        await practice.invite(consultation)
    members = (await practice.get(consultation)).members
    assert len(members) == 8
    again = await practice.invite(consultation, UUID(members[-1].account_id))  # takes part already
    assert list(again.members) == list(members)
    kinds = [said.notice.kind for said in await conversation(practice, consultation)]
    assert kinds == [NOTICE_KIND_CLAIMED] + [NOTICE_KIND_COLLEAGUE_JOINED] * 6


async def test_a_colleague_is_a_doctor_with_a_licence(practice: Practice) -> None:
    consultation = await active(practice)
    with refused(Reason.REASON_NOT_FOUND):
        await practice.invite(consultation, uuid4())
    now = practice.clock.now
    await practice.fetch("update doctor set licence_end_time = $1 where doctor_id = $2", now, practice.colleague)
    with refused(Reason.REASON_LICENCE_EXPIRED):
        await practice.invite(consultation)


async def test_a_doctor_who_has_written_does_not_give_it_back(practice: Practice) -> None:
    asked = await practice.open()
    await practice.claim(asked)
    await practice.say(asked, practice.patient)
    await practice.decline(asked)
    await practice.claim(asked)
    await practice.say(asked, practice.doctor)
    with refused(Reason.REASON_WRONG_STATE):
        await practice.decline(asked)


async def test_whoever_declines_leaves_words_for_the_patient_and_takes_part_no_longer(practice: Practice) -> None:
    asked = await practice.open(practice.doctor)
    over = await practice.decline(asked, note="本周休假")
    assert (over.doctor_id, [member.role for member in over.members]) == (str(practice.doctor), [MEMBER_ROLE_PATIENT])
    said = await conversation(practice, asked)
    assert said == [
        MessageContent(text="本周休假"),
        MessageContent(notice=Notice(kind=NOTICE_KIND_ENDED, account_id=str(practice.doctor))),
    ]
    with refused(Reason.REASON_NOT_FOUND):
        await practice.get(asked, by=practice.doctor)
    assert (await practice.pushed(asked))[-1] == practice.patient


async def test_what_was_given_back_tells_identity_in_order(practice: Practice) -> None:
    """Though the clock stands still: the second beginning is later than the end before it."""
    asked = await practice.open(shared_scopes=SHARED)
    await practice.claim(asked)
    await practice.decline(asked)
    again = await practice.claim(asked, by=practice.colleague)
    rows = await practice.fetch(
        "select subject, payload from outbox where subject like '%.care.%' || $1 order by id", again.patient_id
    )
    first, end, second = (
        (CareBegun if "begun" in row["subject"] else CareEnded).FromString(row["payload"]) for row in rows
    )
    assert first.time.ToNanoseconds() < end.time.ToNanoseconds() < second.time.ToNanoseconds()
    assert isinstance(second, CareBegun)
    assert (second.account_id, second.treatment_id) == (str(practice.colleague), again.consultation_id)
    assert list(second.scopes) == SHARED


async def test_each_use_by_somebody_else_is_told_to_the_audit(practice: Practice) -> None:
    asked = await practice.open()

    async def told(actor: UUID) -> list[str]:
        rows = await practice.fetch(
            "delete from outbox where subject = 'apricot.consult.access.used.' || $1 returning id, payload",
            asked.patient_id,
        )
        uses = [AccessUsed.FromString(row["payload"]) for row in sorted(rows, key=lambda row: row["id"])]
        assert {use.actor_id for use in uses} <= {str(actor)}
        return [use.action.rpartition("/")[2] for use in uses]

    await practice.get(asked)
    await practice.listed(practice.patient)
    assert await told(practice.patient) == []
    await practice.pool(practice.doctor)
    await practice.get(asked, by=practice.doctor)
    await practice.claim(asked)
    await practice.listed(practice.doctor)
    await practice.invite(asked)
    with refused(Reason.REASON_WRONG_STATE):
        await practice.claim(asked)  # nothing was shown: nothing is kept
    await practice.close(asked)
    assert await told(practice.doctor) == [
        "ListConsultations",
        "GetConsultation",
        "ClaimConsultation",
        "ListConsultations",
        "InviteColleague",
        "CloseConsultation",
    ]


async def test_nothing_is_granted_where_nothing_is_shared(practice: Practice) -> None:
    consultation = await active(practice)
    assert "care.begun" not in await practice.events(consultation)


async def test_the_median_of_what_patients_waited(practice: Practice) -> None:
    """1, 7 and 30 minutes: from the opening where the doctor was chosen, from the claim in the pool."""
    for minutes, pool in (1, False), (7, True), (30, False):
        practice.patient = uuid4()
        asked = await practice.open(None if pool else practice.doctor)
        if pool:
            practice.clock.advance(minutes=40)
        await practice.claim(asked)
        practice.clock.advance(minutes=minutes)
        for _ in range(2):
            await practice.say(asked, practice.doctor)
            practice.clock.advance(minutes=5)
        await practice.close(asked)
    assert await practice.answer_minutes() == pytest.approx(7, abs=0.001)
    practice.clock.advance(days=91)
    await practice.close(await active(practice))
    assert await practice.answer_minutes() is None  # nothing of the last 90 days
