"""Identity's tables. The kit's own (outbox, inbox, answered requests) join them by import."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import BigInteger, Column, Field, LargeBinary, SQLModel

from kit.consumer import HandledEvent, ParkedEvent
from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from kit.resealing import ResealingRow
from kit.retention import ACCOUNT, AUDIT, WORKING, clinical
from kit.sealed import SealedBytes
from services.identity.store.audit_tables import AuditCheck, AuditEvent, AuditHead, HandOver
from services.identity.store.scan_tables import LicenceScan
from services.identity.store.sealed import SealedString
from services.identity.store.security_tables import AccountChange, OwnerNotice, RecoveryCode

__all__ = [
    "Account",
    "AccountChange",
    "AccountRole",
    "AdminSecret",
    "AnsweredRequest",
    "AuditCheck",
    "AuditEvent",
    "AuditHead",
    "CareGrant",
    "Device",
    "DoctorKey",
    "EndedTreatment",
    "HandOver",
    "HandledEvent",
    "Invite",
    "Licence",
    "LicenceScan",
    "Membership",
    "OneTimeCode",
    "Organization",
    "OutboxRow",
    "OwnerNotice",
    "ParkedEvent",
    "RateUse",
    "RecoveryCode",
    "ResealingRow",
    "SecondFactor",
    "Session",
    "SigningKey",
]

DISPLAY_NAME, BIRTH_DATE = SealedString("account.display_name"), SealedString("account.sealed_birth_date")
"""For statements that go past the ORM."""


def _instant() -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def _instant_or_none() -> Any:
    return Field(default=None, sa_column=Column(DateTime(timezone=True)))


def _bytes() -> Any:
    return Field(sa_column=Column(LargeBinary, nullable=False))


def _sealed(column: str) -> Any:
    """Of what the vault has sealed: it opens with identity's key and a sealing key together, and that one rotates."""
    return Field(sa_column=Column(SealedBytes(column), nullable=False))


class Account(SQLModel, table=True):
    """A person."""

    __tablename__ = "account"
    __retention__ = AUDIT

    __table_args__ = (
        Index("account_phone_index", "phone_index", unique=True, postgresql_where="delete_time is null"),
        Index("account_unindexed", "account_id", postgresql_where="(phone_index is null) = (delete_time is null)"),
        Index("account_open_birth_date", "account_id", postgresql_where="birth_date is not null"),
    )

    account_id: UUID = Field(primary_key=True)
    phone: str = Field(sa_column=Column(SealedString("account.phone"), nullable=False, unique=True))
    phone_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """By it the account is found. None: it is deleted, or its row is of a release that knew none."""
    password_hash: str | None = None
    """argon2id."""
    display_name: str = Field(default="", sa_column=Column(DISPLAY_NAME, nullable=False))
    birth_date: date | None = None
    """As an older release has it (`store.accounts.born`)."""
    sealed_birth_date: str | None = Field(default=None, sa_column=Column(BIRTH_DATE))
    """ISO 8601."""
    sex: str = "unspecified"
    time_zone: str = ""
    language: str = ""
    create_time: datetime = _instant()
    delete_time: datetime | None = _instant_or_none()
    """When its owner deleted it; all that is left is the id, which the record and the audit name."""


class AccountRole(SQLModel, table=True):
    """A role given by hand; the clinical ones come from licences."""

    __tablename__ = "account_role"
    __retention__ = ACCOUNT

    account_id: UUID = Field(primary_key=True, foreign_key="account.account_id")
    role: str = Field(primary_key=True)
    create_time: datetime = _instant()


class SecondFactor(SQLModel, table=True):
    """An account's TOTP secret; it counts once confirmed."""

    __tablename__ = "second_factor"
    __retention__ = ACCOUNT

    account_id: UUID = Field(primary_key=True, foreign_key="account.account_id")
    sealed_secret: bytes = _sealed("second_factor.sealed_secret")
    sealed_next_secret: bytes | None = Field(
        default=None, sa_column=Column(SealedBytes("second_factor.sealed_next_secret"))
    )
    """Of a replacement that waits for its first code; None: none waits."""
    confirm_time: datetime | None = _instant_or_none()
    last_step: int | None = Field(default=None, sa_column=Column(BigInteger))
    """The latest time step whose code was used."""


class Device(SQLModel, table=True):
    """A device that takes push messages; its token belongs to one account at a time."""

    __tablename__ = "device"
    __retention__ = ACCOUNT
    __table_args__ = (
        Index("device_push_token_index", "push_token_index", unique=True),
        Index("device_unindexed", "device_id", postgresql_where="push_token_index is null"),
    )

    device_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.account_id", index=True)
    platform: str
    push_token: str = Field(sa_column=Column(SealedString("device.push_token"), nullable=False, unique=True))
    push_token_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """None: the row is of a release that knew none."""
    name: str = Field(sa_column=Column(SealedString("device.name"), nullable=False))
    create_time: datetime = _instant()


class OneTimeCode(SQLModel, table=True):
    """The code last sent to a phone; gone once it was used."""

    __tablename__ = "one_time_code"
    __retention__ = WORKING

    phone: str = Field(primary_key=True)
    """By its blind index, once keys seal (`store.codes`)."""
    salt: bytes = _bytes()
    code_hash: bytes = _bytes()
    expire_time: datetime = _instant()
    attempts: int = 0


class RateUse(SQLModel, table=True):
    """What one key has used of one limit."""

    __tablename__ = "rate_use"
    __retention__ = WORKING

    key: str = Field(primary_key=True)
    """Of a limit and a subject; it tells neither."""
    full_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    """From then on the row says nothing and may go."""


class Session(SQLModel, table=True):
    """A sign-in on one device, and what it knows of its refresh tokens (`domain.sessions`)."""

    __tablename__ = "session"
    __retention__ = ACCOUNT

    session_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.account_id", index=True)
    device_name: str = Field(sa_column=Column(SealedString("session.device_name"), nullable=False))
    second_factor: bool
    """Whether it was opened with the second factor."""
    create_time: datetime = _instant()
    refresh_hash: bytes = _bytes()
    refresh_expire_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
    previous_refresh_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    previous_request_id: UUID | None = None
    trade_time: datetime | None = _instant_or_none()
    end_time: datetime | None = _instant_or_none()
    prove_time: datetime | None = _instant_or_none()
    """When the second factor was last proven anew in it, for signing."""
    prove_sha256: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """For what: the SHA-256 of the bytes that may be signed; None: for nothing."""


class SigningKey(SQLModel, table=True):
    """An ES256 key pair; it signs from its activation until the next key's."""

    __tablename__ = "signing_key"
    __retention__ = WORKING

    key_id: str = Field(sa_column=Column(String, primary_key=True))
    sealed_private_key: bytes = _sealed("signing_key.sealed_private_key")
    activate_time: datetime = _instant()
    create_time: datetime = _instant()


class DoctorKey(SQLModel, table=True):
    """A professional's Ed25519 key pair. Kept as long as what it signed."""

    __tablename__ = "doctor_key"
    __retention__ = clinical()
    __table_args__ = (
        Index("doctor_key_present", "account_id", unique=True, postgresql_where="end_time is null"),
        Index("doctor_key_account", "account_id"),
    )

    key_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.account_id")
    public_key: bytes = _bytes()
    sealed_private_key: bytes = _sealed("doctor_key.sealed_private_key")
    start_time: datetime = _instant()
    end_time: datetime | None = _instant_or_none()
    """When it was retired; None: it signs."""


class AdminSecret(SQLModel, table=True):
    """The one-time secret that makes the first admin: one row, ever."""

    __tablename__ = "admin_secret"
    __retention__ = WORKING
    __table_args__ = (CheckConstraint("id = 1", name="admin_secret_only_one"),)

    id: int = Field(default=1, primary_key=True)
    secret_hash: bytes = _bytes()
    claim_time: datetime | None = _instant_or_none()


class Licence(SQLModel, table=True):
    """A professional licence; an approved one gives its role until its end."""

    __tablename__ = "licence"
    __retention__ = ACCOUNT
    __table_args__ = (
        Index(
            "licence_number_approved",
            "role",
            "number",
            unique=True,
            postgresql_where="state = 'approved'",
        ),
        Index(
            "licence_number_index_approved",
            "role",
            "number_index",
            unique=True,
            postgresql_where="state = 'approved'",
        ),
        Index("licence_unindexed", "licence_id", postgresql_where="number_index is null"),
    )

    licence_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.account_id", index=True)
    role: str
    number: str = Field(sa_column=Column(SealedString("licence.number"), nullable=False))
    """In upper case."""
    number_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """None: the row is of a release that knew none."""
    hospital: str = Field(sa_column=Column(SealedString("licence.hospital"), nullable=False))
    hospital_grade: str
    title: str = Field(sa_column=Column(SealedString("licence.title"), nullable=False))
    expiry_date: date
    end_time: datetime = _instant()
    """When the expiry date is over."""
    first_registration_date: date | None = None
    """In the profession; None: not told."""
    state: str
    submit_time: datetime = _instant()
    review_time: datetime | None = _instant_or_none()
    reviewer_id: UUID | None = None
    review_note: str = Field(default="", sa_column=Column(SealedString("licence.review_note"), nullable=False))


class Organization(SQLModel, table=True):
    """A clinic, a department, a pharmacy."""

    __tablename__ = "organization"
    __retention__ = WORKING

    organization_id: UUID = Field(primary_key=True)
    name: str
    create_time: datetime = _instant()


class Membership(SQLModel, table=True):
    """Somebody's place in an organization."""

    __tablename__ = "membership"
    __retention__ = ACCOUNT

    organization_id: UUID = Field(primary_key=True, foreign_key="organization.organization_id")
    account_id: UUID = Field(primary_key=True, foreign_key="account.account_id", index=True)
    manager: bool
    create_time: datetime = _instant()


class CareGrant(SQLModel, table=True):
    """A patient's permission, to a person or to an organization."""

    __tablename__ = "care_grant"
    __retention__ = ACCOUNT
    __table_args__ = (
        CheckConstraint("num_nonnulls(account_id, organization_id) = 1", name="care_grant_one_grantee"),
        Index("care_grant_to_tell", "expire_time", postgresql_where="not expiry_told and revoke_time is null"),
        Index("care_grant_of_treatment", "treatment_id", postgresql_where="treatment_id is not null"),
    )

    grant_id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(foreign_key="account.account_id", index=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.account_id", index=True)
    organization_id: UUID | None = Field(default=None, foreign_key="organization.organization_id", index=True)
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    data_start_time: datetime | None = _instant_or_none()
    """The data's own time that it opens, from here on; none: from the beginning."""
    data_end_time: datetime | None = _instant_or_none()
    create_time: datetime = _instant()
    expire_time: datetime | None = _instant_or_none()
    revoke_time: datetime | None = _instant_or_none()
    expiry_told: bool = False
    """Whether the end by itself was published."""
    treatment_id: UUID | None = None
    """The treatment, such as a consultation, that it was given for and ends with; None: none."""
    ended_with_treatment: bool = False
    """Whether it was the treatment's end that revoked it, not a person."""


class EndedTreatment(SQLModel, table=True):
    """When a treatment ended last, for what is heard late of its beginning. Kept for a week."""

    __tablename__ = "ended_treatment"
    __retention__ = WORKING

    treatment_id: UUID = Field(primary_key=True)
    end_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))


class Invite(SQLModel, table=True):
    """A code that gives a grant to whoever accepts it first."""

    __tablename__ = "invite"
    __retention__ = ACCOUNT
    __table_args__ = (UniqueConstraint("code_hash", name="invite_code_hash"),)

    invite_id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(foreign_key="account.account_id", index=True)
    code_hash: bytes = _bytes()
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    data_start_time: datetime | None = _instant_or_none()
    data_end_time: datetime | None = _instant_or_none()
    create_time: datetime = _instant()
    expire_time: datetime = _instant()
    grant_expire_time: datetime | None = _instant_or_none()
    accept_time: datetime | None = _instant_or_none()
