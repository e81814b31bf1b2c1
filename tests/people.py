"""People for tests: they sign in through the real gateway, with the codes that the console sender printed."""

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import uuid4

import pyotp
from apricot.access.v1.access_pb2 import Scope
from apricot.identity.v1.care_pb2 import GrantAccessRequest, RevokeAccessRequest

from clients.sdk import Apricot, Session
from services.identity import demo

_numbers = count(int(time.time()) % 100_000 * 1000)


def new_phone() -> str:
    """A phone nobody has."""
    return f"+8617{next(_numbers):09d}"


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    session: Session
    account_id: str
    phone: str

    async def grant(self, to: "Person", *scopes: Scope.ValueType, expire_time: datetime | None = None) -> str:
        """Grant somebody access to one's data; the grant's id."""
        request = GrantAccessRequest(request_id=str(uuid4()), account_id=to.account_id, scopes=scopes)
        if expire_time is not None:
            request.expire_time.FromDatetime(expire_time.astimezone(UTC))
        return (await self.session.care.GrantAccess(request)).grant.grant_id

    async def revoke(self, grant_id: str) -> None:
        """Take a grant back."""
        await self.session.care.RevokeAccess(RevokeAccessRequest(request_id=str(uuid4()), grant_id=grant_id))


class People:
    """Makes people on one platform."""

    def __init__(self, apricot: Apricot, identity_log: Path) -> None:
        self.apricot = apricot
        self._identity_log = identity_log
        self._demo: dict[str, Person] = {}

    async def patient(self) -> Person:
        """A new patient."""
        phone = new_phone()
        return await self._signed_in(phone, await self.code_for(phone))

    async def code_for(self, phone: str) -> str:
        """Have a code sent, and read it where the console sender prints it."""
        await self.apricot.request_code(phone)
        pattern = re.compile(rf"code for {re.escape(phone)}: (\d{{6}})")
        async with asyncio.timeout(10):
            while not (found := pattern.findall(self._identity_log.read_text(errors="replace"))):
                await asyncio.sleep(0.01)
        return str(found[-1])

    async def clinician(self) -> Person:
        """The demo's clinician, signed in once: a TOTP code works once."""
        return await self._of_demo(demo.CLINICIAN_PHONE, pyotp.TOTP(demo.TOTP_SECRET).now())

    async def admin(self) -> Person:
        """The demo's admin, signed in once."""
        return await self._of_demo(demo.ADMIN_PHONE, pyotp.TOTP(demo.TOTP_SECRET).now())

    async def _of_demo(self, phone: str, totp: str) -> Person:
        if phone not in self._demo:
            self._demo[phone] = await self._signed_in(phone, demo.CODE, totp)
        return self._demo[phone]

    async def _signed_in(self, phone: str, code: str, totp: str = "") -> Person:
        session = await self.apricot.sign_in_with_code(phone, code, totp=totp)
        assert session.signed_in is not None
        return Person(session, session.signed_in.account.account_id, phone)
