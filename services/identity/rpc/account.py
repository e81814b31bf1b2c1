"""AccountService: the caller's own account."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Sequence
from functools import cache
from zoneinfo import available_timezones

from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2
from apricot.identity.v1.account_pb2 import Profile, Sex
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, invalid_field
from kit.idempotency import answer_once
from services.identity import events
from services.identity.domain.codes import CredentialsInvalid
from services.identity.domain.indexed import PUSH_TOKEN
from services.identity.domain.limits import CLAIMS_PER_ACCOUNT
from services.identity.domain.notices import Act
from services.identity.domain.roles import Role
from services.identity.rpc.account_export import export_account
from services.identity.rpc.common import Audit, Limits, calendar_date, caller_locked, person, plain
from services.identity.rpc.convert import account_message, enum_name
from services.identity.rpc.credentials import Credentials
from services.identity.rpc.deletion import Deletion
from services.identity.rpc.fresh_proofs import FreshProofs
from services.identity.store import accounts, admin_secret, owner_notices, recovery_codes
from services.identity.store.tables import Account
from services.identity.vault import Vault

_zones = cache(available_timezones)  # reads hundreds of files


class AccountService:
    """Profile, password, second factor, devices, the first admin, export and the account's end."""

    def __init__(
        self,
        database: Database,
        credentials: Credentials,
        proofs: FreshProofs,
        limits: Limits,
        audit: Audit,
        vault: Vault,
        clock: Clock,
        deletion: Deletion,
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._proofs = proofs
        self._limits = limits
        self._audit = audit
        self._vault = vault
        self._clock = clock
        self._deletion = deletion

    async def GetMe(self, request: account_pb2.GetMeRequest, call: Call) -> account_pb2.GetMeResponse:
        """The caller's account."""
        async with self._database.transaction() as session:
            account = await caller_locked(session, call)
            return account_pb2.GetMeResponse(account=await self._message(session, account))

    async def UpdateProfile(
        self, request: account_pb2.UpdateProfileRequest, call: Call
    ) -> account_pb2.UpdateProfileResponse:
        """Change the fields that the mask names."""
        async with self._database.transaction() as session:

            async def work() -> account_pb2.UpdateProfileResponse:
                account = await caller_locked(session, call)
                self._change(session, account, request.profile, request.update_mask.paths)
                if "display_name" in request.update_mask.paths:
                    events.licence_changed(session, account.account_id)
                return account_pb2.UpdateProfileResponse(account=await self._message(session, account))

            return await answer_once(session, call, request, account_pb2.UpdateProfileResponse, work)

    async def SetPassword(self, request: account_pb2.SetPasswordRequest, call: Call) -> account_pb2.SetPasswordResponse:
        """Ask `Credentials`."""
        return await self._credentials.set_password(request, call)

    async def EnrollTotp(self, request: account_pb2.EnrollTotpRequest, call: Call) -> account_pb2.EnrollTotpResponse:
        """Ask `Credentials`."""
        return await self._credentials.enroll_totp(request, call)

    async def ConfirmTotp(self, request: account_pb2.ConfirmTotpRequest, call: Call) -> account_pb2.ConfirmTotpResponse:
        """Ask `Credentials`."""
        return await self._credentials.confirm_totp(request, call)

    async def RegisterDevice(
        self, request: account_pb2.RegisterDeviceRequest, call: Call
    ) -> account_pb2.RegisterDeviceResponse:
        """The device of that push token is now the caller's."""
        platform = enum_name(account_pb2.DevicePlatform, "DEVICE_PLATFORM_", request.platform)
        push_token = self._vault.indexed(PUSH_TOKEN, plain("push_token", request.push_token))
        name = plain("name", request.name)
        async with self._database.transaction() as session:

            async def work() -> account_pb2.RegisterDeviceResponse:
                account = await caller_locked(session, call)
                device_id = await accounts.register_device(
                    session, account.account_id, platform, push_token, name, self._clock()
                )
                return account_pb2.RegisterDeviceResponse(device_id=str(device_id))

            return await answer_once(session, call, request, account_pb2.RegisterDeviceResponse, work)

    async def ClaimAdmin(self, request: account_pb2.ClaimAdminRequest, call: Call) -> account_pb2.ClaimAdminResponse:
        """The first admin, once."""
        await self._limits.use((CLAIMS_PER_ACCOUNT, str(call.caller.account_id)))
        async with self._database.transaction() as session:

            async def work() -> account_pb2.ClaimAdminResponse:
                account, now = await caller_locked(session, call), self._clock()
                secret = await admin_secret.locked(session)
                if await accounts.any_admin(session):
                    raise ApricotError(Reason.REASON_WRONG_STATE, "there is an admin already")
                given = hashlib.sha256(request.secret.encode()).digest()
                if secret is None or not hmac.compare_digest(secret.secret_hash, given):
                    raise CredentialsInvalid
                secret.claim_time = now
                await accounts.give_role(session, account.account_id, Role.ADMIN, now)
                message = await self._message(session, account)
                await self._audit.note(session, call, object_id=account.account_id)
                return account_pb2.ClaimAdminResponse(account=message)

            return await answer_once(session, call, request, account_pb2.ClaimAdminResponse, work)

    async def ExportAccount(
        self, request: account_pb2.ExportAccountRequest, call: Call
    ) -> AsyncIterator[account_pb2.ExportAccountResponse]:
        """Everything there is about the caller."""
        person(call.caller)
        async with self._database.transaction() as session:
            account = await caller_locked(session, call)
            await self._proofs.require(session, call, request.fresh_proof)
            owner_notices.add(session, account, Act.ACCOUNT_EXPORTED, self._clock())
            await self._audit.note(session, call, object_id=account.account_id)
        async for content in export_account(self._database, person(call.caller), self._clock()):
            yield account_pb2.ExportAccountResponse(content=content)

    async def DeleteAccount(
        self, request: account_pb2.DeleteAccountRequest, call: Call
    ) -> account_pb2.DeleteAccountResponse:
        """The end."""
        return await self._deletion.delete(request, call)

    def _change(self, session: AsyncSession, account: Account, profile: Profile, paths: Sequence[str]) -> None:
        if not paths:
            raise invalid_field("update_mask", "at least one field")
        if "display_name" in paths:
            account.display_name = plain("profile.display_name", profile.display_name)
        if "birth_date" in paths:
            born = calendar_date("profile.birth_date", profile.birth_date) if profile.birth_date else None
            if born is not None and born > self._clock().date():
                raise invalid_field("profile.birth_date", "lies in the future")
            accounts.set_birth_date(session, account, born)
        if "sex" in paths:
            account.sex = enum_name(Sex, "SEX_", profile.sex)
        if "time_zone" in paths:
            if profile.time_zone and profile.time_zone not in _zones():
                raise invalid_field("profile.time_zone", "not in the IANA database")
            account.time_zone = profile.time_zone
        if "language" in paths:
            account.language = profile.language

    async def _message(self, session: AsyncSession, account: Account) -> account_pb2.Account:
        held = await accounts.roles_of(session, account.account_id, self._clock())
        has_second_factor = await accounts.has_second_factor(session, account.account_id)
        codes_left = await recovery_codes.left(session, account.account_id)
        return account_message(account, held, has_second_factor, codes_left)
