"""Calls. Whoever changes one holds its consultation's row: two people who call each other at one instant end up in one
call, and one that ends does so once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from apricot.consult.v1.call_pb2 import Call
from apricot.consult.v1.conversation_pb2 import NOTICE_KIND_CALL_ENDED, NOTICE_KIND_CALL_MISSED
from sqlalchemy import ColumnElement, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.domain.calls import ENDS, Act, InCallError, Media, State, after
from services.consult.store.call_bodies import call_message
from services.consult.store.call_tables import CallParticipantRow, CallRow
from services.consult.store.consultation_tables import ConsultationRow
from services.consult.store.messages import add_notice
from services.consult.store.signals import drop_signals


async def live_call(session: AsyncSession, patient_id: UUID, consultation_id: UUID) -> CallRow | None:
    """The call that rings or goes on."""
    query = select(CallRow).where(
        CallRow.patient_id == patient_id,
        CallRow.consultation_id == consultation_id,
        col(CallRow.state).in_((State.RINGING, State.ACTIVE)),
    )
    return (await session.exec(query)).one_or_none()


async def locked_live_call(session: AsyncSession, patient_id: UUID, consultation_id: UUID) -> CallRow | None:
    """The call that rings or goes on; nobody else changes it until the transaction ends."""
    lock = (
        select(ConsultationRow.consultation_id)
        .where(ConsultationRow.patient_id == patient_id, ConsultationRow.consultation_id == consultation_id)
        .with_for_update()
    )
    await session.exec(lock)
    return await live_call(session, patient_id, consultation_id)


async def find_call(session: AsyncSession, patient_id: UUID, consultation_id: UUID, call_id: UUID) -> CallRow | None:
    """A call of this consultation."""
    query = select(CallRow).where(
        CallRow.patient_id == patient_id, CallRow.consultation_id == consultation_id, CallRow.call_id == call_id
    )
    return (await session.exec(query)).one_or_none()


async def newest_call(session: AsyncSession, patient_id: UUID, consultation_id: UUID) -> Call | None:
    """The last call that there was, or is."""
    found = await newest_calls(session, patient_id, consultation_id, most=1)
    return found[0] if found else None


async def newest_calls(session: AsyncSession, patient_id: UUID, consultation_id: UUID, most: int) -> list[Call]:
    """The consultation's calls as the contract has them, the newest first."""
    query = (
        select(CallRow)
        .where(CallRow.patient_id == patient_id, CallRow.consultation_id == consultation_id)
        .order_by(col(CallRow.create_time).desc(), col(CallRow.call_id))
        .limit(most)
    )
    return await _bodies(session, patient_id, (await session.exec(query)).all())


async def shown(session: AsyncSession, row: CallRow) -> Call:
    """A call as the contract has it."""
    (body,) = await _bodies(session, row.patient_id, [row])
    return body


async def people_in(session: AsyncSession, row: CallRow) -> set[UUID]:
    """The accounts of which a device is in the call."""
    query = select(CallParticipantRow.account_id).where(
        CallParticipantRow.patient_id == row.patient_id,
        CallParticipantRow.call_id == row.call_id,
        col(CallParticipantRow.leave_time).is_(None),
    )
    return set((await session.exec(query)).all())


async def is_in(session: AsyncSession, row: CallRow, account_id: UUID, device_id: UUID) -> bool:
    """Whether this device is in the call."""
    query = select(CallParticipantRow.device_id).where(
        CallParticipantRow.account_id == account_id,
        CallParticipantRow.call_id == row.call_id,
        CallParticipantRow.device_id == device_id,
        col(CallParticipantRow.leave_time).is_(None),
    )
    return (await session.exec(query)).first() is not None


async def busy(session: AsyncSession, accounts: Collection[UUID]) -> set[UUID]:
    """Those of the accounts who are in a call."""
    query = select(CallParticipantRow.account_id).where(
        col(CallParticipantRow.account_id).in_(accounts), col(CallParticipantRow.leave_time).is_(None)
    )
    return set((await session.exec(query)).all())


async def begin(
    session: AsyncSession,
    consultation: ConsultationRow,
    caller_id: UUID,
    media: Media,
    now: datetime,
    *,
    ringing: Collection[UUID],
    by_sfu: bool,
) -> CallRow:
    """A new call; it rings these people."""
    row = CallRow(
        call_id=uuid4(),
        consultation_id=consultation.consultation_id,
        patient_id=consultation.patient_id,
        caller_id=caller_id,
        media=media,
        state=State.RINGING,
        by_sfu=by_sfu,
        ringing_ids=sorted(ringing),
        create_time=now,
    )
    session.add(row)
    await session.flush()
    return row


async def enter(session: AsyncSession, row: CallRow, account_id: UUID, device_id: UUID, now: datetime) -> None:
    """The device is in the call from now on. Errors: `InCallError`."""
    if await is_in(session, row, account_id, device_id):
        return
    values = CallParticipantRow(
        call_id=row.call_id,
        account_id=account_id,
        device_id=device_id,
        consultation_id=row.consultation_id,
        patient_id=row.patient_id,
        join_time=now,
    ).model_dump()
    comes_again = {"join_time": now, "away_time": None, "leave_time": None}  # it was lost, or had hung up
    statement = insert(CallParticipantRow).values(values)
    statement = statement.on_conflict_do_update(constraint="call_participant_pkey", set_=comes_again)
    try:
        async with session.begin_nested():
            await (await session.connection()).execute(statement)
    except IntegrityError as error:
        raise InCallError("you are in a call with another device, or in another call") from error


async def leave(session: AsyncSession, row: CallRow, account_id: UUID, now: datetime) -> None:
    """The person's device is no longer in the call, and it rings them no longer."""
    await _leave(session, row, now, col(CallParticipantRow.account_id) == account_id)
    row.ringing_ids = [each for each in row.ringing_ids if each != account_id]
    await session.flush()


async def change(session: AsyncSession, row: CallRow, act: Act, now: datetime) -> None:
    """What happens to a call; one that ends is told in the conversation, nobody is in it any longer, and its
    signals are forgotten. Errors: `WrongStateError`."""
    row.state, row.ringing_ids = after(State(row.state), act), []
    if act is Act.ANSWER:
        row.answer_time = now
    else:
        row.end_time, row.end_reason = now, ENDS[act]
        await _leave(session, row, now)
        await drop_signals(session, row.patient_id, row.call_id)
        await _tell_end(session, row, now)
    await session.flush()


async def end_call_of(session: AsyncSession, patient_id: UUID, consultation_id: UUID, now: datetime) -> None:
    """The consultation is over, and with it the call that rings or goes on."""
    row = await locked_live_call(session, patient_id, consultation_id)
    if row is not None:
        await change(session, row, Act.FAIL, now)


async def rung_since(session: AsyncSession, before: datetime, most: int) -> list[CallRow]:
    """Calls of any patient_id that ring since then or longer."""
    query = select(CallRow).where(CallRow.state == State.RINGING, CallRow.create_time <= before)
    return list((await session.exec(query.order_by(col(CallRow.create_time)).limit(most))).all())


async def _bodies(session: AsyncSession, patient_id: UUID, rows: Sequence[CallRow]) -> list[Call]:
    query = (
        select(CallParticipantRow)
        .where(
            CallParticipantRow.patient_id == patient_id,
            col(CallParticipantRow.call_id).in_([row.call_id for row in rows]),
        )
        .order_by(col(CallParticipantRow.join_time), col(CallParticipantRow.device_id))
        .execution_options(populate_existing=True)
    )
    devices = (await session.exec(query)).all()
    return [call_message(row, [one for one in devices if one.call_id == row.call_id]) for row in rows]


async def _leave(session: AsyncSession, row: CallRow, now: datetime, *who: ColumnElement[bool]) -> None:
    statement = update(CallParticipantRow).where(
        col(CallParticipantRow.patient_id) == row.patient_id,
        col(CallParticipantRow.call_id) == row.call_id,
        col(CallParticipantRow.leave_time).is_(None),
        *who,
    )
    await (await session.connection()).execute(statement.values(leave_time=now))


async def _tell_end(session: AsyncSession, row: CallRow, now: datetime) -> None:
    await add_notice(
        session,
        row.patient_id,
        row.consultation_id,
        NOTICE_KIND_CALL_MISSED if row.answer_time is None else NOTICE_KIND_CALL_ENDED,
        now,
        account_id=row.caller_id,
        object_id=row.call_id,
        duration_seconds=0 if row.answer_time is None else int((now - row.answer_time).total_seconds()),
    )
