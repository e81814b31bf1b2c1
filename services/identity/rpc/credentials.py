"""Password, second factor and recovery codes: each change asks a fresh proof, and the account's phone is told."""

from uuid import UUID

from apricot.identity.v1 import account_pb2, security_pb2

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.idempotency import answer_once
from services.identity.domain import factors
from services.identity.domain.codes import CredentialsInvalid
from services.identity.domain.limits import PASSWORD_CHANGES, RECOVERY_CODES_PER_ACCOUNT, SECOND_FACTORS_PER_ACCOUNT
from services.identity.domain.notices import Act
from services.identity.passwords import Passwords
from services.identity.rpc.common import Audit, Endings, Limits, caller_locked
from services.identity.rpc.fresh_proofs import FreshProofs, without_proof
from services.identity.rpc.second_factor import SecondFactors
from services.identity.store import accounts, owner_notices
from services.identity.vault import Vault


class Credentials:
    """Changes what an account signs in with."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        second_factors: SecondFactors,
        proofs: FreshProofs,
        limits: Limits,
        endings: Endings,
        audit: Audit,
        vault: Vault,
        clock: Clock,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._second_factors = second_factors
        self._proofs = proofs
        self._limits = limits
        self._endings = endings
        self._audit = audit
        self._vault = vault
        self._clock = clock

    async def set_password(
        self, request: account_pb2.SetPasswordRequest, call: Call
    ) -> account_pb2.SetPasswordResponse:
        """Replace the password, and end every session but this one."""
        account_id, ended = call.caller.account_id, list[UUID]()
        await self._limits.use((PASSWORD_CHANGES, str(account_id)))
        async with self._database.transaction() as session:
            account = await caller_locked(session, call)
            await self._proofs.require(session, call, request.fresh_proof)

            async def work() -> account_pb2.SetPasswordResponse:
                stored = account.password_hash
                if stored is not None and not await self._passwords.matches(request.current_password, stored):
                    raise CredentialsInvalid
                account.password_hash = await self._passwords.hash(request.new_password)
                ended.extend(await self._endings.end(session, account_id, keep=call.caller.session_id))
                owner_notices.add(session, account, Act.PASSWORD_SET, self._clock())
                await self._audit.note(session, call, object_id=account_id)
                return account_pb2.SetPasswordResponse()

            veiled = self._veiled(request)
            answer = await answer_once(session, call, veiled, account_pb2.SetPasswordResponse, work)
        await self._endings.tell(ended)
        return answer

    async def enroll_totp(self, request: account_pb2.EnrollTotpRequest, call: Call) -> account_pb2.EnrollTotpResponse:
        """A secret made of the request itself: a repeat gets it again, and no stored answer holds it."""
        owner = call.caller.account_id
        derived = self._vault.derive("totp-secret", str(owner), request.request_id)
        secret = factors.secret_text(derived[: factors.SECRET_BYTES])
        async with self._database.transaction() as session:
            account = await caller_locked(session, call)
            await self._proofs.require(session, call, request.fresh_proof)

            async def work() -> account_pb2.EnrollTotpResponse:
                await self._second_factors.begin(session, owner, secret)
                return account_pb2.EnrollTotpResponse()

            await answer_once(session, call, without_proof(request), account_pb2.EnrollTotpResponse, work)
        return account_pb2.EnrollTotpResponse(secret=secret, otpauth_uri=factors.otpauth_uri(secret, account.phone))

    async def confirm_totp(
        self, request: account_pb2.ConfirmTotpRequest, call: Call
    ) -> account_pb2.ConfirmTotpResponse:
        """The first code: from now on the factor counts, at the next sign-in."""
        account_id, ended = call.caller.account_id, list[UUID]()
        await self._limits.use((SECOND_FACTORS_PER_ACCOUNT, str(account_id)))
        codes = self._second_factors.recovery_codes(account_id, request.request_id)
        async with self._database.transaction() as session:
            account = await caller_locked(session, call)
            # A repeat brings the proof of before, which could not show the factor that it has confirmed.
            await self._proofs.require(session, call, request.fresh_proof, ask_second_factor=False)

            async def work() -> account_pb2.ConfirmTotpResponse:
                await self._proofs.require(session, call, request.fresh_proof)
                if await self._second_factors.confirm(session, account, request.totp_code):
                    ended.extend(await self._endings.end(session, account_id, keep=call.caller.session_id))
                await self._second_factors.keep_recovery_codes(session, account_id, codes)
                await self._audit.note(session, call, object_id=account_id)
                return account_pb2.ConfirmTotpResponse()

            await answer_once(session, call, without_proof(request), account_pb2.ConfirmTotpResponse, work)
        await self._endings.tell(ended)
        return account_pb2.ConfirmTotpResponse(recovery_codes=codes)

    async def renew_recovery_codes(
        self, request: security_pb2.RenewRecoveryCodesRequest, call: Call
    ) -> security_pb2.RenewRecoveryCodesResponse:
        """Ten new codes in the place of those that were left."""
        account_id = call.caller.account_id
        await self._limits.use((RECOVERY_CODES_PER_ACCOUNT, str(account_id)))
        codes = self._second_factors.recovery_codes(account_id, request.request_id)
        async with self._database.transaction() as session:
            account = await caller_locked(session, call)
            await self._proofs.require(session, call, request.fresh_proof)

            async def work() -> security_pb2.RenewRecoveryCodesResponse:
                if not await accounts.has_second_factor(session, account_id):
                    raise factors.NoSecondFactor
                await self._second_factors.keep_recovery_codes(session, account_id, codes)
                owner_notices.add(session, account, Act.RECOVERY_CODES_RENEWED, self._clock())
                await self._audit.note(session, call, object_id=account_id)
                return security_pb2.RenewRecoveryCodesResponse()

            known_by = without_proof(request)
            await answer_once(session, call, known_by, security_pb2.RenewRecoveryCodesResponse, work)
        return security_pb2.RenewRecoveryCodesResponse(recovery_codes=codes)

    def _veiled(self, request: account_pb2.SetPasswordRequest) -> account_pb2.SetPasswordRequest:
        """The request as its repeat is recognized: the digest that is kept must not help to guess the passwords."""
        return account_pb2.SetPasswordRequest(
            request_id=request.request_id,
            current_password=self._vault.derive("password-digest", request.current_password).hex(),
            new_password=self._vault.derive("password-digest", request.new_password).hex(),
        )
