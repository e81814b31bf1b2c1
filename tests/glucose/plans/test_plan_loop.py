"""The loop through the real gateway: a reading, words, a plan, the patient's answer, and what came of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest
from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.health_record_pb2 import PutHealthRecordRequest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import plan_pb2
from apricot.glucose.v1.entry_pb2 import INSULIN_KIND_LONG
from apricot.glucose.v1.plan_pb2 import LineDecision, Plan, PlanContent, PlannedCheck
from apricot.glucose.v1.timeline_pb2 import AddCommentRequest, Cause, ListTimelineRequest, TimelineItem
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from google.protobuf.field_mask_pb2 import FieldMask

from clients.sdk import ApricotError
from kit.schema import service_url
from stack.platform import Platform
from tests.glucose.diaries import HAND, ago, log
from tests.glucose.plans.planned import all_known, content, request_id
from tests.kit.running import until
from tests.people import People, Person

SCOPES = (
    Scope.SCOPE_GLUCOSE_READ,
    Scope.SCOPE_MEAL_READ,
    Scope.SCOPE_PLAN_READ,
    Scope.SCOPE_PLAN_WRITE,
    Scope.SCOPE_ALERT_READ,
)


async def tell(patient: Person) -> None:
    """The patient tells what the check of a plan's medicines asks for."""
    profile = Profile(birth_date="1980-05-14")
    mask = FieldMask(paths=["birth_date"])
    await patient.session.account.UpdateProfile(UpdateProfileRequest(profile=profile, update_mask=mask))
    known = PutHealthRecordRequest(request_id=request_id(), facts=all_known(datetime.now(UTC)))
    await patient.session.health_record.PutHealthRecord(known)


async def comment(by: Person, patient: Person, text: str, cause: Cause) -> TimelineItem:
    request = AddCommentRequest(patient_id=patient.account_id, request_id=request_id(), text=text, cause=cause)
    return (await by.session.timeline.AddComment(request)).item


async def answer(patient: Person, plan: Plan, *, accept: bool, note: str = "", by: Person | None = None) -> Plan:
    request = plan_pb2.AnswerPlanRequest(
        patient_id=patient.account_id,
        request_id=request_id(),
        plan_id=plan.plan_id,
        revision=plan.revision,
        accept=accept,
        note=note,
    )
    return (await (by or patient).session.plans.AnswerPlan(request)).plan


async def revise(by: Person, plan: Plan, said: PlanContent, expected: int) -> Plan:
    request = plan_pb2.RevisePlanRequest(
        patient_id=plan.patient_id,
        request_id=request_id(),
        plan_id=plan.plan_id,
        expected_revision=expected,
        content=said,
    )
    return (await by.session.plans.RevisePlan(request)).plan


async def timeline(by: Person, patient: Person) -> list[TimelineItem]:
    return list((await by.session.timeline.ListTimeline(ListTimelineRequest(patient_id=patient.account_id))).items)


async def test_a_plan_s_whole_life(people: People) -> None:
    patient, clinician = await people.patient(), await people.clinician()
    await tell(patient)
    grant = await patient.grant(clinician, *SCOPES)
    low = HAND.fingerstick_reading(ago(10), 62)
    await log(patient, low)
    asked = await comment(clinician, patient, "Was there dinner?", Cause(entry_id=low.entry_id))
    told = await comment(patient, patient, "没有", Cause(item_id=asked.item_id))

    draft_request = plan_pb2.DraftPlanRequest(patient_id=patient.account_id, request_id=request_id())
    draft = (await clinician.session.plans.DraftPlan(draft_request)).draft
    create = plan_pb2.CreatePlanRequest(
        patient_id=patient.account_id,
        request_id=request_id(),
        content=content(),
        cause=Cause(item_id=told.item_id),
        draft_id=draft.draft_id,
    )
    with pytest.raises(ApricotError) as undecided:
        await clinician.session.plans.CreatePlan(create)
    assert undecided.value.reason == Reason.REASON_DRAFT_UNDECIDED
    create.request_id = request_id()
    create.decisions.extend(LineDecision(line_id=line.line_id, accepted=True) for line in draft.lines)
    first = (await clinician.session.plans.CreatePlan(create)).plan
    assert (await clinician.session.plans.CreatePlan(create)).plan == first

    with pytest.raises(ApricotError) as not_hers:
        await answer(patient, first, accept=True, by=clinician)
    assert not_hers.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED
    await answer(patient, first, accept=False, note="太多了")
    with pytest.raises(ApricotError) as not_allowed:
        await revise(patient, first, content(), 1)
    assert not_allowed.value.reason == Reason.REASON_ROLE_REQUIRED
    second = await revise(clinician, first, content(notes="less"), 1)
    with pytest.raises(ApricotError) as too_late:
        await revise(clinician, first, content(), 1)
    assert too_late.value.reason == Reason.REASON_REVISION_MISMATCH
    accepted = await answer(patient, second, accept=True)

    active = plan_pb2.GetActivePlanRequest(patient_id=patient.account_id)
    assert (await clinician.session.plans.GetActivePlan(active)).active == accepted
    plans = (await patient.session.plans.ListPlans(plan_pb2.ListPlansRequest(patient_id=patient.account_id))).plans
    assert [(plan.revision, plan.state) for plan in plans] == [
        (2, plan_pb2.PLAN_STATE_ACTIVE),
        (1, plan_pb2.PLAN_STATE_DECLINED),
    ]
    await log(patient, HAND.insulin_dose(ago(0), INSULIN_KIND_LONG, "12.5"))
    adherence = plan_pb2.GetAdherenceRequest(patient_id=patient.account_id)
    assert len((await clinician.session.plans.GetAdherence(adherence)).lines) == 7
    day = accepted.answer_time.ToDatetime() + timedelta(days=2)
    reminders = plan_pb2.ListRemindersRequest(patient_id=patient.account_id, local_date=day.date().isoformat())
    assert len((await patient.session.plans.ListReminders(reminders)).reminders) >= 7

    steps = await timeline(clinician, patient)
    assert [item.WhichOneof("step") for item in steps] == ["plan_step"] * 4 + ["comment"] * 2
    causes = [item.cause.item_id or item.cause.entry_id for item in steps]
    ids = [item.item_id for item in steps]
    assert causes == [ids[1], "", ids[3], ids[4], ids[5], low.entry_id]
    assert (steps[0].plan_step.effect.before_count, steps[0].plan_step.effect.before_in_range_percent) == (1, 0)
    assert steps == await timeline(patient, patient)

    await patient.revoke(grant)

    async def cut_off() -> bool:
        try:
            await timeline(clinician, patient)
        except ApricotError as error:
            return error.reason == Reason.REASON_PATIENT_ACCESS_DENIED
        return False

    await until(cut_off)
    with pytest.raises(ApricotError) as revoked:
        await clinician.session.plans.GetActivePlan(active)
    assert revoked.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED


async def test_a_follower_reads_and_writes_words_but_no_plan(people: People) -> None:
    patient, follower, clinician = await people.patient(), await people.patient(), await people.clinician()
    await tell(patient)
    await patient.grant(follower, Scope.SCOPE_PLAN_READ, Scope.SCOPE_MEAL_READ)
    await patient.grant(clinician, Scope.SCOPE_PLAN_READ)
    note = HAND.note(ago(1), "x")
    await log(patient, note)
    await comment(follower, patient, "吃饭了吗", Cause(entry_id=note.entry_id))
    assert len(await timeline(follower, patient)) == 1
    create = plan_pb2.CreatePlanRequest(patient_id=patient.account_id, request_id=request_id(), content=content())
    for person, reason in (
        (follower, Reason.REASON_ROLE_REQUIRED),
        (clinician, Reason.REASON_PATIENT_ACCESS_DENIED),
    ):
        with pytest.raises(ApricotError) as caught:
            await person.session.plans.CreatePlan(create)
        assert caught.value.reason == reason


async def test_a_step_is_told_in_the_watch(people: People) -> None:
    patient = await people.patient()
    async with patient.session.watch([patient.account_id]) as watch:
        assert (await anext(watch)).WhichOneof("event") == "snapshot"
        request = AddCommentRequest(patient_id=patient.account_id, request_id=request_id(), text="好")
        item = (await patient.session.timeline.AddComment(request)).item
        assert (await anext(watch)).timeline_item_added.item == item


async def test_a_plan_that_is_nobody_s(people: People) -> None:
    patient = await people.patient()
    for call in (
        patient.session.plans.GetActivePlan(plan_pb2.GetActivePlanRequest(patient_id=patient.account_id)),
        patient.session.plans.GetAdherence(plan_pb2.GetAdherenceRequest(patient_id=patient.account_id)),
        patient.session.plans.ListReminders(plan_pb2.ListRemindersRequest(patient_id=patient.account_id)),
        answer(patient, Plan(plan_id=str(uuid4()), revision=1), accept=True),
    ):
        with pytest.raises(ApricotError) as caught:
            await call
        assert caught.value.reason == Reason.REASON_NOT_FOUND


async def test_the_worker_reminds(platform: Platform, people: People) -> None:
    """The real one, at the real time: a plan accepted an hour ago asks for something at this very minute."""
    patient, clinician = await people.patient(), await people.clinician()
    await tell(patient)
    await patient.grant(clinician, Scope.SCOPE_PLAN_WRITE)
    now = datetime.now(UTC)
    check = PlannedCheck(minute_of_day=60 * now.hour + now.minute)
    said = content(time_zone="UTC", medicines=[], checks=[check])
    create = plan_pb2.CreatePlanRequest(patient_id=patient.account_id, request_id=request_id(), content=said)
    await answer(patient, (await clinician.session.plans.CreatePlan(create)).plan, accept=True)
    connection = await asyncpg.connect(service_url(platform.database_url, "glucose"))
    account = UUID(patient.account_id)
    await connection.execute(
        "update plan_revision set answer_time = answer_time - interval '1 hour' where patient_id = $1", account
    )
    due_time = now.replace(second=0, microsecond=0)
    await connection.execute("update reminder set due_time = $2 where patient_id = $1", account, due_time)

    async def pushed() -> bool:
        query = "select count(*) from push where patient_id = $1 and kind = 'reminder'"
        return bool(await connection.fetchval(query, account) == 1)

    await until(pushed)
    next_time = await connection.fetchval("select due_time from reminder where patient_id = $1", account)
    assert next_time == due_time + timedelta(days=1)
    await connection.close()


async def test_the_same_as_json(platform: Platform, people: People) -> None:
    patient, clinician = await people.patient(), await people.clinician()
    await tell(patient)
    await patient.grant(clinician, Scope.SCOPE_PLAN_WRITE)
    create = plan_pb2.CreatePlanRequest(patient_id=patient.account_id, request_id=request_id(), content=content())
    plan = (await clinician.session.plans.CreatePlan(create)).plan
    headers = {"authorization": f"Bearer {await patient.token()}"}
    base = f"{platform.gateway_address}/v1/patients/{patient.account_id}"
    body = {"requestId": request_id(), "revision": 1, "accept": True}
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.post(f"{base}/plans/{plan.plan_id}:answer", json=body) as answered:
            assert (await answered.json())["plan"]["state"] == "PLAN_STATE_ACTIVE"
        async with http.get(f"{base}/plans:active") as active:
            assert (await active.json())["active"]["planId"] == plan.plan_id
        async with http.get(f"{base}/timeline", params={"pageSize": "1"}) as steps:
            (item,) = (await steps.json())["items"]
            assert item["planStep"]["kind"] == "PLAN_STEP_KIND_ACCEPTED"
