"""What deleting an account does to the tables."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.idempotency import AnsweredRequest
from services.identity.domain.account_changes import State as ChangeState
from services.identity.domain.indexed import Indexed
from services.identity.domain.licences import State
from services.identity.store import codes
from services.identity.store.tables import (
    Account,
    AccountChange,
    AccountRole,
    CareGrant,
    Device,
    DoctorKey,
    Invite,
    Licence,
    LicenceScan,
    Membership,
    RecoveryCode,
    SecondFactor,
    Session,
)


async def erase(session: AsyncSession, account: Account, phone: Indexed, now: datetime) -> None:
    """Erase the person, and leave the id. Their phone is free, and so are the numbers of licences."""
    account_id = account.account_id
    await codes.forget(session, phone)
    for statement in (
        delete(AccountRole).where(col(AccountRole.account_id) == account_id),
        update(AccountChange)
        .where(col(AccountChange.account_id) == account_id)
        .values(state=ChangeState.WITHDRAWN, reason=""),
        delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id),
        delete(SecondFactor).where(col(SecondFactor.account_id) == account_id),
        delete(Device).where(col(Device.account_id) == account_id),
        delete(AnsweredRequest).where(col(AnsweredRequest.caller_id) == account_id),  # answers hold the profile
        update(Session).where(col(Session.account_id) == account_id).values(device_name=""),
        update(Licence)
        .where(col(Licence.account_id) == account_id, col(Licence.state).in_((State.SUBMITTED, State.APPROVED)))
        .values(state=State.WITHDRAWN),
        delete(LicenceScan).where(
            col(LicenceScan.licence_id).in_(select(Licence.licence_id).where(Licence.account_id == account_id))
        ),
        update(DoctorKey)
        .where(col(DoctorKey.account_id) == account_id, col(DoctorKey.end_time).is_(None))
        .values(end_time=now),
        update(Invite)
        .where(col(Invite.patient_id) == account_id, col(Invite.accept_time).is_(None), col(Invite.expire_time) > now)
        .values(expire_time=now),
    ):
        await session.exec(statement)
    erased = Account(account_id=account_id, phone=f"deleted:{account_id}", create_time=account.create_time)
    account.sqlmodel_update(erased.model_dump())
    account.delete_time = now


async def end_grants(session: AsyncSession, account_id: UUID, now: datetime) -> Sequence[UUID]:
    """End the live grants that the account gave or holds in person; the patients whom they were about."""
    statement = (
        update(CareGrant)
        .where(
            or_(col(CareGrant.patient_id) == account_id, col(CareGrant.account_id) == account_id),
            col(CareGrant.revoke_time).is_(None),
            or_(col(CareGrant.expire_time).is_(None), col(CareGrant.expire_time) > now),
        )
        .values(revoke_time=now)
        .returning(col(CareGrant.patient_id))
    )
    return (await session.exec(statement)).scalars().all()


async def leave_organizations(session: AsyncSession, account_id: UUID, now: datetime) -> Sequence[UUID]:
    """End the account's memberships; the patients whom it saw by them."""
    patients = await session.exec(
        select(CareGrant.patient_id)
        .join(Membership, col(Membership.organization_id) == col(CareGrant.organization_id))
        .where(
            col(Membership.account_id) == account_id,
            col(CareGrant.revoke_time).is_(None),
            or_(col(CareGrant.expire_time).is_(None), col(CareGrant.expire_time) > now),
        )
        .distinct()
    )
    seen = patients.all()
    await session.exec(delete(Membership).where(col(Membership.account_id) == account_id))
    return seen
