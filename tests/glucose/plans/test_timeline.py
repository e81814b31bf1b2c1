"""The timeline: who sees which step, what caused it, and what came of a change."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from apricot.access.v1.access_pb2 import Scope
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.alert_pb2 import ALERT_RULE_LOW
from apricot.glucose.v1.entry_pb2 import (
    GLUCOSE_BOUND_HIGH,
    GLUCOSE_BOUND_LOW,
    GLUCOSE_BOUND_UNSPECIFIED,
    GLUCOSE_UNIT_MMOL_PER_L,
    Entry,
)
from apricot.glucose.v1.timeline_pb2 import ALERT_STEP_KIND_RAISED, AlertStep, Cause, PlanEffect, TimelineItem

from kit.times import to_timestamp
from kit.views import View, Window
from services.glucose import events
from services.glucose.domain.alerts.model import Alert, Rule, Urgency
from services.glucose.store import alerts
from tests.glucose.plans.planned import PHONE, Clinic, refused, request_id

ALERTS, PLANS = Window(Scope.SCOPE_ALERT_READ), Window(Scope.SCOPE_PLAN_READ)


def seen(*windows: Window) -> View:
    return View(frozenset(windows))


async def raise_alert(clinic: Clinic, entry: Entry) -> str:
    """As the evaluator tells of one."""
    alert_id = str(uuid4())
    step = AlertStep(alert_id=alert_id, rule=ALERT_RULE_LOW, kind=ALERT_STEP_KIND_RAISED)
    item = TimelineItem(
        item_id=str(uuid4()),
        patient_id=clinic.patient_id,
        time=to_timestamp(clinic.clock.now),
        cause=Cause(entry_id=entry.entry_id),
        alert_step=step,
    )
    alert = Alert(
        alert_id=UUID(alert_id),
        patient_id=UUID(clinic.patient_id),
        rule=Rule.LOW,
        urgency=Urgency.WARNING,
        raise_time=clinic.clock.now,
        resolve_time=clinic.clock.now,
        cause_time=clinic.clock.now,
    )
    async with clinic.database.transaction() as session:
        events.add_timeline_item(session, item)
        await alerts.save(session, [alert])
    return alert_id


def mg(start: datetime, *values: float) -> list[Entry]:
    """Sensor readings, a minute apart."""
    return [PHONE.sensor_reading(start + timedelta(minutes=n), value) for n, value in enumerate(values)]


def mmol(start: datetime, *values: float) -> list[Entry]:
    return [
        PHONE.sensor_reading(start + timedelta(minutes=n), value, GLUCOSE_UNIT_MMOL_PER_L)
        for n, value in enumerate(values)
    ]


async def effect(clinic: Clinic, view: View | None = None, place: int = 0) -> PlanEffect:
    """Of the newest step, or one before."""
    step = (await clinic.steps(view)).items[place].plan_step
    return step.effect if step.HasField("effect") else PlanEffect(before_count=-1)


async def test_from_a_reading_to_what_came_of_it(clinic: Clinic) -> None:
    """Each step names the one before it; the effect is counted by hand."""
    begin = clinic.clock.now
    low = PHONE.sensor_reading(begin, 60)
    await clinic.log(low, *mg(begin - timedelta(days=2), 100, 120, 65))  # before: 2 of 4 in range, 2 below
    alert_id = await raise_alert(clinic, low)
    clinic.clock.advance(minutes=5)
    comment = await clinic.comment("Was there dinner?", cause=Cause(alert_id=alert_id))
    clinic.clock.advance(minutes=5)
    answer = await clinic.comment("没有", by=clinic.patient, cause=Cause(item_id=comment.item_id))
    clinic.clock.advance(minutes=5)
    plan = await clinic.create(cause=Cause(item_id=answer.item_id))
    clinic.clock.advance(minutes=5)
    await clinic.answer(plan)
    after = clinic.clock.now
    clinic.clock.advance(days=1)
    await clinic.log(*mg(after, 100, 110, 120, 69, 200))  # after: 3 of 5 in range, 1 below
    accepted, revised, answered, asked, raised = (await clinic.steps()).items
    assert raised.cause.entry_id == low.entry_id
    assert asked.cause.alert_id == raised.alert_step.alert_id
    assert answered.cause.item_id == asked.item_id
    assert revised.cause.item_id == answered.item_id
    assert accepted.cause.item_id == revised.item_id
    assert (asked.actor_id, answered.actor_id) == (str(clinic.clinician), clinic.patient_id)
    assert accepted.plan_step.effect == PlanEffect(
        before_in_range_percent=50,
        after_in_range_percent=60,
        before_below_range_percent=50,
        after_below_range_percent=20,
        before_count=4,
        after_count=5,
    )
    assert not revised.plan_step.HasField("effect")
    assert await clinic.pushed() == ["comment", "plan"]  # what the patient wrote is pushed to nobody


async def test_edges_fall_by_the_reading_s_own_unit(clinic: Clinic) -> None:
    """10.0 mmol/L is 180.2 mg/dL by the factor and in range; so is 3.9, 70.3; 3.8 would be 68.5."""
    begin = clinic.clock.now
    await clinic.log(
        *mg(begin - timedelta(days=3), 69, 70, 180, 181), *mmol(begin - timedelta(days=2), 3.8, 3.9, 10.0, 10.1)
    )
    await clinic.in_force()
    found = await effect(clinic)
    assert (found.before_count, found.before_in_range_percent, found.before_below_range_percent) == (8, 50, 25)


async def test_low_and_high_are_out_of_range_whatever_the_limit(clinic: Clinic) -> None:
    begin = clinic.clock.now
    said = [
        (70, GLUCOSE_BOUND_LOW),
        (100, GLUCOSE_BOUND_UNSPECIFIED),
        (180, GLUCOSE_BOUND_HIGH),
        (40, GLUCOSE_BOUND_LOW),
    ]
    await clinic.log(
        *(
            PHONE.sensor_reading(begin - timedelta(minutes=n + 1), value, bound=bound)
            for n, (value, bound) in enumerate(said)
        )
    )
    await clinic.in_force()
    found = await effect(clinic)
    assert (found.before_count, found.before_in_range_percent, found.before_below_range_percent) == (4, 25, 50)


async def test_a_fortnight_before_and_up_to_the_next_revision_after(clinic: Clinic) -> None:
    begin = clinic.clock.now
    first = await clinic.in_force()
    await clinic.log(
        *mg(begin - timedelta(days=14, minutes=1), 300, 100),  # the second is the window's first
        *mg(begin - timedelta(minutes=1), 100, 50),  # the second is the first after it
    )
    clinic.clock.advance(days=5)
    await clinic.log(*mg(clinic.clock.now - timedelta(minutes=1), 50, 300))  # the second is the next one's
    clinic.clock.advance(seconds=-1)
    second = await clinic.revise(first)
    clinic.clock.advance(seconds=1)
    await clinic.answer(second)
    clinic.clock.advance(days=20)
    await clinic.log(*mg(begin + timedelta(days=19), 100))  # 14 days after the second one, to the minute
    one, two = await effect(clinic, place=2), await effect(clinic)
    assert (one.before_count, one.before_in_range_percent) == (2, 100)
    assert (one.after_count, one.after_below_range_percent) == (2, 100)
    assert (two.before_count, two.after_count, two.after_in_range_percent) == (3, 1, 0)


async def test_deleted_readings_and_fingersticks_beside_a_sensor_do_not_count(clinic: Clinic) -> None:
    begin = clinic.clock.now
    deleted = PHONE.sensor_reading(begin - timedelta(hours=3), 50)
    await clinic.log(
        deleted,
        PHONE.sensor_reading(begin - timedelta(hours=2), 100),
        PHONE.fingerstick_reading(begin - timedelta(hours=1), 50),
        PHONE.fingerstick_reading(begin, 60),  # after, where there is no sensor
    )
    await clinic.fetch(
        "update entry set deleted = true where patient_id = $1 and mg_per_dl = 50 and kind = 10", clinic.patient
    )
    await clinic.in_force()
    clinic.clock.advance(days=1)
    found = await effect(clinic)
    assert (found.before_count, found.before_in_range_percent) == (1, 100)
    assert (found.after_count, found.after_below_range_percent) == (1, 100)


async def test_no_readings_no_effect(clinic: Clinic) -> None:
    begin = clinic.clock.now
    await clinic.in_force()
    clinic.clock.advance(days=1)
    assert (await effect(clinic)).before_count == -1
    await clinic.log(*mg(begin + timedelta(hours=1), 100))
    found = await effect(clinic)
    assert not found.HasField("before_in_range_percent")
    assert (found.before_count, found.after_count, found.after_in_range_percent) == (0, 1, 100)


async def test_an_effect_is_of_the_readings_that_the_caller_may_see(clinic: Clinic) -> None:
    begin = clinic.clock.now
    await clinic.log(*mg(begin - timedelta(days=1), 100, 100))
    await clinic.in_force()
    await clinic.log(*mg(begin, 100))
    clinic.clock.advance(days=1)

    async def counts(*windows: Window) -> tuple[int, int]:
        found = await effect(clinic, seen(PLANS, *windows))
        return found.before_count, found.after_count

    assert await counts() == (-1, 0)
    assert await counts(Window(Scope.SCOPE_DOSE_READ)) == (-1, 0)
    assert await counts(Window(Scope.SCOPE_REPORT_READ)) == (2, 1)
    assert await counts(Window(Scope.SCOPE_GLUCOSE_READ, start_time=begin)) == (0, 1)
    both = Window(Scope.SCOPE_GLUCOSE_READ, start_time=begin), Window(Scope.SCOPE_REPORT_READ, end_time=begin)
    assert await counts(*both) == (2, 1)


async def test_each_caller_sees_the_steps_that_their_grants_open(clinic: Clinic) -> None:
    entry = PHONE.sensor_reading(clinic.clock.now, 60)
    await clinic.log(entry)
    for _ in range(2):
        await raise_alert(clinic, entry)
        clinic.clock.advance(hours=1)
        await clinic.comment("and now?")
        clinic.clock.advance(hours=1)
    later = clinic.clock.now - timedelta(hours=2)

    async def steps(*windows: Window) -> list[str | None]:
        return [item.WhichOneof("step") for item in (await clinic.steps(seen(*windows))).items]

    assert await steps(ALERTS, PLANS) == ["comment", "alert_step"] * 2
    assert await steps(ALERTS) == ["alert_step"] * 2
    assert await steps(PLANS) == ["comment"] * 2
    assert await steps(Window(Scope.SCOPE_GLUCOSE_READ)) == []
    assert await steps(Window(Scope.SCOPE_ALERT_READ, start_time=later), PLANS) == ["comment", "alert_step", "comment"]
    assert await steps(Window(Scope.SCOPE_PLAN_READ, end_time=later)) == ["comment"]


async def test_repeated_words_are_said_once(clinic: Clinic) -> None:
    same = request_id()
    item = await clinic.comment("once", request_id=same)
    assert await clinic.comment("once", request_id=same) == item
    with refused(Reason.REASON_REQUEST_ID_REUSED):
        await clinic.comment("twice", request_id=same)
    assert len((await clinic.steps()).items) == 1
    assert await clinic.pushed() == ["comment"]


async def test_a_part_of_the_time(clinic: Clinic) -> None:
    times = []
    for word in "one", "two", "three":
        times.append(clinic.clock.now)
        await clinic.comment(word)
        clinic.clock.advance(hours=1)
    found = await clinic.steps(start_time=to_timestamp(times[1]), end_time=to_timestamp(times[2]))
    assert [item.comment.text for item in found.items] == ["two"]


async def test_pages_hold_each_step_once(clinic: Clinic) -> None:
    """Two steps of one instant too, and whatever comes meanwhile."""
    texts = {str(n) for n in range(7)}
    for n, text in enumerate(sorted(texts)):
        await clinic.comment(text)
        clinic.clock.advance(minutes=n % 2)
    found, token = [], ""
    while True:
        page = await clinic.steps(page_size=2, page_token=token)
        found += [item.comment.text for item in page.items]
        if not (token := page.next_page_token):
            break
        clinic.clock.advance(minutes=1)
        await clinic.comment("meanwhile")
    assert (len(found), set(found)) == (7, texts)
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        await clinic.steps(page_token="W10=")


@pytest.mark.parametrize("scope", [Scope.SCOPE_PLAN_READ, Scope.SCOPE_PLAN_WRITE])
async def test_nobody_comments_by_a_grant_for_the_past(clinic: Clinic, scope: Scope.ValueType) -> None:
    past = seen(Window(scope, end_time=clinic.clock.now), Window(Scope.SCOPE_GLUCOSE_READ))
    with refused(Reason.REASON_PATIENT_ACCESS_DENIED):
        await clinic.comment("too late", view=past)
    assert not (await clinic.steps()).items


@pytest.mark.parametrize("kind", ["entry_id", "alert_id", "item_id"])
async def test_a_cause_that_the_caller_does_not_see_is_none(clinic: Clinic, kind: str) -> None:
    """Else its answer would tell that there is one: a device's entries have ids that can be computed."""
    now = clinic.clock.now
    low = PHONE.sensor_reading(now, 60)
    await clinic.log(low)
    alert_id = await raise_alert(clinic, low)
    (raised,) = (await clinic.steps()).items
    cause = Cause(**{kind: {"entry_id": low.entry_id, "alert_id": alert_id, "item_id": raised.item_id}[kind]})
    scope = Scope.SCOPE_GLUCOSE_READ if kind == "entry_id" else Scope.SCOPE_ALERT_READ
    for hiding in seen(PLANS), seen(PLANS, Window(scope, end_time=now)):
        with refused(Reason.REASON_NOT_FOUND):
            await clinic.comment("about that", cause=cause, view=hiding)
    assert (await clinic.comment("about that", cause=cause, view=seen(PLANS, Window(scope)))).cause == cause
