"""Everything that identity keeps of one person, but secrets."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database
from services.identity.store import audit, licence_scans
from services.identity.store.tables import (
    AuditEvent,
    CareGrant,
    Device,
    DoctorKey,
    HandOver,
    Invite,
    Licence,
    LicenceScan,
    Membership,
    Organization,
    Session,
)

_PAGE = 200


@dataclass(frozen=True)
class Kept:
    """The rows of one person, but the audit's, which may be many."""

    licences: Sequence[Licence]
    scans: Sequence[LicenceScan]
    """Without their content, which `GetLicenceScan` gives."""
    memberships: Sequence[tuple[Membership, str]]
    """With the organization's name."""
    sessions: Sequence[Session]
    devices: Sequence[Device]
    grants_given: Sequence[CareGrant]
    grants_held: Sequence[CareGrant]
    invites: Sequence[Invite]
    doctor_keys: Sequence[DoctorKey]
    hand_overs: Sequence[HandOver]


async def kept(session: AsyncSession, account_id: UUID) -> Kept:
    """The person's rows."""
    named = select(Membership, Organization.name).join(
        Organization, col(Organization.organization_id) == col(Membership.organization_id)
    )
    licences = (await session.exec(select(Licence).where(Licence.account_id == account_id))).all()
    return Kept(
        licences=licences,
        scans=await licence_scans.of_licences(session, [licence.licence_id for licence in licences]),
        memberships=(await session.exec(named.where(Membership.account_id == account_id))).all(),
        sessions=(await session.exec(select(Session).where(Session.account_id == account_id))).all(),
        devices=(await session.exec(select(Device).where(Device.account_id == account_id))).all(),
        grants_given=(await session.exec(select(CareGrant).where(CareGrant.patient_id == account_id))).all(),
        grants_held=(await session.exec(select(CareGrant).where(CareGrant.account_id == account_id))).all(),
        invites=(await session.exec(select(Invite).where(Invite.patient_id == account_id))).all(),
        doctor_keys=(await session.exec(select(DoctorKey).where(DoctorKey.account_id == account_id))).all(),
        hand_overs=(await session.exec(select(HandOver).where(HandOver.patient_id == account_id))).all(),
    )


async def access_events(database: Database, account_id: UUID) -> AsyncIterator[Sequence[tuple[AuditEvent, str | None]]]:
    """Who used the person's data, newest first, in pages, with their names."""
    before: int | None = None
    while True:
        async with database.transaction() as session:
            rows = await audit.page(session, account_id, before, _PAGE)
        if not rows:
            return
        yield rows
        before = rows[-1][0].sequence
