"""A plan's life: written, answered, revised, ended; each step kept, told and pushed."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from apricot.access.v1.access_pb2 import Scope
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, INSULIN_KIND_RAPID, Decimal
from apricot.glucose.v1.plan_pb2 import (
    PLAN_STATE_ACTIVE,
    PLAN_STATE_DECLINED,
    PLAN_STATE_ENDED,
    PLAN_STATE_PROPOSED,
    CreatePlanRequest,
    LineDecision,
    PlanContent,
    PlannedMedicine,
)
from apricot.glucose.v1.timeline_pb2 import (
    PLAN_STEP_KIND_ACCEPTED,
    PLAN_STEP_KIND_DECLINED,
    PLAN_STEP_KIND_REVISED,
    Cause,
)

from kit.errors import ApricotError
from kit.times import to_datetime
from kit.views import View, Window
from services.glucose.domain.entries import RevisionMismatchError
from tests.glucose.plans.planned import PHONE, Clinic, content, refused, request_id


def medicine(**changes: object) -> PlannedMedicine:
    said: dict[str, object] = {"name": "metformin", "amount": Decimal(value="500"), "unit": DOSE_UNIT_MG}
    return PlannedMedicine(**(said | {"minutes_of_day": [480]} | changes))  # type: ignore[arg-type]


async def test_a_plan_waits_for_the_patient_and_is_then_in_force(clinic: Clinic) -> None:
    with refused(Reason.REASON_NOT_FOUND):
        await clinic.active()
    written = await clinic.create()
    assert (written.revision, written.state, written.author_id) == (1, PLAN_STATE_PROPOSED, str(clinic.clinician))
    assert written.content == content()
    assert await clinic.pushed() == ["plan"]
    waiting = await clinic.active()
    assert not waiting.HasField("active")
    assert waiting.proposed == written
    clinic.clock.advance(hours=1)
    accepted = await clinic.answer(written, note="好的")
    assert (accepted.state, accepted.answer_note) == (PLAN_STATE_ACTIVE, "好的")
    assert to_datetime(accepted.answer_time) == clinic.clock.now
    found = await clinic.active()
    assert found.active == accepted
    assert not found.HasField("proposed")


async def test_the_old_revision_stays_in_force_until_the_new_one_is_accepted(clinic: Clinic) -> None:
    first = await clinic.in_force()
    clinic.clock.advance(days=1)
    second = await clinic.revise(first, content(notes="less at dinner"))
    assert (second.plan_id, second.revision) == (first.plan_id, 2)
    both = await clinic.active()
    assert (both.active.revision, both.proposed.revision) == (1, 2)
    declined = await clinic.answer(second, accept=False, note="太多了")
    assert (declined.state, declined.answer_note) == (PLAN_STATE_DECLINED, "太多了")
    assert (await clinic.active()).active.revision == 1
    third = await clinic.answer(await clinic.revise(declined))
    clinic.clock.advance(minutes=1)
    states = [(plan.revision, plan.state) for plan in (await clinic.listed()).plans]
    assert states == [(3, PLAN_STATE_ACTIVE), (2, PLAN_STATE_DECLINED), (1, PLAN_STATE_ENDED)]
    ended = (await clinic.listed()).plans[-1]
    assert ended.end_time == third.answer_time


async def test_a_new_plan_takes_the_place_of_the_old_one(clinic: Clinic) -> None:
    old = await clinic.in_force()
    clinic.clock.advance(days=1)
    new = await clinic.create()
    assert (await clinic.active()).active.plan_id == old.plan_id
    await clinic.answer(new)
    assert (await clinic.active()).active.plan_id == new.plan_id
    with refused(Reason.REASON_WRONG_STATE):
        await clinic.revise(old)


async def test_what_waits_gives_way_to_what_is_written_later(clinic: Clinic) -> None:
    first = await clinic.in_force()
    waiting = await clinic.revise(first)
    other = await clinic.create(by=uuid4())
    assert (await clinic.active()).proposed.plan_id == other.plan_id
    with refused(Reason.REASON_WRONG_STATE):
        await clinic.answer(waiting)
    newer = await clinic.revise(waiting)  # the plan itself is still in force
    with refused(Reason.REASON_REVISION_MISMATCH):
        await clinic.answer(waiting)
    with refused(Reason.REASON_WRONG_STATE):
        await clinic.answer(other)
    assert (await clinic.answer(newer)).revision == 3


async def test_a_plan_that_another_took_the_place_of_has_ended_whatever_its_last_revision_says(clinic: Clinic) -> None:
    old = await clinic.in_force()
    declined = await clinic.answer(await clinic.revise(old), accept=False)
    waiting = await clinic.create()
    new = await clinic.create()  # the one that waits has ended, too
    await clinic.revise(declined)  # the old one is still in force
    with refused(Reason.REASON_WRONG_STATE):
        await clinic.revise(waiting)
    with refused(Reason.REASON_WRONG_STATE):
        await clinic.answer(new)
    await clinic.in_force()
    for ended in old, new:
        with refused(Reason.REASON_WRONG_STATE):
            await clinic.revise(ended, expected_revision=3 if ended is old else 1)


async def test_an_answer_is_given_once(clinic: Clinic) -> None:
    plan = await clinic.create()
    await clinic.answer(plan, accept=False)
    with refused(Reason.REASON_WRONG_STATE):
        await clinic.answer(plan)
    with refused(Reason.REASON_NOT_FOUND):
        await clinic.answer(plan, revision=2)
    with refused(Reason.REASON_NOT_FOUND):
        await clinic.answer(plan, plan_id=str(uuid4()))


async def test_of_two_clinicians_at_once_one_wins(clinic: Clinic) -> None:
    plan = await clinic.in_force()
    outcomes = await asyncio.gather(
        *(clinic.revise(plan, content(notes=str(n)), by=uuid4()) for n in range(8)), return_exceptions=True
    )
    won = [each for each in outcomes if not isinstance(each, BaseException)]
    assert [each.revision for each in won] == [2]
    assert sum(isinstance(each, RevisionMismatchError) for each in outcomes) == 7
    assert (await clinic.active()).proposed == won[0]


async def test_of_many_answers_at_once_one_counts(clinic: Clinic) -> None:
    plan = await clinic.create()
    outcomes = await asyncio.gather(*(clinic.answer(plan, accept=n % 2 == 0) for n in range(6)), return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in outcomes) == 1
    kinds = [item.plan_step.kind for item in (await clinic.steps()).items]
    assert len(kinds) == 2


async def test_new_plans_at_once_leave_one_waiting(clinic: Clinic) -> None:
    await asyncio.gather(*(clinic.create() for _ in range(6)))
    states = sorted(plan.state for plan in (await clinic.listed()).plans)
    assert states == [PLAN_STATE_PROPOSED] + [PLAN_STATE_ENDED] * 5


async def test_a_repeated_request_writes_once(clinic: Clinic) -> None:
    same = request_id()
    first = await clinic.create(request_id=same)
    assert await clinic.create(request_id=same) == first
    with refused(Reason.REASON_REQUEST_ID_REUSED):
        await clinic.create(content(notes="other"), request_id=same)
    same = request_id()
    accepted = await clinic.answer(first, request_id=same)
    assert await clinic.answer(first, request_id=same) == accepted
    assert len((await clinic.listed()).plans) == 1
    assert len((await clinic.steps()).items) == 2
    assert await clinic.pushed() == ["plan"]


async def test_what_was_written_cannot_be_changed(clinic: Clinic) -> None:
    """Not by a query of ours, not by hand."""
    await clinic.create()
    for change in "body = ''", "create_time = now()", "revision = 2":
        statement = f"update plan_revision set {change} where patient_id = $1"  # noqa: S608  one of these words
        with pytest.raises(asyncpg.RaiseError):
            await clinic.fetch(statement, clinic.patient)


async def test_two_can_never_be_in_force(clinic: Clinic) -> None:
    await clinic.in_force()
    await clinic.create()
    with pytest.raises(asyncpg.UniqueViolationError):
        await clinic.fetch("update plan_revision set state = 2 where patient_id = $1", clinic.patient)


async def test_each_step_is_told_with_its_cause(clinic: Clinic) -> None:
    reading = PHONE.fingerstick_reading(clinic.clock.now, 62)
    await clinic.log(reading)
    plan = await clinic.create(cause=Cause(entry_id=reading.entry_id.upper()))
    clinic.clock.advance(minutes=1)
    await clinic.answer(plan, accept=False)
    clinic.clock.advance(minutes=1)
    second = await clinic.revise(plan)
    clinic.clock.advance(minutes=1)
    await clinic.answer(second)
    accepted, revised, declined, written = (await clinic.steps()).items
    assert plan.cause.entry_id == written.cause.entry_id == reading.entry_id
    assert (declined.cause.item_id, accepted.cause.item_id) == (written.item_id, revised.item_id)
    assert not revised.HasField("cause")
    told = [(item.plan_step.kind, item.plan_step.revision, item.actor_id) for item in (written, declined, accepted)]
    assert told == [
        (PLAN_STEP_KIND_REVISED, 1, str(clinic.clinician)),
        (PLAN_STEP_KIND_DECLINED, 1, clinic.patient_id),
        (PLAN_STEP_KIND_ACCEPTED, 2, clinic.patient_id),
    ]


async def test_a_cause_is_the_patient_s_own(clinic: Clinic) -> None:
    other = Clinic(clinic.database)
    reading = PHONE.fingerstick_reading(clinic.clock.now, 62)
    await other.log(reading)
    item = await other.comment("hers")
    for cause in (
        Cause(entry_id=reading.entry_id),
        Cause(item_id=item.item_id),
        Cause(alert_id=str(uuid4())),
        Cause(entry_id=str(uuid4())),
    ):
        with refused(Reason.REASON_NOT_FOUND):
            await clinic.create(cause=cause)
        with refused(Reason.REASON_NOT_FOUND):
            await clinic.comment("why?", cause=cause)
    assert not (await clinic.listed()).plans


@pytest.mark.parametrize(
    ("said", "reason", "field"),
    [
        (content(time_zone="Mars/Olympus"), Reason.REASON_ZONE_UNKNOWN, "content.time_zone"),
        (
            content(medicines=[medicine(), medicine(amount=Decimal(value="0.000"))]),
            Reason.REASON_VALUE_IMPOSSIBLE,
            "content.medicines[1].amount",
        ),
        (
            content(
                medicines=[
                    medicine(
                        name="insulin aspart", insulin_kind=INSULIN_KIND_RAPID, unit=0, amount=Decimal(value="300.001")
                    )
                ]
            ),
            Reason.REASON_VALUE_IMPOSSIBLE,
            "content.medicines[0].amount",
        ),
        (content(medicines=[medicine(unit=0)]), Reason.REASON_INVALID_FIELD, "content.medicines[0].unit"),
        (
            content(medicines=[medicine(name="insulin aspart", insulin_kind=INSULIN_KIND_RAPID)]),
            Reason.REASON_INVALID_FIELD,
            "content.medicines[0].unit",
        ),
        (content(medicines=[medicine(name=" ")]), Reason.REASON_INVALID_FIELD, "content.medicines[0].name"),
    ],
)
async def test_bad_content_is_named(clinic: Clinic, said: PlanContent, reason: int, field: str) -> None:
    plan = await clinic.create()
    for write in (clinic.create(said), clinic.revise(plan, said)):
        with pytest.raises(ApricotError) as caught:
            await write
        assert (caught.value.reason, [each.field for each in caught.value.violations]) == (reason, [field])


async def test_300_units_are_the_most(clinic: Clinic) -> None:
    most = medicine(name="insulin aspart", insulin_kind=INSULIN_KIND_RAPID, unit=0, amount=Decimal(value="300.000"))
    assert (await clinic.create(content(medicines=[most]))).content.medicines[0].amount.value == "300.000"


async def test_every_line_of_a_draft_is_decided(clinic: Clinic) -> None:
    draft = await clinic.draft()
    (line,) = draft.lines
    decided = LineDecision(line_id=line.line_id.upper(), accepted=True, note="will measure")
    with refused(Reason.REASON_DRAFT_UNDECIDED):
        await clinic.create(draft_id=draft.draft_id)
    for wrong in [decided, decided], [decided, LineDecision(line_id=str(uuid4()))]:
        with refused(Reason.REASON_INVALID_FIELD):
            await clinic.create(draft_id=draft.draft_id, decisions=wrong)
    with refused(Reason.REASON_INVALID_FIELD):
        await clinic.create(decisions=[decided])
    with refused(Reason.REASON_NOT_FOUND):
        await clinic.create(draft_id=str(uuid4()), decisions=[decided])
    other = Clinic(clinic.database)
    with refused(Reason.REASON_NOT_FOUND):
        await other.create(draft_id=draft.draft_id, decisions=[decided])
    plan = await clinic.create(draft_id=draft.draft_id, decisions=[decided])
    assert (plan.draft_id, list(plan.decisions)) == (draft.draft_id, [decided])
    with refused(Reason.REASON_DRAFT_UNDECIDED):
        await clinic.revise(plan, draft_id=draft.draft_id)


async def test_pages_hold_each_revision_once(clinic: Clinic) -> None:
    plan = await clinic.create()
    for _ in range(6):
        clinic.clock.advance(minutes=1)
        plan = await clinic.revise(plan)
    found, token = [], ""
    while True:
        page = await clinic.listed(page_size=3, page_token=token)
        found += [each.revision for each in page.plans]
        if not (token := page.next_page_token):
            break
        plan = await clinic.revise(plan)
    assert found == [7, 6, 5, 4, 3, 2, 1]
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        await clinic.listed(page_token="W10=")


async def test_a_page_of_long_plans_stays_small_enough_to_send(clinic: Clinic) -> None:
    long = content(
        notes="\U0001f34a" * 4000,
        medicines=[medicine(amount=Decimal(value="100"), instructions="\U0001f34a" * 500)] * 20,
    )
    plan = await clinic.create(long)
    for _ in range(80):
        plan = await clinic.revise(plan, long)
    page = await clinic.listed(page_size=1000)
    rest = await clinic.listed(page_size=1000, page_token=page.next_page_token)
    assert page.ByteSize() < 5 << 20
    assert len(page.plans) + len(rest.plans) == 81


async def test_a_range_shows_the_plans_of_its_time(clinic: Clinic) -> None:
    """A revision belongs to the time in which it waited and was in force."""
    begin = clinic.clock.now
    first = await clinic.in_force()
    clinic.clock.advance(days=10)
    await clinic.answer(await clinic.revise(first))
    clinic.clock.advance(days=10)

    def view(start_days: float, end_days: float) -> View:
        start, end = begin + timedelta(days=start_days), begin + timedelta(days=end_days)
        return View(frozenset({Window(Scope.SCOPE_PLAN_READ, start, end)}))

    async def shown(start_days: float, end_days: float) -> list[int]:
        return [plan.revision for plan in (await clinic.listed(view(start_days, end_days))).plans]

    assert await shown(-5, -1) == []
    assert await shown(2, 5) == [1]
    assert await shown(5, 15) == [2, 1]
    assert await shown(12, 15) == [2]
    assert (await clinic.active(view(12, 15))).active.revision == 2
    with refused(Reason.REASON_NOT_FOUND):
        await clinic.active(view(2, 5))


async def test_nobody_writes_by_a_grant_for_the_past(clinic: Clinic) -> None:
    past = View(frozenset({Window(Scope.SCOPE_PLAN_WRITE, end_time=clinic.clock.now)}))
    request = CreatePlanRequest(patient_id=clinic.patient_id, request_id=request_id(), content=content())
    with refused(Reason.REASON_PATIENT_ACCESS_DENIED):
        await clinic.plans.CreatePlan(request, clinic.call("PlanService/CreatePlan", view=past))
