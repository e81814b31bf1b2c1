"""Grants that a treatment gave: begun and ended as its service tells, in whichever order it is heard."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.domain.treatments import Given
from services.identity.store.tables import CareGrant, EndedTreatment


async def lock(session: AsyncSession, treatments: Iterable[UUID]) -> None:
    """One change of a treatment's grants at a time, to the end of the transaction; always in one order, so that no two
    wait for one another."""
    for treatment in sorted(set(treatments)):
        key = {"key": f"treatment {treatment}"}
        await (await session.connection()).execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)


async def end_time(session: AsyncSession, treatment: UUID) -> datetime | None:
    """When a treatment ended last; None: never."""
    statement = select(EndedTreatment.end_time).where(EndedTreatment.treatment_id == treatment)
    return (await session.exec(statement)).one_or_none()


async def find_grant(session: AsyncSession, treatment: UUID, account: UUID) -> CareGrant | None:
    """The grant that a treatment gave to an account."""
    return await session.get(CareGrant, grant_id(treatment, account), with_for_update=True)


def given(grant: CareGrant | None) -> Given | None:
    """What the rules ask of a grant."""
    if grant is None:
        return None
    return Given(grant.create_time, live=grant.revoke_time is None, ended_with_treatment=grant.ended_with_treatment)


def grant_id(treatment: UUID, account: UUID) -> UUID:
    """One for each treatment and account, however often it is told."""
    return uuid5(treatment, str(account))


async def remember_end(session: AsyncSession, treatment: UUID, time: datetime) -> None:
    """What began up to that time gives nothing any more."""
    statement = insert(EndedTreatment).values(treatment_id=treatment, end_time=time)
    latest = func.greatest(EndedTreatment.end_time, statement.excluded.end_time)
    await session.exec(statement.on_conflict_do_update(index_elements=["treatment_id"], set_={"end_time": latest}))


async def live_grants(session: AsyncSession, treatment: UUID, begun_until: datetime) -> Sequence[CareGrant]:
    """The grants of a treatment that were given up to that time and not revoked."""
    statement = select(CareGrant).where(
        CareGrant.treatment_id == treatment,
        col(CareGrant.revoke_time).is_(None),
        col(CareGrant.create_time) <= begun_until,
    )
    return (await session.exec(statement.with_for_update())).all()
