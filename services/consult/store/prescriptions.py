"""Prescriptions. Each query carries the patient, or whose part in the consultation it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from apricot.consult.v1.prescription_pb2 import Prescription, PrescriptionContent, PrescriptionState
from google.protobuf.message import DecodeError
from sqlalchemy import or_, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.times import to_datetime, to_timestamp
from services.consult.domain.prescriptions import (
    MOST_RETURN_DAYS,
    MOST_SUPPLY_DAYS,
    MOST_VALIDITY_DAYS,
    TRANSITIONS,
    Act,
    State,
    after,
    course_end,
    standing,
    supply_days,
)
from services.consult.store.consultation_tables import MemberRow
from services.consult.store.prescription_tables import PrescriptionRow

type Place = tuple[datetime, UUID, int]
"""Of a revision in a list: when it was issued, the prescription, the revision."""


async def hold_still(session: AsyncSession) -> None:
    """One snapshot for all that the transaction reads. First in it."""
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def find(session: AsyncSession, account: UUID, prescription: UUID, revision: int = 0) -> PrescriptionRow | None:
    """A revision, or the newest one (0), of a consultation that the account takes part in; read anew."""
    query = (
        select(PrescriptionRow)
        .join(MemberRow, col(MemberRow.consultation_id) == col(PrescriptionRow.consultation_id))
        .where(MemberRow.account_id == account, PrescriptionRow.prescription_id == prescription)
        .order_by(col(PrescriptionRow.revision).desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    if revision:
        query = query.where(PrescriptionRow.revision == revision)
    return (await session.exec(query)).one_or_none()


async def find_issued(
    session: AsyncSession, patient: UUID, prescription: UUID, revision: int
) -> PrescriptionRow | None:
    """A revision of a patient's prescription."""
    query = select(PrescriptionRow).where(
        PrescriptionRow.patient_id == patient,
        PrescriptionRow.prescription_id == prescription,
        PrescriptionRow.revision == revision,
    )
    return (await session.exec(query)).one_or_none()


async def in_force(session: AsyncSession, patient: UUID, now: datetime) -> Sequence[PrescriptionRow]:
    """A patient's prescriptions that may still be handed out at an instant, or whose medicine is being taken."""
    longest = timedelta(days=MOST_VALIDITY_DAYS + MOST_RETURN_DAYS + MOST_SUPPLY_DAYS)
    query = select(PrescriptionRow).where(
        PrescriptionRow.patient_id == patient,
        col(PrescriptionRow.state).in_([State.ISSUED, State.REPEATING, State.DISPENSED, State.REJECTED]),
        col(PrescriptionRow.create_time) > now - longest,
        or_(col(PrescriptionRow.state) != State.REJECTED, col(PrescriptionRow.dispense_time).is_not(None)),
    )
    rows = (await session.exec(query.order_by(col(PrescriptionRow.create_time)))).all()
    return [row for row in rows if now < (row.expire_time if row.state == State.ISSUED else _course_end(row))]


async def page(
    session: AsyncSession, patient: UUID, consultation: UUID | None, behind: Place | None, limit: int
) -> Sequence[PrescriptionRow]:
    """A patient's revisions, newest first: of one consultation, or of all."""
    place = tuple_(
        col(PrescriptionRow.create_time), col(PrescriptionRow.prescription_id), col(PrescriptionRow.revision)
    )
    query = select(PrescriptionRow).where(PrescriptionRow.patient_id == patient)
    if consultation is not None:
        query = query.where(PrescriptionRow.consultation_id == consultation)
    if behind is not None:
        query = query.where(place < tuple_(*behind))
    return (await session.exec(query.order_by(*(part.desc() for part in place.clauses)).limit(limit))).all()


def add(
    session: AsyncSession, content: PrescriptionContent, signed_content: bytes, signature: bytes, key_id: UUID
) -> PrescriptionRow:
    """A revision as it was signed."""
    row = PrescriptionRow(
        prescription_id=UUID(content.prescription_id),
        revision=content.revision,
        patient_id=UUID(content.patient_id),
        consultation_id=UUID(content.consultation_id),
        doctor_id=UUID(content.doctor_id),
        create_time=to_datetime(content.issue_time),
        expire_time=to_datetime(content.expire_time),
        signed_content=signed_content,
        signature=signature,
        key_id=key_id,
        state=State.ISSUED,
    )
    session.add(row)
    return row


async def end(session: AsyncSession, row: PrescriptionRow, act: Act, now: datetime, reason: str = "") -> None:
    """Another revision takes its place, or the doctor takes it back. Written at once: only one is in force.
    Errors: `WrongStateError`, also where its time is over."""
    row.state, row.end_time, row.revoke_reason = after(standing_of(row, now), act), now, reason
    await session.flush()


async def mark_dispensed(
    session: AsyncSession, patient: UUID, prescription: UUID, revision: int, *, used_up: bool, time: datetime
) -> None:
    """A pharmacy handed it out. One that was taken back, rejected or used up meanwhile stays so, as the events of its
    earlier dispensings may come last."""
    row = await _lock(session, patient, prescription, revision)
    if row is None or row.state not in (State.ISSUED, State.REPEATING, State.DISPENSED, State.REJECTED):
        return
    row.dispense_time = max(time, row.dispense_time or time)
    if row.state in (State.ISSUED, State.REPEATING) and (row.return_time is None or time > row.return_time):
        row.state = after(State(row.state), Act.USE_UP if used_up else Act.DISPENSE)


async def mark_returned(
    session: AsyncSession, patient: UUID, prescription: UUID, revision: int, time: datetime
) -> None:
    """What a pharmacy handed out came back. That it was handed out, or that it was once more, may come first."""
    row = await _lock(session, patient, prescription, revision)
    if row is None or (State(row.state), Act.COME_BACK) not in TRANSITIONS:
        return
    row.return_time = max(time, row.return_time or time)
    if row.dispense_time is None or time > row.dispense_time:
        row.state = after(State(row.state), Act.COME_BACK)


async def mark_rejected(
    session: AsyncSession, patient: UUID, prescription: UUID, revision: int, time: datetime, reason: str
) -> PrescriptionRow | None:
    """Note that a pharmacist rejected a revision, and return it; None: it was replaced or taken back, or the rejection
    is known."""
    row = await _lock(session, patient, prescription, revision)
    if row is None or (State(row.state), Act.REJECT) not in TRANSITIONS:
        return None
    row.state, row.reject_time, row.reject_reason = after(State(row.state), Act.REJECT), time, reason
    return row


async def _lock(session: AsyncSession, patient: UUID, prescription: UUID, revision: int) -> PrescriptionRow | None:
    query = select(PrescriptionRow).where(
        PrescriptionRow.patient_id == patient,
        PrescriptionRow.prescription_id == prescription,
        PrescriptionRow.revision == revision,
    )
    return (await session.exec(query.with_for_update())).one_or_none()


def standing_of(row: PrescriptionRow, now: datetime) -> State:
    """Where it stands."""
    return standing(State(row.state), row.expire_time, _course_end(row), now)


def _course_end(row: PrescriptionRow) -> datetime:
    """Of a row that was altered the bytes may say nothing: its end is that of its validity."""
    try:
        items = PrescriptionContent.FromString(row.signed_content).written.items
    except DecodeError:
        return row.expire_time
    return course_end(
        row.expire_time, row.return_time, supply_days((item.duration_days, item.repeats) for item in items)
    )


def prescription_message(row: PrescriptionRow, now: datetime, *, altered: bool) -> Prescription:
    """A revision as the contract has it. Of one that was altered nothing is shown that somebody could act on."""
    message = Prescription(
        prescription_id=str(row.prescription_id),
        revision=row.revision,
        state=PrescriptionState.ValueType(standing_of(row, now)),
        key_id=str(row.key_id),
        altered=altered,
        end_time=to_timestamp(row.end_time) if row.end_time else None,
        revoke_reason=row.revoke_reason,
        reject_time=to_timestamp(row.reject_time) if row.reject_time else None,
        reject_reason=row.reject_reason,
    )
    if not altered:
        message.content.MergeFromString(row.signed_content)
        message.signed_content, message.signature = row.signed_content, row.signature
    return message
