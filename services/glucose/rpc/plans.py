"""`apricot.glucose.v1.PlanService`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.prescription_pb2 import Finding
from apricot.glucose.v1 import plan_pb2
from apricot.glucose.v1.plan_pb2 import Plan
from apricot.glucose.v1.timeline_pb2 import (
    PLAN_STEP_KIND_ACCEPTED,
    PLAN_STEP_KIND_DECLINED,
    PLAN_STEP_KIND_REVISED,
    Cause,
    PlanStep,
    PlanStepKind,
    TimelineItem,
)
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import invalid_field, not_found
from kit.idempotency import answer_once, first_answer
from kit.outbox import Relay
from kit.pushes import add_pushes
from kit.times import to_timestamp
from prescribing.overrides import require_safe
from services.glucose import events
from services.glucose.domain.plans import (
    Act,
    State,
    UnknownLineError,
    require_answerable,
    require_decided,
    require_revisable,
)
from services.glucose.domain.schedule import next_due
from services.glucose.rpc import following
from services.glucose.rpc.causes import cause_of
from services.glucose.rpc.drafting import make_draft
from services.glucose.rpc.plan_checking import PlanChecks
from services.glucose.rpc.plan_content import require_plan_content
from services.glucose.rpc.shown import ranges, require_present
from services.glucose.store import plans as store
from services.glucose.store.plan_lines import followed
from services.glucose.store.plan_tables import PlanRow

type WriteRequest = plan_pb2.CreatePlanRequest | plan_pb2.RevisePlanRequest


class Place(NamedTuple):
    """Where a revision stands."""

    plan_id: str
    revision: int


_PAGE_BYTES = 4 << 20
"""A page ends here, however many revisions were asked for: one may hold 100 kB of words."""


class Plans:
    """A patient's plans."""

    def __init__(self, database: Database, relay: Relay, checks: PlanChecks, clock: Clock) -> None:
        self._database = database
        self._relay = relay
        self._checks = checks
        self._clock = clock

    async def DraftPlan(self, request: plan_pb2.DraftPlanRequest, call: Call) -> plan_pb2.DraftPlanResponse:
        patient, now = UUID(request.patient_id), self._clock()
        require_present(call, patient, Scope.SCOPE_PLAN_WRITE, now)
        async with self._database.transaction() as session:

            async def draft() -> plan_pb2.DraftPlanResponse:
                made = await make_draft(session, patient, call.view(patient), now)
                store.add_draft(session, patient, made)
                return plan_pb2.DraftPlanResponse(draft=made)

            return await answer_once(session, call, request, plan_pb2.DraftPlanResponse, draft)

    async def CheckPlan(self, request: plan_pb2.CheckPlanRequest, call: Call) -> plan_pb2.CheckPlanResponse:
        patient, now = UUID(request.patient_id), self._clock()
        require_present(call, patient, Scope.SCOPE_PLAN_WRITE, now)
        require_plan_content(request.content)
        return plan_pb2.CheckPlanResponse(findings=await self._checks.findings(patient, request.content, now))

    async def CreatePlan(self, request: plan_pb2.CreatePlanRequest, call: Call) -> plan_pb2.CreatePlanResponse:
        patient, now = UUID(request.patient_id), self._clock()
        require_present(call, patient, Scope.SCOPE_PLAN_WRITE, now)
        async with self._database.transaction() as session:
            if (first := await first_answer(session, call, request, plan_pb2.CreatePlanResponse)) is not None:
                return first
        require_plan_content(request.content)
        findings = await self._safe(request, now)
        async with self._database.transaction() as session:

            async def create() -> plan_pb2.CreatePlanResponse:
                await store.lock(session, patient)
                plan = await self._propose(session, request, call, now, Place(str(uuid4()), 1), findings)
                return plan_pb2.CreatePlanResponse(plan=plan)

            response = await answer_once(session, call, request, plan_pb2.CreatePlanResponse, create)
        await self._relay.wake()
        return response

    async def RevisePlan(self, request: plan_pb2.RevisePlanRequest, call: Call) -> plan_pb2.RevisePlanResponse:
        patient, now = UUID(request.patient_id), self._clock()
        require_present(call, patient, Scope.SCOPE_PLAN_WRITE, now)
        async with self._database.transaction() as session:
            if (first := await first_answer(session, call, request, plan_pb2.RevisePlanResponse)) is not None:
                return first
        require_plan_content(request.content)
        findings = await self._safe(request, now)
        async with self._database.transaction() as session:

            async def revise() -> plan_pb2.RevisePlanResponse:
                revisions = await _locked(session, patient, request.plan_id)
                require_revisable([store.standing_of(row) for row in revisions], request.expected_revision)
                place = Place(str(revisions[0].plan_id), revisions[0].revision + 1)
                plan = await self._propose(session, request, call, now, place, findings)
                return plan_pb2.RevisePlanResponse(plan=plan)

            response = await answer_once(session, call, request, plan_pb2.RevisePlanResponse, revise)
        await self._relay.wake()
        return response

    async def AnswerPlan(self, request: plan_pb2.AnswerPlanRequest, call: Call) -> plan_pb2.AnswerPlanResponse:
        patient, now = UUID(request.patient_id), self._clock()
        async with self._database.transaction() as session:

            async def answer() -> plan_pb2.AnswerPlanResponse:
                revisions = await _locked(session, patient, request.plan_id)
                row = revisions[0]
                if request.revision > row.revision:
                    raise not_found("revision")
                require_answerable(store.standing_of(row), request.revision)
                if request.accept:
                    await store.replace(session, await store.in_state(session, patient, State.ACTIVE), now)
                act = Act.ACCEPT if request.accept else Act.DECLINE
                await store.answer(session, row, act, request.note, now)
                plan = store.plan_of(row)
                if request.accept:
                    lines, zone = followed(plan.content)
                    await store.set_reminder(session, row, next_due((line.times for line in lines), zone, now))
                kind = PLAN_STEP_KIND_ACCEPTED if request.accept else PLAN_STEP_KIND_DECLINED
                item = _item(plan, kind, call, now, Cause(item_id=str(row.item_id)))
                events.add_timeline_item(session, item)
                return plan_pb2.AnswerPlanResponse(plan=plan)

            response = await answer_once(session, call, request, plan_pb2.AnswerPlanResponse, answer)
        await self._relay.wake()
        return response

    async def GetActivePlan(self, request: plan_pb2.GetActivePlanRequest, call: Call) -> plan_pb2.GetActivePlanResponse:
        patient = UUID(request.patient_id)
        shown = ranges(call.view(patient), Scope.SCOPE_PLAN_READ)
        async with self._database.transaction() as session:
            found = await store.current(session, patient, shown)
        if not found:
            raise not_found("plan")
        plans = {state: store.plan_of(row) for state, row in found.items()}
        return plan_pb2.GetActivePlanResponse(active=plans.get(State.ACTIVE), proposed=plans.get(State.PROPOSED))

    async def ListPlans(self, request: plan_pb2.ListPlansRequest, call: Call) -> plan_pb2.ListPlansResponse:
        patient, size = UUID(request.patient_id), paging.page_size(request.page_size)
        shown = ranges(call.view(patient), Scope.SCOPE_PLAN_READ)
        async with self._database.transaction() as session:
            wanted = store.PlanList(patient, shown, limit=size + 1, behind=_behind(request))
            found = await store.list_revisions(session, wanted)
        response = plan_pb2.ListPlansResponse()
        bytes_left = _PAGE_BYTES
        for row in found[:size]:
            if response.plans and bytes_left < len(row.body):
                break
            response.plans.append(store.plan_of(row))
            bytes_left -= len(row.body)
        if len(found) > (shown_count := len(response.plans)):
            last = found[shown_count - 1]
            key = last.create_time.isoformat(), str(last.plan_id), last.revision
            response.next_page_token = paging.encode(key, request)
        return response

    async def GetAdherence(self, request: plan_pb2.GetAdherenceRequest, call: Call) -> plan_pb2.GetAdherenceResponse:
        return await following.adherence(self._database, request, call, self._clock())

    async def ListReminders(self, request: plan_pb2.ListRemindersRequest, call: Call) -> plan_pb2.ListRemindersResponse:
        return await following.reminders(self._database, request, call, self._clock())

    async def _safe(self, request: WriteRequest, now: datetime) -> list[Finding]:
        """Return what the check found where it lets the plan pass. Raises what `PlanChecks.findings` and `require_safe`
        raise."""
        findings = await self._checks.findings(UUID(request.patient_id), request.content, now)
        require_safe(findings, request.overrides)
        return findings

    async def _propose(
        self,
        session: AsyncSession,
        request: WriteRequest,
        call: Call,
        now: datetime,
        place: Place,
        findings: Sequence[Finding],
    ) -> Plan:
        """Write a revision; it waits for the patient's answer in the place of any other that waits."""
        patient = UUID(request.patient_id)
        cause = await cause_of(session, patient, request.cause, call.view(patient))
        await _require_decided(session, patient, request)
        plan = Plan(
            plan_id=place.plan_id,
            patient_id=str(patient),
            revision=place.revision,
            content=request.content,
            author_id=str(call.caller.account_id),
            create_time=to_timestamp(now),
            state=plan_pb2.PLAN_STATE_PROPOSED,
            cause=cause,
            draft_id=request.draft_id,
            decisions=request.decisions,
            findings=findings,
            overrides=request.overrides,
        )
        item = _item(plan, PLAN_STEP_KIND_REVISED, call, now, cause)
        await store.replace(session, await store.in_state(session, patient, State.PROPOSED), now)
        store.add(session, plan, UUID(item.item_id))
        events.add_timeline_item(session, item)
        if call.caller.account_id != patient:
            add_pushes(
                session, [patient], patient=patient, kind="plan", reference=UUID(place.plan_id), urgent=False, now=now
            )
        return plan


async def _locked(session: AsyncSession, patient: UUID, plan_id: str) -> list[PlanRow]:
    """A plan's revisions, the newest first; nobody else writes the patient's plans meanwhile. Errors: NOT_FOUND."""
    await store.lock(session, patient)
    revisions = list(await store.revisions_of(session, patient, UUID(plan_id)))
    if not revisions:
        raise not_found("plan")
    return revisions


async def _require_decided(session: AsyncSession, patient: UUID, request: WriteRequest) -> None:
    """A draft's every line is decided. Errors: NOT_FOUND, DRAFT_UNDECIDED, INVALID_FIELD."""
    if not request.draft_id:
        if request.decisions:
            raise invalid_field("decisions", "belong to a draft, and none is named")
        return
    draft = await store.find_draft(session, patient, UUID(request.draft_id))
    if draft is None:
        raise not_found("draft")
    decided = [UUID(decision.line_id) for decision in request.decisions]
    try:
        require_decided([UUID(line.line_id) for line in draft.lines], decided)
    except UnknownLineError as error:
        raise invalid_field("decisions", str(error)) from error


def _item(plan: Plan, kind: PlanStepKind.ValueType, call: Call, now: datetime, cause: Cause | None) -> TimelineItem:
    """The step of the timeline that tells what happened to a revision."""
    return TimelineItem(
        item_id=str(uuid4()),
        patient_id=plan.patient_id,
        time=to_timestamp(now),
        actor_id=str(call.caller.account_id),
        cause=cause,
        plan_step=PlanStep(plan_id=plan.plan_id, revision=plan.revision, kind=kind),
    )


def _behind(request: plan_pb2.ListPlansRequest) -> tuple[datetime, UUID, int] | None:
    """Time, plan and revision of the last one already listed. Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, (str, str, int))
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]).astimezone(UTC), UUID(key[1]), key[2]
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error
