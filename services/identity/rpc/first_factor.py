"""The first factor at sign-in: a code sent to the phone, or a password."""

from dataclasses import dataclass
from typing import Literal, Protocol

from apricot.identity.v1 import auth_pb2
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.database import Database
from services.identity.demo import demo_id, is_demo_code
from services.identity.domain import codes as rules
from services.identity.domain.codes import CredentialsInvalid
from services.identity.domain.indexed import PHONE, Indexed
from services.identity.domain.limits import PASSWORDS_PER_PHONE, Limit
from services.identity.passwords import Passwords
from services.identity.rpc.common import Limits
from services.identity.store import accounts, codes
from services.identity.store.tables import Account, OneTimeCode
from services.identity.vault import Vault


@dataclass(frozen=True)
class Proof:
    """A phone whose holder has shown the first factor."""

    phone: Indexed
    code: OneTimeCode | None = None
    """The code shown, to be used up with the sign-in; none: a password, or the demo's code, which lasts."""
    by_password: bool = False


class FirstFactor:
    """Checks first factors."""

    def __init__(
        self, database: Database, limits: Limits, passwords: Passwords, vault: Vault, clock: Clock, *, demo: bool
    ) -> None:
        self._database = database
        self._limits = limits
        self._passwords = passwords
        self._vault = vault
        self._clock = clock
        self._demo = demo

    async def check(self, request: auth_pb2.SignInRequest, address: str, per_address: Limit) -> Proof:
        """Who signs in. Errors: `CredentialsInvalid`, RATE_LIMITED."""
        if request.HasField("phone_code"):
            phone, code = self._vault.indexed(PHONE, request.phone_code.phone), request.phone_code.code
            if self._demo and is_demo_code(phone.value, code):
                return Proof(phone)
            await self._limits.use((per_address, address))
            return await self._by_code(phone, code)
        phone, password = self._vault.indexed(PHONE, request.phone_password.phone), request.phone_password.password
        await self._limits.use((per_address, address), (PASSWORDS_PER_PHONE, phone.value))
        return await self._by_password(phone, password)

    async def account(self, session: AsyncSession, proof: Proof) -> Account:
        """The account of a proof, which is used up; the first sign-in of a phone by code makes it.
        Errors: `CredentialsInvalid` when another sign-in used the code meanwhile, or the account is a demo's and the
        demo is off: everybody knows its second factor."""
        await self.spend(session, proof)
        found = await accounts.of_phone(session, proof.phone, self._clock())
        if found.account_id == demo_id(proof.phone.value) and not self._demo:
            raise CredentialsInvalid
        return found

    async def spend(self, session: AsyncSession, proof: Proof) -> None:
        """Use a proof up. Errors: `CredentialsInvalid` when somebody else used its code meanwhile."""
        if proof.code is not None and not await codes.spend(session, proof.code):
            raise CredentialsInvalid

    async def _by_code(self, phone: Indexed, code: str) -> Proof:
        async with self._database.transaction() as session:
            sent = await codes.attempt(session, phone, self._clock())
        if sent is None or not rules.matches(self._vault.subkey("one-time-code"), sent.salt, code, sent.code_hash):
            raise CredentialsInvalid
        return Proof(phone, sent)

    async def _by_password(self, phone: Indexed, password: str) -> Proof:
        async with self._database.transaction() as session:
            account = await accounts.by_phone(session, phone)
        if not await self._passwords.matches(password, account.password_hash if account else None):
            raise CredentialsInvalid
        return Proof(phone, by_password=True)


class Credential(Protocol):
    """A request that brings a code or a password for the account's own phone."""

    code: str
    password: str

    def HasField(self, field_name: Literal["code"], /) -> bool: ...


def credential_of(phone: str, shown: Credential) -> auth_pb2.SignInRequest:
    """Return what is shown as a sign-in by the account's own phone."""
    if shown.HasField("code"):
        return auth_pb2.SignInRequest(phone_code=auth_pb2.PhoneCode(phone=phone, code=shown.code))
    return auth_pb2.SignInRequest(phone_password=auth_pb2.PhonePassword(phone=phone, password=shown.password))
