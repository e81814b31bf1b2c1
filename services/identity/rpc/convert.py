"""Rows as messages of the contract. Names are stored as the contract has them, without prefix and in lower case."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from apricot.access.v1.access_pb2 import Role, Scope
from apricot.identity.v1 import account_pb2, audit_pb2, care_pb2, licence_pb2, organization_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from kit.times import to_timestamp
from services.identity.domain.verifying import Break
from services.identity.store import accounts
from services.identity.store.tables import (
    Account,
    AuditEvent,
    CareGrant,
    Invite,
    Licence,
    Membership,
    Organization,
)

DEFAULT_TIME_ZONE = "Asia/Shanghai"


def enum_value(enum: Any, prefix: str, name: str) -> Any:
    """The contract's value of a stored name."""
    return enum.Value(prefix + name.upper())


def enum_name(enum: Any, prefix: str, value: int) -> str:
    """The stored name of a contract's value."""
    name: str = enum.Name(value)
    return name.removeprefix(prefix).lower()


def scope_names(scopes: Iterable[Scope.ValueType]) -> list[str]:
    """Scopes as stored."""
    return sorted(enum_name(Scope, "SCOPE_", scope) for scope in scopes)


def scope_values(names: Iterable[str]) -> list[Scope.ValueType]:
    """Stored scopes as the contract has them."""
    return [enum_value(Scope, "SCOPE_", name) for name in names]


EVERY_SCOPE = scope_names(scope for scope in Scope.values() if scope)
"""What patients may do with their own data."""


def account_message(
    row: Account, roles: Iterable[str], second_factor: bool, recovery_codes_left: int = 0
) -> account_pb2.Account:
    """An account as its owner sees it."""
    return account_pb2.Account(
        account_id=str(row.account_id),
        phone=row.phone,
        roles=[enum_value(Role, "ROLE_", role) for role in roles],
        profile=account_pb2.Profile(
            display_name=row.display_name,
            birth_date=born.isoformat() if (born := accounts.born(row)) else "",
            sex=enum_value(account_pb2.Sex, "SEX_", row.sex),
            time_zone=row.time_zone,
            language=row.language,
        ),
        second_factor=second_factor,
        password_set=row.password_hash is not None,
        create_time=to_timestamp(row.create_time),
        recovery_codes_left=recovery_codes_left,
    )


def chain_fault(broken: Break | None) -> audit_pb2.ChainFault.ValueType:
    """What is wrong with the audit chain."""
    if broken is None:
        return audit_pb2.CHAIN_FAULT_UNSPECIFIED
    return enum_value(audit_pb2.ChainFault, "CHAIN_FAULT_", broken.fault)  # type: ignore[no-any-return]


def licence_message(row: Licence) -> licence_pb2.Licence:
    """A licence."""
    return licence_pb2.Licence(
        licence_id=str(row.licence_id),
        account_id=str(row.account_id),
        details=_licence_details(row),
        state=enum_value(licence_pb2.LicenceState, "LICENCE_STATE_", row.state),
        submit_time=to_timestamp(row.submit_time),
        review_time=timestamp_or_none(row.review_time),
        review_note=row.review_note,
    )


def professional_message(account: Account, licence: Licence) -> licence_pb2.Professional:
    """A professional as patients see one."""
    return licence_pb2.Professional(
        account_id=str(account.account_id),
        display_name=account.display_name,
        licence=_licence_details(licence),
        end_time=to_timestamp(licence.end_time),
    )


def _licence_details(row: Licence) -> licence_pb2.LicenceDetails:
    return licence_pb2.LicenceDetails(
        role=enum_value(Role, "ROLE_", row.role),
        number=row.number,
        hospital=row.hospital,
        hospital_grade=row.hospital_grade,
        title=row.title,
        expiry_date=row.expiry_date.isoformat(),
        first_registration_date=row.first_registration_date.isoformat() if row.first_registration_date else "",
    )


def grant_message(row: CareGrant, grantee_name: str) -> care_pb2.Grant:
    """A grant."""
    message = care_pb2.Grant(
        grant_id=str(row.grant_id),
        patient_id=str(row.patient_id),
        grantee_name=grantee_name,
        scopes=scope_values(row.scopes),
        create_time=to_timestamp(row.create_time),
        expire_time=timestamp_or_none(row.expire_time),
        revoke_time=timestamp_or_none(row.revoke_time),
        data_start_time=timestamp_or_none(row.data_start_time),
        data_end_time=timestamp_or_none(row.data_end_time),
        treatment_id=str(row.treatment_id or ""),
    )
    if row.account_id is not None:
        message.account_id = str(row.account_id)
    else:
        message.organization_id = str(row.organization_id)
    return message


def invite_message(row: Invite) -> care_pb2.Invite:
    """Return an invite without its code, which is stored nowhere."""
    return care_pb2.Invite(
        invite_id=str(row.invite_id),
        scopes=scope_values(row.scopes),
        guest=row.grant_expire_time is not None,
        data_start_time=timestamp_or_none(row.data_start_time),
        data_end_time=timestamp_or_none(row.data_end_time),
        create_time=to_timestamp(row.create_time),
        expire_time=to_timestamp(row.expire_time),
    )


def patient_message(row: Any) -> care_pb2.Patient:
    """A row of `store.grants.patients_of`."""
    born = accounts.born(row)
    return care_pb2.Patient(
        patient_id=str(row.account_id),
        display_name=row.display_name,
        birth_year=born.year if born else 0,
        birth_date=born.isoformat() if born else "",
        sex=enum_value(account_pb2.Sex, "SEX_", row.sex),
        time_zone=row.time_zone or DEFAULT_TIME_ZONE,
        scopes=scope_values(row.scopes),
    )


def organization_message(row: Organization) -> organization_pb2.Organization:
    """An organization."""
    return organization_pb2.Organization(organization_id=str(row.organization_id), name=row.name)


def member_message(row: Membership, display_name: str) -> organization_pb2.Member:
    """A member."""
    return organization_pb2.Member(
        account_id=str(row.account_id),
        display_name=display_name,
        manager=row.manager,
        create_time=to_timestamp(row.create_time),
    )


def access_event_message(row: AuditEvent, actor_name: str | None) -> audit_pb2.AccessEvent:
    """A link of the audit chain."""
    return audit_pb2.AccessEvent(
        sequence=row.sequence,
        time=to_timestamp(row.time),
        actor_id=str(row.actor_id),
        actor_name=actor_name or "",
        action=row.action,
        patient_id=str(row.patient_id or ""),
        hash=row.hash.hex(),
    )


def timestamp_or_none(instant: datetime | None) -> Timestamp | None:
    """An instant, where there is one."""
    return to_timestamp(instant) if instant is not None else None
