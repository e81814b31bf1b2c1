"""Fills a platform with the clinic: people, diaries, a plan of two revisions, questions in the pool and a talk. All by
the gateway, as phones do it."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    CONSULTATION_MODE_VIDEO,
    ClaimConsultationRequest,
    ConsultationMode,
    OpenConsultationRequest,
)
from apricot.consult.v1.health_record_pb2 import (
    Allergies,
    Allergy,
    AllergyCertainty,
    CurrentMedicine,
    CurrentMedicines,
    HealthFacts,
    KidneyFunction,
    LiverFunction,
    LiverState,
    PregnancyState,
    PregnancyStatus,
    PutHealthRecordRequest,
)
from apricot.glucose.v1.entry_pb2 import (
    DOSE_UNIT_MG,
    GLUCOSE_UNIT_MG_PER_DL,
    INSULIN_KIND_LONG,
    INSULIN_KIND_RAPID,
    MEAL_CONTEXT_FASTING,
    Entry,
)
from apricot.glucose.v1.entry_pb2 import Decimal as Amount
from apricot.glucose.v1.plan_pb2 import (
    AnswerPlanRequest,
    CreatePlanRequest,
    ExerciseAdvice,
    MealAdvice,
    PlanContent,
    PlannedCheck,
    PlannedMedicine,
    PlanTargets,
    RevisePlanRequest,
)
from apricot.glucose.v1.timeline_pb2 import AddCommentRequest
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from apricot.identity.v1.care_pb2 import GrantAccessRequest
from google.protobuf.field_mask_pb2 import FieldMask

from clients.sdk import Apricot, Conversation, Recorder, Session
from stack.demo import dataset
from stack.demo.accounts import PATIENT_PHONES
from stack.demo.clinic.patients import GUESTS, Guest, diary
from stack.demo.dataset import Kind
from stack.demo.entries import DiaryMaker
from stack.demo.lapse import SENSOR
from stack.demo.people import SignedIn

_ZONE = "Asia/Shanghai"
_BATCH = 500


@dataclass(frozen=True)
class Member:
    """A patient signed in."""

    guest: Guest
    session: Session
    account_id: str


async def fill(apricot: Apricot, clinician: Session, clinician_id: str, identity_log: Path) -> list[Member]:
    """The whole clinic; its newest readings are logged last, so that alerts are raised as they are."""
    members = [await _join(apricot, guest, place, identity_log) for place, guest in enumerate(GUESTS)]
    for member in members:
        await _grant(member, clinician_id)
    await _load_diaries(members)
    return members


async def _join(apricot: Apricot, guest: Guest, place: int, identity_log: Path) -> Member:
    if place < len(PATIENT_PHONES):
        owner = SignedIn(apricot, PATIENT_PHONES[place], print)
        await owner.sign_in()
        session, account_id = owner.session, owner.account_id
    else:
        phone = f"+8613700000{place:03}"
        session = await apricot.sign_in_with_code(phone, await _code(apricot, phone, identity_log))
        if session.signed_in is None:
            raise LookupError("a resumed session")
        account_id = session.signed_in.account.account_id
    born = f"{guest.birth_year}-05-14"
    profile = Profile(display_name=guest.name, birth_date=born, sex=guest.sex, time_zone=_ZONE)
    mask = FieldMask(paths=["display_name", "birth_date", "sex", "time_zone"])
    await session.account.UpdateProfile(UpdateProfileRequest(profile=profile, update_mask=mask))
    return Member(guest, session, account_id)


async def _code(apricot: Apricot, phone: str, identity_log: Path) -> str:
    """As the local platform's console sender prints it."""
    await apricot.request_code(phone)
    while not (found := re.findall(rf"code for {re.escape(phone)}: (\d{{6}})", identity_log.read_text())):
        await asyncio.sleep(0.01)
    return str(found[-1])


async def _grant(member: Member, clinician_id: str) -> None:
    scopes = [scope for scope in Scope.values() if scope]
    await member.session.care.GrantAccess(
        GrantAccessRequest(request_id=str(uuid4()), account_id=clinician_id, scopes=scopes)
    )


async def _load_diaries(members: list[Member]) -> None:
    people, turns, newest = dataset.load(), Counter[int](), list[tuple[Member, Entry]]()
    for member in members:
        guest = member.guest
        timed = diary(guest, people[guest.wearer], datetime.now(UTC), turns[guest.wearer])
        turns[guest.wearer] += 1
        make = DiaryMaker(member.account_id, _ZONE, SENSOR)
        entries = [make.entry(each.at, each.entry) for each in timed]
        last = max(place for place, each in enumerate(timed) if each.entry.kind is Kind.SENSOR)
        newest.append((member, entries.pop(last)))
        await member.session.upload(member.account_id, entries, batch_size=_BATCH)
    for member, entry in newest:
        await member.session.log(member.account_id, [entry])


async def fall_on(member: Member) -> None:
    """Log one reading more after the one that raised the alert, lower still."""
    sensor = Recorder.of_device(member.account_id, SENSOR, _ZONE)
    lower = sensor.sensor_reading(datetime.now(UTC), 41, GLUCOSE_UNIT_MG_PER_DL)
    await member.session.log(member.account_id, [lower])


async def plan(clinician: Session, member: Member) -> None:
    """One that the patient took, a comment, and a revision that waits for the answer."""
    await tell_all(member)
    first = _plan()
    created = await clinician.plans.CreatePlan(
        CreatePlanRequest(patient_id=member.account_id, request_id=str(uuid4()), content=first)
    )
    await member.session.plans.AnswerPlan(
        AnswerPlanRequest(
            patient_id=member.account_id,
            request_id=str(uuid4()),
            plan_id=created.plan.plan_id,
            revision=1,
            accept=True,
            note="好的，我会照做。",
        )
    )
    await clinician.timeline.AddComment(
        AddCommentRequest(
            patient_id=member.account_id,
            request_id=str(uuid4()),
            text="夜间两次低血糖，先减少睡前剂量，三天后复查。",
        )
    )
    second = PlanContent()
    second.CopyFrom(first)
    second.medicines[0].amount.CopyFrom(Amount(value="12"))
    second.checks.append(PlannedCheck(minute_of_day=180))
    second.meal_advice.advice = "睡前血糖低于 7 mmol/L 时加餐 15 g 碳水。"
    second.medicines.pop(2)
    await clinician.plans.RevisePlan(
        RevisePlanRequest(
            patient_id=member.account_id,
            request_id=str(uuid4()),
            plan_id=created.plan.plan_id,
            expected_revision=1,
            content=second,
        )
    )


def _plan() -> PlanContent:
    return PlanContent(
        targets=PlanTargets(
            range_low_mg_per_dl=70, range_high_mg_per_dl=180, in_range_percent=70, below_range_percent=4
        ),
        meal_advice=MealAdvice(carbohydrate_g_per_day=180, carbohydrate_g_per_meal=60, advice="先吃蔬菜，再吃主食。"),
        exercise_advice=ExerciseAdvice(minutes_per_week=150, advice="运动前测血糖，低于 7 mmol/L 先补 20 g 碳水。"),
        medicines=[
            PlannedMedicine(
                name="insulin glargine",
                insulin_kind=INSULIN_KIND_LONG,
                amount=Amount(value=str(Decimal(14))),
                minutes_of_day=[22 * 60],
            ),
            PlannedMedicine(
                name="insulin aspart",
                insulin_kind=INSULIN_KIND_RAPID,
                amount=Amount(value="6"),
                minutes_of_day=[7 * 60, 12 * 60, 18 * 60 + 30],
                instructions="餐前 15 分钟",
            ),
            PlannedMedicine(name="metformin", amount=Amount(value="500"), unit=DOSE_UNIT_MG, minutes_of_day=[8 * 60]),
        ],
        checks=[PlannedCheck(minute_of_day=7 * 60, meal_context=MEAL_CONTEXT_FASTING)],
        time_zone=_ZONE,
    )


async def tell_all(member: Member) -> None:
    """Record what the check of a plan's medicines asks for."""
    today = datetime.now(UTC).date().isoformat()
    facts = HealthFacts(
        allergies=Allergies(entries=[]),
        medicines=CurrentMedicines(),
        kidney_function=KidneyFunction(egfr_ml_per_min_per_1_73_m2=95, measure_date=today),
        pregnancy=PregnancyStatus(state=PregnancyState.PREGNANCY_STATE_NOT_POSSIBLE, state_date=today),
        liver_function=LiverFunction(state=LiverState.LIVER_STATE_HEALTHY, state_date=today),
    )
    facts.allergies.SetInParent()
    facts.medicines.SetInParent()
    await member.session.health_record.PutHealthRecord(PutHealthRecordRequest(request_id=str(uuid4()), facts=facts))


async def ask(member: Member, complaint: str, mode: ConsultationMode.ValueType = CONSULTATION_MODE_TEXT) -> str:
    """A question for the pool; its id."""
    opening = OpenConsultationRequest(
        request_id=str(uuid4()),
        department_code="endocrinology",
        mode=mode,
        complaint=complaint,
        shared_scopes=[scope for scope in Scope.values() if scope],
    )
    opened = await member.session.consultations.OpenConsultation(opening)
    return opened.consultation.consultation_id


async def know(member: Member) -> None:
    """What the patient says of allergies and medicines."""
    facts = HealthFacts(
        allergies=Allergies(
            entries=[
                Allergy(
                    entry_id=str(uuid4()),
                    atc_code="J01C",
                    name="青霉素 penicillin",
                    reaction="皮疹",
                    certainty=AllergyCertainty.ALLERGY_CERTAINTY_CONFIRMED,
                )
            ]
        ),
        medicines=CurrentMedicines(
            entries=[CurrentMedicine(entry_id=str(uuid4()), atc_code="A10AB05", name="门冬胰岛素 insulin aspart")]
        ),
    )
    await member.session.health_record.PutHealthRecord(PutHealthRecordRequest(request_id=str(uuid4()), facts=facts))


async def talk(clinician: Session, member: Member, picture: bytes) -> str:
    """A consultation that is underway: what was said, with a picture and a card; its id."""
    consultation_id = await ask(member, "每天早上血糖都高，睡前明明还好。", CONSULTATION_MODE_VIDEO)
    claim = ClaimConsultationRequest(request_id=str(uuid4()), consultation_id=consultation_id)
    await clinician.consultations.ClaimConsultation(claim)
    async with (
        member.session.converse(consultation_id, str(uuid4())) as asking,
        clinician.converse(consultation_id, str(uuid4())) as answering,
        asyncio.TaskGroup() as group,
    ):
        reading = [group.create_task(_read(one)) for one in (asking, answering)]
        await answering.say("您好，这种情况多久了？晚上几点睡？")
        await asking.say("大概两周了，十一点睡，六点半起。")
        await answering.say("请给我看一下昨晚吃的东西和血糖曲线。")
        await asking.show_picture(picture)
        await asking.say("昨晚七点半吃的，一碗面，加了个鸡蛋。")
        await answering.say("谢谢。四点前平稳，之后上升，像是黎明现象。")
        await asking.say("那晚上要加量吗？")
        for task in reading:
            task.cancel()
    return consultation_id


async def _read(conversation: Conversation) -> None:
    async for update in conversation:
        if update.HasField("message"):
            conversation.read_up_to(update.message.sequence)
