"""Patients, signed in quickly: by the codes that identity prints to its log."""

import asyncio
import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import grpc
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, Scope
from apricot.identity.v1.auth_pb2 import PhoneCode, RefreshTokenRequest, RequestCodeRequest, SignInRequest
from apricot.identity.v1.auth_pb2_grpc import AuthServiceStub
from apricot.identity.v1.care_pb2 import GrantAccessRequest
from apricot.identity.v1.care_pb2_grpc import CareServiceStub

from benchmarks.requests import new_id

_AT_ONCE = 16
_numbers = count()


@dataclass(frozen=True)
class Person:
    """Somebody with an access token of ten minutes."""

    id: str
    token: str
    refresh_token: str
    fresh_proof: str = ""
    """From the sign-in: opens sensitive acts for ten minutes."""

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The token, as a call carries it."""
        return bearer(self.token)


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    """A token, as a call carries it."""
    return (("authorization", f"Bearer {token}"),)


async def sign_in(channel: grpc.aio.Channel, identity_log: Path, how_many: int) -> list[Person]:
    """New patients."""
    auth, room = AuthServiceStub(channel), asyncio.Semaphore(_AT_ONCE)

    async def one() -> Person:
        phone = f"+8617{next(_numbers):09d}"
        async with room:
            await auth.RequestCode(RequestCodeRequest(phone=phone), timeout=10)
            credential = PhoneCode(phone=phone, code=await _code(identity_log, phone))
            answer = await auth.SignIn(SignInRequest(phone_code=credential), timeout=10)
        tokens = answer.tokens
        return Person(answer.account.account_id, tokens.access_token, tokens.refresh_token, answer.fresh_proof)

    return await asyncio.gather(*(one() for _ in range(how_many)))


async def renew(channel: grpc.aio.Channel, person: Person) -> Person:
    """With another ten minutes."""
    request = RefreshTokenRequest(request_id=new_id(), refresh_token=person.refresh_token)
    tokens = (await AuthServiceStub(channel).RefreshToken(request, timeout=10)).tokens
    return Person(person.id, tokens.access_token, tokens.refresh_token)


async def grant(channel: grpc.aio.Channel, patient: Person, reader: Person, *more: Scope.ValueType) -> str:
    """Let somebody read a patient's diary, and see what more scopes open; return the grant's id."""
    request = GrantAccessRequest(
        request_id=new_id(),
        account_id=reader.id,
        scopes=[SCOPE_GLUCOSE_READ, *more],
        fresh_proof=patient.fresh_proof,
    )
    answer = await CareServiceStub(channel).GrantAccess(request, metadata=patient.metadata, timeout=10)
    return answer.grant.grant_id


async def _code(identity_log: Path, phone: str) -> str:
    pattern = re.compile(rf"code for {re.escape(phone)}: (\d{{6}})")
    async with asyncio.timeout(10):
        while not (found := pattern.search(identity_log.read_text(errors="replace"))):
            await asyncio.sleep(0.01)  # a file's growth is no event that could be awaited
    return found[1]
