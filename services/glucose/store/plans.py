"""Queries on plans. Each carries the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apricot.glucose.v1.plan_pb2 import Plan, PlanDraft, PlanState
from sqlalchemy import ColumnElement, text, tuple_
from sqlmodel import case, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.times import to_datetime, to_timestamp
from kit.views import END, Range
from services.glucose.domain.adherence import Force
from services.glucose.domain.plans import Act, Standing, State, after
from services.glucose.store.plan_tables import PlanDraftRow, PlanRow, ReminderRow
from services.glucose.store.ranges import overlap


@dataclass(frozen=True)
class PlanList:
    """What to list."""

    patient_id: UUID
    shown: Sequence[Range]
    """A revision is shown when it waited or was in force in one of these ranges."""
    limit: int
    behind: tuple[datetime, UUID, int] | None = None
    """Time, plan and revision of the last one already shown."""


async def lock(session: AsyncSession, patient: UUID) -> None:
    """One writer of a patient's plans at a time, to the end of the transaction."""
    key = {"key": f"plans of patient_id {patient}"}
    await (await session.connection()).execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)


async def revisions_of(session: AsyncSession, patient: UUID, plan: UUID) -> Sequence[PlanRow]:
    """All revisions of a plan, the newest first."""
    query = select(PlanRow).where(col(PlanRow.patient_id) == patient, col(PlanRow.plan_id) == plan)
    return (await session.exec(query.order_by(col(PlanRow.revision).desc()))).all()


async def in_state(session: AsyncSession, patient: UUID, state: State) -> PlanRow | None:
    """The one revision in force, or the one that waits for an answer."""
    query = select(PlanRow).where(col(PlanRow.patient_id) == patient, col(PlanRow.state) == state)
    return (await session.exec(query)).one_or_none()


async def current(session: AsyncSession, patient: UUID, shown: Sequence[Range]) -> dict[State, PlanRow]:
    """The revision in force and the one that waits, as of one instant, where they are shown."""
    is_current = col(PlanRow.state).in_((State.ACTIVE, State.PROPOSED))
    query = select(PlanRow).where(col(PlanRow.patient_id) == patient, is_current, _is_shown(shown))
    return {State(row.state): row for row in await session.exec(query)}


async def in_force_before(session: AsyncSession, patient: UUID, instant: datetime) -> PlanRow | None:
    """The revision in force just before an instant."""
    query = select(PlanRow).where(
        col(PlanRow.patient_id) == patient,
        col(PlanRow.state).in_((State.ACTIVE, State.ENDED)),
        col(PlanRow.answer_time) < instant,
        (col(PlanRow.end_time).is_(None)) | (col(PlanRow.end_time) >= instant),
    )
    return (await session.exec(query.order_by(col(PlanRow.answer_time).desc()).limit(1))).one_or_none()


async def list_revisions(session: AsyncSession, wanted: PlanList) -> Sequence[PlanRow]:
    """Revisions of all plans, newest first."""
    place = tuple_(col(PlanRow.create_time), col(PlanRow.plan_id), col(PlanRow.revision))
    query = select(PlanRow).where(col(PlanRow.patient_id) == wanted.patient_id, _is_shown(wanted.shown))
    if wanted.behind is not None:
        query = query.where(place < tuple_(*wanted.behind))
    return (await session.exec(query.order_by(*(part.desc() for part in place.clauses)).limit(wanted.limit))).all()


def add(session: AsyncSession, plan: Plan, item: UUID) -> None:
    """A new revision, proposed; told by that item of the timeline."""
    session.add(
        PlanRow(
            patient_id=UUID(plan.patient_id),
            plan_id=UUID(plan.plan_id),
            revision=plan.revision,
            create_time=to_datetime(plan.create_time),
            item_id=item,
            body=plan.SerializeToString(),
            state=State.PROPOSED,
        )
    )


async def replace(session: AsyncSession, row: PlanRow | None, now: datetime) -> None:
    """Another takes its place. Written at once: only one may be in force, and one wait."""
    if row is not None:
        row.state, row.end_time = after(State(row.state), Act.REPLACE), now
        await session.flush()


async def answer(session: AsyncSession, row: PlanRow, act: Act, note: str, now: datetime) -> None:
    """The patient accepts or declines it."""
    row.state, row.answer_time, row.answer_note = after(State(row.state), act), now, note
    await session.flush()


async def set_reminder(session: AsyncSession, row: PlanRow, due_time: datetime | None) -> None:
    """From now on the patient is reminded by this revision, first at that time; None: never."""
    found = await session.get(ReminderRow, row.patient_id)
    if due_time is None:
        if found is not None:
            await session.delete(found)
        return
    reminder = found or ReminderRow(patient_id=row.patient_id, plan_id=row.plan_id, revision=0, due_time=due_time)
    reminder.plan_id, reminder.revision, reminder.due_time = row.plan_id, row.revision, due_time
    session.add(reminder)


def add_draft(session: AsyncSession, patient: UUID, draft: PlanDraft) -> None:
    """Keep a draft as it was made."""
    session.add(
        PlanDraftRow(
            patient_id=patient,
            draft_id=UUID(draft.draft_id),
            create_time=to_datetime(draft.create_time),
            body=draft.SerializeToString(),
        )
    )


async def find_draft(session: AsyncSession, patient: UUID, draft: UUID) -> PlanDraft | None:
    """A draft of the patient's."""
    query = select(PlanDraftRow).where(col(PlanDraftRow.patient_id) == patient, col(PlanDraftRow.draft_id) == draft)
    row = (await session.exec(query)).one_or_none()
    return None if row is None else PlanDraft.FromString(row.body)


def plan_of(row: PlanRow) -> Plan:
    """The revision as written, with where it stands."""
    plan = Plan.FromString(row.body)
    plan.state = PlanState.ValueType(row.state)
    plan.answer_note = row.answer_note
    if row.answer_time is not None:
        plan.answer_time.CopyFrom(to_timestamp(row.answer_time))
    if row.end_time is not None:
        plan.end_time.CopyFrom(to_timestamp(row.end_time))
    return plan


def standing_of(row: PlanRow) -> Standing:
    """Where it stands."""
    return Standing(row.revision, State(row.state), answered=row.answer_time is not None)


def force_of(row: PlanRow) -> Force:
    """From when to when a revision that was accepted is in force."""
    assert row.answer_time is not None, "it was never in force"  # noqa: S101
    return Force(row.answer_time, row.end_time or END)


def _is_shown(shown: Sequence[Range]) -> ColumnElement[bool]:
    declined_time = case((col(PlanRow.state) == State.DECLINED, col(PlanRow.answer_time)), else_=col(PlanRow.end_time))
    return overlap(col(PlanRow.create_time), declined_time, shown)
