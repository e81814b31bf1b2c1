"""The demo: accounts with a fixed code and a fixed second factor. They exist, and their code works, only where the
setting `demo` is on; nothing else of Apricot knows these constants."""

import hmac
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.database import Database
from services.identity import events
from services.identity.domain import licences
from services.identity.domain.audit import Event
from services.identity.domain.indexed import LICENCE_NUMBER, PHONE
from services.identity.domain.licences import State
from services.identity.domain.roles import Role
from services.identity.rpc.convert import EVERY_SCOPE
from services.identity.store import accounts, admin_secret, audit, sessions
from services.identity.store.tables import (
    Account,
    CareGrant,
    Licence,
    Membership,
    Organization,
    SecondFactor,
)
from services.identity.vault import Vault

log = structlog.get_logger()

CODE = "246810"
TOTP_SECRET = "APRICOTAPRICOTAPRICOTAPRICOTAPRI"  # noqa: S105  public: the demo's own
PATIENT_PHONES = tuple(f"+861390000000{number}" for number in range(1, 7))
CLINICIAN_PHONE = "+8613900000100"
CLINICIAN_NAME = "Dr. 周明 Zhou Ming"
ADMIN_PHONE = "+8613900000200"
PHARMACIST_PHONE = "+8613900000300"
PHARMACIST_NAME = "沈清 Shen Qing"
COURIER_PHONE = "+8613900000400"
COURIER_NAME = "马超 Ma Chao"
CLINIC_NAME = "Apricot Clinic 杏林诊所"
_HOSPITAL_NAME = "杭州杏林医院"
"""One of the demo's hospitals in consult, of grade 3A: a practice names the hospital of the licence."""
PHARMACY_NAME = "杭州杏林大药房"
PHONES = frozenset({*PATIENT_PHONES, CLINICIAN_PHONE, ADMIN_PHONE, PHARMACIST_PHONE, COURIER_PHONE})

_LICENCE_END = date(2099, 12, 31)
_LICENCE_NUMBERS = {
    Role.CLINICIAN: "DEMO-110000",
    Role.PHARMACIST: "DEMO-310000",
    Role.COURIER: "DEMO-410000",
}
_FIRST_REGISTRATION = date(1998, 8, 1)
_GRANT_ACTION = "apricot.identity.v1.CareService/GrantAccess"
_FIRST_SCOPES = ["glucose_read"]
"""What the demo's grants allowed before there were more scopes."""


def is_demo_phone(phone: str) -> bool:
    """Whether a phone is one of the demo's."""
    return phone in PHONES


def is_demo_code(phone: str, code: str) -> bool:
    """Whether this signs a demo account in."""
    return is_demo_phone(phone) and hmac.compare_digest(code, CODE)


def demo_id(name: str) -> UUID:
    """The id of a thing of the demo, by its name or phone."""
    return uuid5(NAMESPACE_URL, f"apricot:demo:{name}")


CLINIC_ID = demo_id(CLINIC_NAME)
"""The clinic's organization."""


async def close_demo(database: Database, clock: Clock) -> None:
    """End the demo of an earlier start: its sessions, its admin. Its people cannot sign in while the demo is off."""
    now, open_accounts = clock(), 0
    async with database.transaction() as session:
        await admin_secret.lock(session)
        for account_id in map(demo_id, sorted(PHONES)):
            ended = await sessions.end(session, account_id, now)
            events.sessions_ended(session, account_id, ended)
            was_admin = await accounts.take_role(session, account_id, Role.ADMIN)
            open_accounts += bool(ended or was_admin)
    if open_accounts:
        log.warning("demo_accounts_closed", accounts=open_accounts)


class DemoSeed:
    """Makes the demo's accounts, clinic and grants; what is there already stays as its people have left it."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    async def plant(self) -> None:
        """Make what is missing, in one transaction; replicas that start together wait for each other."""
        async with self._database.transaction() as session:
            await admin_secret.lock(session)
            await self._clinic(session)
            for phone in PATIENT_PHONES:
                patient = await self._account(session, phone, "")
                await self._grant(session, patient)
            await self._clinician(session)
            await self._pharmacist(session)
            await self._courier(session)
            admin = await self._account(session, ADMIN_PHONE, "Apricot admin")
            await self._second_factor(session, admin)
            await accounts.give_role(session, admin, Role.ADMIN, self._clock())
        log.warning("the demo accounts are open to everybody who reaches this platform")

    async def _account(self, session: AsyncSession, phone: str, name: str) -> UUID:
        indexed = self._vault.indexed(PHONE, phone)
        found = await accounts.by_phone(session, indexed)
        if found is None:
            found = Account(
                account_id=demo_id(phone),
                phone=phone,
                phone_index=indexed.index,
                display_name=name,
                create_time=self._clock(),
            )
            session.add(found)
            await session.flush()
        return found.account_id

    async def _second_factor(self, session: AsyncSession, account_id: UUID) -> None:
        if await session.get(SecondFactor, account_id) is None:
            sealed = self._vault.seal("totp", str(account_id), TOTP_SECRET.encode())
            session.add(SecondFactor(account_id=account_id, sealed_secret=sealed, confirm_time=self._clock()))

    async def _clinician(self, session: AsyncSession) -> None:
        clinician = await self._account(session, CLINICIAN_PHONE, CLINICIAN_NAME)
        await self._second_factor(session, clinician)
        licence = await self._licence(session, "licence", clinician, Role.CLINICIAN, _HOSPITAL_NAME, "Chief Physician")
        licence.hospital = _HOSPITAL_NAME  # an older release wrote the clinic's name
        if licence.first_registration_date is None:
            licence.first_registration_date = _FIRST_REGISTRATION
        if await session.get(Membership, (CLINIC_ID, clinician)) is None:
            session.add(
                Membership(organization_id=CLINIC_ID, account_id=clinician, manager=True, create_time=self._clock())
            )

    async def _pharmacist(self, session: AsyncSession) -> None:
        pharmacist = await self._account(session, PHARMACIST_PHONE, PHARMACIST_NAME)
        await self._second_factor(session, pharmacist)
        await self._licence(session, "pharmacist", pharmacist, Role.PHARMACIST, PHARMACY_NAME, "Chief Pharmacist")

    async def _courier(self, session: AsyncSession) -> None:
        courier = await self._account(session, COURIER_PHONE, COURIER_NAME)
        await self._licence(session, "courier", courier, Role.COURIER, PHARMACY_NAME, "")

    async def _licence(
        self, session: AsyncSession, name: str, account_id: UUID, role: Role, employer: str, title: str
    ) -> Licence:
        """The one that there is, or an approved one."""
        found = await session.get(Licence, demo_id(name))
        if found is None:
            now = self._clock()
            found = Licence(
                licence_id=demo_id(name),
                account_id=account_id,
                role=role,
                number=_LICENCE_NUMBERS[role],
                number_index=self._vault.derive(LICENCE_NUMBER, _LICENCE_NUMBERS[role]),
                hospital=employer,
                hospital_grade="3A" if role is Role.CLINICIAN else "",
                title=title,
                expiry_date=_LICENCE_END,
                end_time=licences.end_of(_LICENCE_END),
                first_registration_date=_FIRST_REGISTRATION,
                state=State.APPROVED,
                submit_time=now,
                review_time=now,
            )
            session.add(found)
        return found

    async def _clinic(self, session: AsyncSession) -> None:
        if await session.get(Organization, CLINIC_ID) is None:
            session.add(Organization(organization_id=CLINIC_ID, name=CLINIC_NAME, create_time=self._clock()))
            await session.flush()

    async def _grant(self, session: AsyncSession, patient: UUID) -> None:
        grant_id, now = demo_id(f"grant {patient}"), self._clock()
        grant = await session.get(CareGrant, grant_id)
        if grant is None:
            grant = CareGrant(
                grant_id=grant_id, patient_id=patient, organization_id=CLINIC_ID, scopes=EVERY_SCOPE, create_time=now
            )
            session.add(grant)
        elif grant.scopes == _FIRST_SCOPES and grant.revoke_time is None:
            grant.scopes = EVERY_SCOPE
        else:
            return
        events.grants_changed(session, [patient])
        event = Event(now, patient, _GRANT_ACTION, patient, grant_id)
        await audit.append(session, self._vault.subkey("audit"), event)
