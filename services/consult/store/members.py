"""Who takes part in a consultation."""

from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.store.tables import ConsultationRow, MemberRow


async def find_seat(
    session: AsyncSession, consultation_id: UUID, account_id: UUID, *, lock: bool = False
) -> tuple[ConsultationRow, MemberRow] | None:
    """A consultation and the account's part in it; None where there is none. With `lock`, nobody else changes the
    consultation until the transaction ends."""
    statement = (
        select(ConsultationRow, MemberRow)
        .join(MemberRow, col(MemberRow.consultation_id) == col(ConsultationRow.consultation_id))
        .where(ConsultationRow.consultation_id == consultation_id, MemberRow.account_id == account_id)
    )
    if lock:
        statement = statement.with_for_update(of=ConsultationRow)
    return (await session.exec(statement)).first()


async def members_of(session: AsyncSession, patient_id: UUID, consultation_id: UUID) -> list[MemberRow]:
    """Everybody who takes part, in the order they came."""
    statement = (
        select(MemberRow)
        .where(MemberRow.consultation_id == consultation_id, MemberRow.patient_id == patient_id)
        .order_by(col(MemberRow.join_time), col(MemberRow.role))
    )
    return list((await session.exec(statement)).all())


async def dismiss(session: AsyncSession, patient_id: UUID, consultation_id: UUID) -> None:
    """From now on the patient alone takes part."""
    await session.exec(
        delete(MemberRow).where(
            col(MemberRow.consultation_id) == consultation_id,
            col(MemberRow.patient_id) == patient_id,
            col(MemberRow.account_id) != patient_id,
        )
    )
