"""Identity in this process, on a real PostgreSQL and NATS, with the test's clock and phones."""

import asyncio
import base64
import contextlib
import io
import re
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import grpc
import jwt
import pyotp
import pytest
from apricot.access.v1.access_pb2 import ROLE_CLINICIAN
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2, licence_pb2
from apricot.identity.v1.account_pb2_grpc import AccountServiceStub
from apricot.identity.v1.audit_pb2_grpc import AuditServiceStub
from apricot.identity.v1.auth_pb2_grpc import AuthServiceStub
from apricot.identity.v1.care_pb2_grpc import CareServiceStub
from apricot.identity.v1.licence_pb2_grpc import LicenceServiceStub
from apricot.identity.v1.organization_pb2_grpc import OrganizationServiceStub
from apricot.identity.v1.security_pb2_grpc import SecurityServiceStub
from google.rpc import error_details_pb2, status_pb2

from clients.sdk.contract import with_fresh_proof
from kit import contract
from kit.bus import Bus
from kit.call import THROUGH_GATEWAY
from kit.database import Database
from kit.sealing import SealingKeys
from services.identity.main import Identity, IdentitySettings
from services.identity.sender import ConsoleSender
from tests.in_process import KEYS, HandClock
from tests.patience import PATIENCE

DEADLINE_SECONDS = PATIENCE
PASSWORD = "correct horse battery"

_phones = count(1)


def new_phone() -> str:
    """A phone that no other test has."""
    return f"+86138{next(_phones):08d}"


def request_id() -> str:
    """For a new request."""
    return str(uuid4())


def service_secret(service: str) -> str:
    """Return the secret by which a service signs in here."""
    return f"service-secret-of-{service}"


class Phones(ConsoleSender):
    """Every phone's last code."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.notices: dict[str, list[str]] = {}

    async def send(self, phone: str, code: str) -> None:
        self.codes[phone] = code

    async def tell(self, phone: str, notice: str, text: str) -> None:
        self.notices.setdefault(phone, []).append(notice)


@dataclass
class Person:
    """Somebody, perhaps signed in."""

    phone: str
    account_id: str = ""
    tokens: auth_pb2.TokenPair = field(default_factory=auth_pb2.TokenPair)
    fresh_proof: str = ""
    """Of the last sign-in; what a thief of the access token does not have."""
    totp_secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)

    @property
    def metadata(self) -> list[tuple[str, str]]:
        return [("authorization", f"Bearer {self.tokens.access_token}")] if self.tokens.access_token else []

    @property
    def roles(self) -> list[str]:
        """What counts in the session."""
        claims = jwt.decode(self.tokens.access_token, options={"verify_signature": False})
        roles: list[str] = claims["roles"]
        return roles


class Stub:
    """A stub whose calls carry a deadline, and whose metadata is a person's."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    async def __call__(
        self, method: str, request: Any, by: Person | None = None, address: str = "", *, through_gateway: bool = False
    ) -> Any:
        if by is not None:
            request = with_fresh_proof(request, by.fresh_proof)
        metadata = [*(by.metadata if by else []), *([("x-envoy-external-address", address)] if address else [])]
        if through_gateway:
            metadata.append((THROUGH_GATEWAY, "1"))
        return await getattr(self._stub, method)(request, timeout=DEADLINE_SECONDS, metadata=metadata)


class Running:
    """The running service and how to call it."""

    def __init__(self, identity: Identity, database: Database, bus: Bus, channel: grpc.aio.Channel) -> None:
        self.identity = identity
        self.database = database
        self.bus = bus
        self.auth = Stub(AuthServiceStub(channel))
        self.account = Stub(AccountServiceStub(channel))
        self.security = Stub(SecurityServiceStub(channel))
        self.licence = Stub(LicenceServiceStub(channel))
        self.care = Stub(CareServiceStub(channel))
        self.organization = Stub(OrganizationServiceStub(channel))
        self.audit = Stub(AuditServiceStub(channel))
        self.address = ""
        self.admin_secret = ""
        self._admin: Person | None = None

    def bind(self, clock: HandClock, phones: Phones) -> None:
        """The clock and phones that the service was built with."""
        self.clock, self.phones = clock, phones

    async def code(self, phone: str) -> str:
        """Ask for a code and read it off the phone."""
        await self.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=phone))
        return self.phones.codes[phone]

    async def sign_in(self, person: Person | None = None) -> Person:
        """Sign somebody in by code, with their second factor if they have one."""
        if person is None:
            person = Person(new_phone())
        else:
            self.clock.advance(minutes=1)  # past the resend limit, and into a new step of TOTP
        credential = auth_pb2.PhoneCode(phone=person.phone, code=await self.code(person.phone))
        totp_code = self.totp(person) if person.totp_secret else ""
        answer = await self.auth("SignIn", auth_pb2.SignInRequest(phone_code=credential, totp_code=totp_code))
        person.account_id, person.tokens = answer.account.account_id, answer.tokens
        person.fresh_proof = answer.fresh_proof
        return person

    async def told(self, phone: str) -> list[str]:
        """What the owner of a phone was told, by the notices' names."""
        await self.identity.notices.send_due()
        return self.phones.notices.get(phone, [])

    async def fresh(self, person: Person) -> Person:
        """Refresh somebody's tokens: they last ten minutes, and carry the roles of now."""
        request = auth_pb2.RefreshTokenRequest(request_id=request_id(), refresh_token=person.tokens.refresh_token)
        person.tokens = (await self.auth("RefreshToken", request)).tokens
        return person

    def totp(self, person: Person, steps: int = 0) -> str:
        """The person's TOTP code now, or some steps from now."""
        return pyotp.TOTP(person.totp_secret).generate_otp(int(self.clock.now.timestamp()) // 30 + steps)

    async def enroll(self, person: Person) -> Person:
        """Give somebody a second factor and sign them in with it."""
        made = await self.account("EnrollTotp", account_pb2.EnrollTotpRequest(request_id=request_id()), person)
        person.totp_secret = made.secret
        confirm = account_pb2.ConfirmTotpRequest(request_id=request_id(), totp_code=self.totp(person))
        person.recovery_codes = list((await self.account("ConfirmTotp", confirm, person)).recovery_codes)
        return await self.sign_in(person)

    async def admin(self) -> Person:
        """The admin, freshly signed in."""
        if self._admin is None:
            self._admin = await self.sign_in()
            claim = account_pb2.ClaimAdminRequest(request_id=request_id(), secret=self.admin_secret)
            await self.account("ClaimAdmin", claim, self._admin)
            return await self.enroll(self._admin)
        return await self.fresh(self._admin)

    async def clinician(self, expiry_date: str = "2030-12-31") -> Person:
        """Somebody with an approved licence and a second factor."""
        person = await self.sign_in()
        licence = await self.submit(person, expiry_date)
        await self.review(licence.licence_id, licence_pb2.LICENCE_STATE_APPROVED)
        return await self.enroll(person)

    async def submit(self, person: Person, expiry_date: str = "2030-12-31", number: str = "") -> licence_pb2.Licence:
        """Submit a licence of somebody's."""
        details = licence_pb2.LicenceDetails(
            role=ROLE_CLINICIAN,
            number=number or uuid4().hex,
            hospital="杏林医院",
            hospital_grade="3A",
            title="主任医师",
            expiry_date=expiry_date,
        )
        request = licence_pb2.SubmitLicenceRequest(request_id=request_id(), details=details)
        return (await self.licence("SubmitLicence", request, person)).licence  # type: ignore[no-any-return]

    async def review(self, licence_id: str, decision: Any) -> licence_pb2.Licence:
        """Review it, as the admin."""
        request = licence_pb2.ReviewLicenceRequest(request_id=request_id(), licence_id=licence_id, decision=decision)
        return (await self.licence("ReviewLicence", request, await self.admin())).licence  # type: ignore[no-any-return]

    async def service(self, name: str = "glucose") -> Person:
        """A service of Apricot's own."""
        credential = auth_pb2.ServiceSecret(service=name, secret=service_secret(name))
        answer = await self.auth("SignIn", auth_pb2.SignInRequest(service_secret=credential))
        return Person("", tokens=answer.tokens)

    def channel(self) -> grpc.aio.Channel:
        """A connection of one's own, for streams."""
        return grpc.aio.insecure_channel(self.address)

    def opened(self, column: str, kept: bytes) -> bytes:
        """Bytes of a sealed column, as they were."""
        return self.database.sealing.open(column, kept)

    async def execute(self, statement: str, *values: Any) -> list[Any]:
        """A statement on the service's own database."""
        async with self.database.connection() as connection:
            return list(await connection.fetch(statement, *values))

    @asynccontextmanager
    async def events(self, subject: str) -> AsyncIterator[asyncio.Queue[Any]]:
        """What is published on a subject meanwhile."""
        arrived: asyncio.Queue[Any] = asyncio.Queue()
        subscription = await self.bus.client.subscribe(subject, cb=arrived.put)
        await self.bus.client.flush()
        yield arrived
        await subscription.unsubscribe()


async def soon[T](awaitable: Awaitable[T]) -> T:
    """What is about to come."""
    async with asyncio.timeout(PATIENCE):
        return await awaitable


@contextmanager
def refused(reason: Reason.ValueType) -> Iterator[dict[str, str]]:
    """The block's call ends with this reason; gives the metadata of its ErrorInfo."""
    metadata: dict[str, str] = {}
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        yield metadata
    trailers = dict(caught.value.trailing_metadata() or ())
    status = status_pb2.Status.FromString(bytes(trailers["grpc-status-details-bin"]))
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info.reason == Reason.Name(reason).removeprefix("REASON_")
    metadata.update(info.metadata)


def settings(database_url: str, nats_url: str, **changes: Any) -> IdentitySettings:
    """Settings of a service that listens nowhere by itself."""
    values: dict[str, Any] = {
        "grpc_port": 0,
        "http_port": 0,
        "database_url": database_url,
        "nats_url": nats_url,
        "jwks_url": "",
        "identity_address": "",
        "service_secrets": {name: service_secret(name) for name in ("glucose", "consult", "pharmacy")},
        "sealing_keys": KEYS,
        "identity_key": base64.b64encode(b"k" * 32).decode(),
        "print_codes": True,
    }
    return IdentitySettings.model_validate(values | changes)


@asynccontextmanager
async def running_identity(
    database_url: str, nats_url: str, *, keys: SealingKeys = KEYS, **changes: Any
) -> AsyncIterator[Running]:
    """The service on a migrated database, without its background tasks except the relay."""
    clock, phones = HandClock(datetime(2026, 6, 1, 8, tzinfo=UTC)), Phones()
    database, bus = Database(database_url, "identity", keys), await Bus.connect(nats_url, "test")
    identity = Identity(settings(database_url, nats_url, sealing_keys=keys, **changes), database, bus, phones, clock)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        await identity.start()
    server = grpc.aio.server()
    for name, implementation in identity.services.items():
        service = f"apricot.identity.v1.{name}"
        handlers = {
            method.descriptor.name: identity.chain.handler(method, getattr(implementation, method.descriptor.name))
            for path, method in contract.methods().items()
            if path.startswith(f"/{service}/")
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    relay = asyncio.create_task(identity.relay.run())
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        running = Running(identity, database, bus, channel)
        running.bind(clock, phones)
        running.address = f"127.0.0.1:{port}"
        secrets = re.findall(r"^first admin secret: (.+)$", printed.getvalue(), re.MULTILINE)
        running.admin_secret = secrets[0] if secrets else ""
        yield running
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)
    await server.stop(None)
    await bus.close()
    await database.close()


def as_uuid(person: Person) -> UUID:
    """The person's account."""
    return UUID(person.account_id)
