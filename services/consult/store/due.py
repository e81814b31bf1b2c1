"""Consultations whose time has come, of every patient_id."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.domain.consultations import ESCALATIONS, POOL_LIFETIME, State
from services.consult.store.consultation_tables import ConsultationRow


async def claim_due(session: AsyncSession, now: datetime, most: int) -> Sequence[ConsultationRow]:
    """Those that expire, or are passed on in the pool, and have not been yet; nobody else gets them until the
    transaction ends, whoever's patient_id they carry."""
    is_open = col(ConsultationRow.state).in_((State.WAITING, State.ACTIVE))
    expires = col(ConsultationRow.expire_time) <= now
    escalates = and_(
        col(ConsultationRow.state) == State.WAITING,
        col(ConsultationRow.pool).is_(True),
        or_(*(_reached(level, now) for level in range(len(ESCALATIONS)))),
    )
    statement = (
        select(ConsultationRow)
        .where(is_open, col(ConsultationRow.expire_time) <= now + POOL_LIFETIME, or_(expires, escalates))
        .order_by(col(ConsultationRow.expire_time))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(statement)).all()


def _reached(level: int, now: datetime) -> ColumnElement[bool]:
    """At this level, though it has waited for longer than it allows."""
    left = POOL_LIFETIME - ESCALATIONS[level]
    return and_(col(ConsultationRow.escalation_level) == level, col(ConsultationRow.expire_time) <= now + left)
