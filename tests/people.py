"""People for tests: they sign in through the real gateway, with the codes that the console sender printed."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import uuid4

import pyotp
from apricot.access.v1.access_pb2 import ROLE_CLINICIAN, ROLE_COURIER, ROLE_PHARMACIST, Role, Scope
from apricot.consult.v1.prescription_pb2 import (
    IssuePrescriptionRequest,
    PreparePrescriptionRequest,
    Prescription,
    WrittenPrescription,
)
from apricot.identity.v1.account_pb2 import ConfirmTotpRequest, EnrollTotpRequest, SetPasswordRequest
from apricot.identity.v1.care_pb2 import GrantAccessRequest, RevokeAccessRequest
from apricot.identity.v1.licence_pb2 import (
    LICENCE_STATE_APPROVED,
    LicenceDetails,
    ReviewLicenceRequest,
    SubmitLicenceRequest,
)
from apricot.identity.v1.organization_pb2 import AddMemberRequest, CreateOrganizationRequest
from apricot.identity.v1.signing_pb2 import ProveSecondFactorRequest

from clients.sdk import Apricot, ApricotError, Reason, Session
from clients.sdk.prescriptions import signed_sha256
from services.identity import demo
from tests.patience import PATIENCE

PASSWORD = "correct horse battery"

_numbers = count(int(time.time()) % 100_000 * 1000)


def new_phone() -> str:
    """A phone nobody has."""
    return f"+8617{next(_numbers):09d}"


class Authenticator:
    """Somebody's second factor. Each time step works once, and identity takes the one before and the one to come, so
    that three codes can be shown at once and then one every half minute."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)
        self._step = 0

    def code(self) -> str:
        """The next code that was not shown yet."""
        self._step = max(self._step + 1, int(time.time()) // 30 - 1)
        return self._totp.generate_otp(self._step)

    async def show[T](self, act: Callable[[str], Awaitable[T]]) -> T:
        """Do what asks for a code. One that is refused was shown too late, or by somebody else: show the next."""
        for _ in range(2):
            try:
                return await act(self.code())
            except ApricotError as error:
                if error.reason != Reason.REASON_SECOND_FACTOR_INVALID:
                    raise
        return await act(self.code())

    def forget(self) -> None:
        """Show the codes of now once more."""
        self._step = 0


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    session: Session
    account_id: str
    phone: str
    authenticator: Authenticator | None = None
    """Of a clinician whom the tests made."""

    async def issue(self, consultation_id: str, written: WrittenPrescription) -> Prescription:
        """Issue a prescription as the app does: prepared, proven for its bytes, signed. A new clinician can once,
        without waiting."""
        prepare = PreparePrescriptionRequest(consultation_id=consultation_id, written=written)
        content = (await self.session.prescriptions.PreparePrescription(prepare)).content
        await self.prove_second_factor(content)
        request = IssuePrescriptionRequest(
            request_id=str(uuid4()), consultation_id=consultation_id, written=written, content=content
        )
        return (await self.session.prescriptions.IssuePrescription(request)).prescription

    async def prove_second_factor(self, content: bytes) -> None:
        """Prove it anew, so that this prescription may be signed."""
        assert self.authenticator is not None

        async def prove(code: str) -> None:
            request = ProveSecondFactorRequest(
                request_id=str(uuid4()), totp_code=code, signed_sha256=signed_sha256(content)
            )
            await self.session.signing.ProveSecondFactor(request)

        await self.authenticator.show(prove)

    async def grant(
        self,
        to: "Person",
        *scopes: Scope.ValueType,
        expire_time: datetime | None = None,
        data: tuple[datetime, datetime] | None = None,
    ) -> str:
        """Grant somebody access to one's data, to all or to a range of its own time; the grant's id."""
        request = GrantAccessRequest(request_id=str(uuid4()), account_id=to.account_id, scopes=scopes)
        if expire_time is not None:
            request.expire_time.FromDatetime(expire_time.astimezone(UTC))
        if data is not None:
            request.data_start_time.FromDatetime(data[0].astimezone(UTC))
            request.data_end_time.FromDatetime(data[1].astimezone(UTC))
        return (await self.session.care.GrantAccess(request)).grant.grant_id

    async def grant_organization(self, organization_id: str, *scopes: Scope.ValueType) -> str:
        """Grant an organization's members access to one's data; the grant's id."""
        request = GrantAccessRequest(request_id=str(uuid4()), organization_id=organization_id, scopes=scopes)
        return (await self.session.care.GrantAccess(request)).grant.grant_id

    async def revoke(self, grant_id: str) -> None:
        """Take a grant back."""
        await self.session.care.RevokeAccess(RevokeAccessRequest(request_id=str(uuid4()), grant_id=grant_id))

    async def token(self) -> str:
        """The session's present access token, for calls that do not go through the SDK."""
        return await self.session._tokens.token()


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
        """Have a code sent, and read it."""
        await self.apricot.request_code(phone)
        return await self.sent_code(phone)

    async def sent_code(self, phone: str) -> str:
        """Read the last code that was sent to a phone, where the console sender prints it."""
        pattern = re.compile(rf"code for {re.escape(phone)}: (\d{{6}})")
        async with asyncio.timeout(PATIENCE):
            while not (found := pattern.findall(self._identity_log.read_text(errors="replace"))):
                await asyncio.sleep(0.01)
        return str(found[-1])

    async def clinician(self) -> Person:
        """The demo's clinician, signed in once: a TOTP code works once."""
        return await self._of_demo(demo.CLINICIAN_PHONE)

    async def admin(self) -> Person:
        """The demo's admin, signed in once."""
        return await self._of_demo(demo.ADMIN_PHONE)

    async def new_clinician(self, first_registration_date: str = "2010-07-01", hospital: str = "杏林医院") -> Person:
        """A clinician of the test's own: licence submitted and approved, second factor enrolled and shown."""
        return await self._with_second_factor(
            await self._licensed(ROLE_CLINICIAN, first_registration_date=first_registration_date, hospital=hospital)
        )

    async def new_pharmacist(self) -> Person:
        """A pharmacist of the test's own, likewise."""
        return await self._with_second_factor(await self._licensed(ROLE_PHARMACIST))

    async def new_courier(self) -> Person:
        """A courier of the test's own: health certificate submitted and approved."""
        person = await self._licensed(ROLE_COURIER)
        await person.session.account.SetPassword(SetPasswordRequest(request_id=str(uuid4()), new_password=PASSWORD))
        session = await self.apricot.sign_in_with_password(person.phone, PASSWORD)
        await person.session.close()
        return Person(session, person.account_id, person.phone)

    async def _licensed(
        self, role: Role.ValueType, first_registration_date: str = "2010-07-01", hospital: str = "杏林医院"
    ) -> Person:
        person = await self.patient()
        details = LicenceDetails(
            role=role,
            number=uuid4().hex,
            hospital=hospital,
            hospital_grade="3A",
            title="主治医师",
            expiry_date="2099-12-31",
            first_registration_date=first_registration_date,
        )
        submit = SubmitLicenceRequest(request_id=str(uuid4()), details=details)
        licence = (await person.session.licences.SubmitLicence(submit)).licence
        await (await self.admin()).session.licences.ReviewLicence(
            ReviewLicenceRequest(
                request_id=str(uuid4()), licence_id=licence.licence_id, decision=LICENCE_STATE_APPROVED
            )
        )
        return person

    async def _with_second_factor(self, person: Person) -> Person:
        # A phone asks for a code once a minute: sign in by password. It is set first: the proof of this sign-in opens
        # nothing more once a second factor is confirmed, which it did not show.
        await person.session.account.SetPassword(SetPasswordRequest(request_id=str(uuid4()), new_password=PASSWORD))
        enrol = await person.session.account.EnrollTotp(EnrollTotpRequest(request_id=str(uuid4())))
        authenticator = Authenticator(enrol.secret)

        async def confirm(code: str) -> None:
            await person.session.account.ConfirmTotp(ConfirmTotpRequest(request_id=str(uuid4()), totp_code=code))

        async def sign_in(code: str) -> Session:
            return await self.apricot.sign_in_with_password(person.phone, PASSWORD, totp=code)

        await authenticator.show(confirm)
        session = await authenticator.show(sign_in)
        await person.session.close()
        return Person(session, person.account_id, person.phone, authenticator)

    async def organization(self, *members: Person) -> str:
        """A new organization with these members; its id."""
        admin = await self.admin()
        create = CreateOrganizationRequest(request_id=str(uuid4()), name="杏林诊所")
        made = (await admin.session.organizations.CreateOrganization(create)).organization
        for member in members:
            await admin.session.organizations.AddMember(
                AddMemberRequest(
                    request_id=str(uuid4()), organization_id=made.organization_id, account_id=member.account_id
                )
            )
        return made.organization_id

    async def _of_demo(self, phone: str) -> Person:
        async def sign_in(code: str) -> Person:
            return await self._signed_in(phone, demo.CODE, code)

        if phone not in self._demo:
            self._demo[phone] = await Authenticator(demo.TOTP_SECRET).show(sign_in)
        return self._demo[phone]

    async def _signed_in(self, phone: str, code: str, totp: str = "") -> Person:
        session = await self.apricot.sign_in_with_code(phone, code, totp=totp)
        assert session.signed_in is not None
        return Person(session, session.signed_in.account.account_id, phone)
