"""Grants and invites, and the one answer to who may see whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Row, bindparam, text, tuple_, update
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.store import accounts
from services.identity.store.tables import (
    BIRTH_DATE,
    DISPLAY_NAME,
    Account,
    CareGrant,
    Invite,
    Membership,
    Organization,
)

_NOW = bindparam("now", type_=DateTime(timezone=True))

# Everything that `:subject` may do now, one row per way in, with the instant at which that way closes by itself.
# A person's own grant asks for no role: a family follower is a patient. Through an organization sees only who holds a
# live licence and a second factor, and as long as the licence lasts.
_WAYS = """
    select patient_id, scopes, data_start_time, data_end_time, expire_time as end_time
    from care_grant
    where account_id = :subject and revoke_time is null and (expire_time is null or expire_time > :now)
  union all
    select care_grant.patient_id, care_grant.scopes, data_start_time, data_end_time,
           least(care_grant.expire_time, licensed.end_time)
    from membership
    join care_grant using (organization_id)
    cross join (
        select max(end_time) as end_time
        from licence join second_factor using (account_id)
        where account_id = :subject and state = 'approved' and end_time > :now and confirm_time is not null
    ) as licensed
    where membership.account_id = :subject and :as_member and licensed.end_time is not null
      and care_grant.patient_id <> :subject
      and revoke_time is null and (expire_time is null or expire_time > :now)
"""

# A patient without a way in is not in the result, nor is one who does not exist.
_ALLOWED = text(f"""
    select patient_id, scopes, data_start_time, data_end_time, end_time
    from (
        {_WAYS}
      union all
        select account_id, cast(:every as text[]), null, null, null from account where account_id = :subject
    ) as way
    where patient_id = any(:patients)
""").bindparams(_NOW)  # noqa: S608  constants

# Who may act with `:scope` on the data of this moment, each once: whom a grant shows a window of the past alone is not
# told of what happens now. Clinical is who holds a live licence and a second factor; of an organization's members
# only those count.
_CARERS = text("""
    with clinical as (
        select account_id from licence join second_factor using (account_id)
        where state = 'approved' and end_time > :now and confirm_time is not null
    ), live as (
        select account_id, organization_id from care_grant
        where patient_id = :patient and :scope = any(scopes)
          and revoke_time is null and (expire_time is null or expire_time > :now)
          and (data_start_time is null or data_start_time <= :now) and (data_end_time is null or data_end_time > :now)
    )
    select account_id, account_id in (table clinical) as clinical
    from (
        select account_id from live where account_id is not null
      union
        select membership.account_id from live join membership using (organization_id)
        where membership.account_id in (table clinical)
    ) as carer
    where account_id <> :patient
    order by account_id
    limit 1000
""").bindparams(_NOW)

_PATIENTS = text(f"""
    select account.account_id, display_name, birth_date, sealed_birth_date, sex, time_zone,
           array_agg(distinct scope order by scope) as scopes
    from ({_WAYS}) as way
    join account on account.account_id = way.patient_id
    cross join unnest(way.scopes) as scope
    group by account.account_id
""")  # noqa: S608  constants
_PATIENTS_OPENED = _PATIENTS.bindparams(_NOW).columns(display_name=DISPLAY_NAME, sealed_birth_date=BIRTH_DATE)


@dataclass(frozen=True)
class Way:
    """One live way into a patient's data."""

    scopes: Sequence[str]
    data_start_time: datetime | None
    data_end_time: datetime | None
    end_time: datetime | None
    """When it closes by itself; none: never."""


async def ways(
    session: AsyncSession, subject: UUID, as_member: bool, patients: Sequence[UUID], every: Sequence[str], now: datetime
) -> dict[UUID, list[Way]]:
    """The subject's ways into these patients' data now. `as_member`: whether the subject's memberships count; `every`:
    what patients may do with their own."""
    values = {"subject": subject, "as_member": as_member, "patients": list(patients), "every": every, "now": now}
    found: dict[UUID, list[Way]] = {}
    for patient, *way in await (await session.connection()).execute(_ALLOWED, values):
        found.setdefault(patient, []).append(Way(*way))
    return found


async def carers(session: AsyncSession, patient_id: UUID, scope: str, now: datetime) -> list[tuple[UUID, bool]]:
    """Who may act with this scope on a patient's data of now, and whether in a clinical role; at most 1000."""
    values = {"patient": patient_id, "scope": scope, "now": now}
    rows = await (await session.connection()).execute(_CARERS, values)
    return [(row.account_id, row.clinical) for row in rows]


async def patients_of(
    session: AsyncSession, subject: UUID, as_member: bool, after: UUID | None, size: int, now: datetime
) -> Sequence[Row[tuple[object, ...]]]:
    """What is shown of the patients whom the subject may see, by name, with `scopes`: the union over all ways in."""
    values = {"subject": subject, "as_member": as_member, "now": now}
    rows = (await (await session.connection()).execute(_PATIENTS_OPENED, values)).all()
    return await accounts.page_by_name(session, rows, after, size)


async def locked_for(session: AsyncSession, grant_id: UUID, account_id: UUID) -> CareGrant | None:
    """A grant that this account gave or holds in person, for this transaction alone."""
    party = or_(CareGrant.patient_id == account_id, CareGrant.account_id == account_id)
    return (
        await session.exec(select(CareGrant).where(CareGrant.grant_id == grant_id, party).with_for_update())
    ).one_or_none()


@dataclass(frozen=True)
class Holder:
    """Who holds grants: in person, and through the organizations of which this is a member, where that counts."""

    account_id: UUID
    as_member: bool


async def page(
    session: AsyncSession, patient_id: UUID, after: UUID | None, size: int, holder: Holder | None = None
) -> Sequence[tuple[CareGrant, str]]:
    """The grants that a patient gave, to anybody or to one holder, newest first, with their grantees' names."""
    statement = _named().where(CareGrant.patient_id == patient_id)
    if holder is not None:
        statement = statement.where(_held_by(holder))
    statement = statement.order_by(col(CareGrant.create_time).desc(), col(CareGrant.grant_id).desc()).limit(size)
    if after is not None:
        last = select(CareGrant.create_time, CareGrant.grant_id).where(CareGrant.grant_id == after)
        key = tuple_(col(CareGrant.create_time), col(CareGrant.grant_id))
        statement = statement.where(key < last.scalar_subquery())
    return [(grant, person or organization or "") for grant, person, organization in await session.exec(statement)]


async def grantee_name(session: AsyncSession, grant: CareGrant) -> str | None:
    """The display name of whom a grant is for; none: there is no such grantee."""
    if grant.account_id is not None:
        account = await accounts.by_id(session, grant.account_id)
        return account.display_name if account else None
    organization = await session.get(Organization, grant.organization_id)
    return organization.name if organization else None


async def patients_of_organization(session: AsyncSession, organization_id: UUID, now: datetime) -> Sequence[UUID]:
    """The patients who granted an organization live access."""
    statement = select(CareGrant.patient_id).distinct()
    statement = statement.where(
        CareGrant.organization_id == organization_id,
        col(CareGrant.revoke_time).is_(None),
        or_(col(CareGrant.expire_time).is_(None), col(CareGrant.expire_time) > now),
    )
    return (await session.exec(statement)).all()


async def take_expired(session: AsyncSession, now: datetime) -> Sequence[UUID]:
    """The patients of whose grants some ended by themselves and nobody was told yet; now it counts as told."""
    statement = (
        update(CareGrant)
        .where(
            col(CareGrant.expire_time) <= now,
            col(CareGrant.expiry_told).is_(False),
            col(CareGrant.revoke_time).is_(None),
        )
        .values(expiry_told=True)
        .returning(col(CareGrant.patient_id))
    )
    return (await session.exec(statement)).scalars().all()


async def invite_locked(session: AsyncSession, code_hash: bytes) -> Invite | None:
    """The invite of a code, for this transaction alone: of two who accept it, the second finds it accepted."""
    return (await session.exec(select(Invite).where(Invite.code_hash == code_hash).with_for_update())).one_or_none()


async def open_invites(
    session: AsyncSession, patient_id: UUID, now: datetime, after: UUID | None, size: int
) -> Sequence[Invite]:
    """Return a patient's invites that can still be accepted, newest first."""
    key = tuple_(col(Invite.create_time), col(Invite.invite_id))
    statement = select(Invite).where(_is_open(patient_id, now))
    statement = statement.order_by(col(Invite.create_time).desc(), col(Invite.invite_id).desc()).limit(size)
    if after is not None:
        last = select(Invite.create_time, Invite.invite_id).where(Invite.invite_id == after)
        statement = statement.where(key < last.scalar_subquery())
    return (await session.exec(statement)).all()


async def withdraw_invite(session: AsyncSession, patient_id: UUID, invite_id: UUID, now: datetime) -> bool:
    """End one of a patient's invites; return False where none of that id can still be accepted."""
    statement = update(Invite).where(_is_open(patient_id, now), col(Invite.invite_id) == invite_id)
    ended = await session.exec(statement.values(expire_time=now).returning(col(Invite.invite_id)))
    return ended.first() is not None


def _is_open(patient_id: UUID, now: datetime) -> ColumnElement[bool]:
    return and_(col(Invite.patient_id) == patient_id, col(Invite.accept_time).is_(None), col(Invite.expire_time) > now)


def _held_by(holder: Holder) -> ColumnElement[bool]:
    held: ColumnElement[bool] = col(CareGrant.account_id) == holder.account_id
    if not holder.as_member:
        return held
    memberships = select(Membership.organization_id).where(Membership.account_id == holder.account_id)
    return or_(held, col(CareGrant.organization_id).in_(memberships))


def _named() -> Any:
    return (
        select(CareGrant, Account.display_name, Organization.name)
        .outerjoin(Account, col(Account.account_id) == col(CareGrant.account_id))
        .outerjoin(Organization, col(Organization.organization_id) == col(CareGrant.organization_id))
    )
