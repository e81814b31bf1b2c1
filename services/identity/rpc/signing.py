"""SigningService: the second factor proven anew, and signatures by keys that never leave this service."""

import hashlib
from datetime import datetime
from uuid import UUID, uuid4

from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import signing_pb2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call, Caller
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, invalid_field, not_found
from kit.idempotency import answer_once
from kit.signatures import signed_bytes
from kit.times import to_timestamp
from kit.tokens import TokenVerifier
from services.identity.domain import factors, licences, signing
from services.identity.domain.limits import SECOND_FACTORS_PER_ACCOUNT
from services.identity.domain.roles import Role, service_account
from services.identity.domain.sessions import SessionHasEnded
from services.identity.rpc.common import Audit, Limits, after, next_page_token
from services.identity.store import accounts, doctor_keys, sessions
from services.identity.store import licences as licence_store
from services.identity.store.tables import DoctorKey, Session
from services.identity.vault import Vault

_KEY_PURPOSE = "doctor-key"
_MAY_SIGN = service_account("consult")


class SigningService:
    """Professionals' signatures."""

    def __init__(
        self, database: Database, tokens: TokenVerifier, limits: Limits, audit: Audit, vault: Vault, clock: Clock
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._limits = limits
        self._audit = audit
        self._vault = vault
        self._clock = clock

    async def ProveSecondFactor(
        self, request: signing_pb2.ProveSecondFactorRequest, call: Call
    ) -> signing_pb2.ProveSecondFactorResponse:
        """A code of its own: one that opened the session, or was used otherwise, proves nothing. It names what may be
        signed: consult, which sees the doctor's token, cannot have anything else signed."""
        account_id = call.caller.account_id
        await self._limits.use((SECOND_FACTORS_PER_ACCOUNT, str(account_id)))
        async with self._database.transaction() as session:

            async def prove() -> signing_pb2.ProveSecondFactorResponse:
                factor = await accounts.second_factor(session, account_id)
                if factor is None or factor.confirm_time is None:
                    raise factors.NoSecondFactor
                now = self._clock()
                secret = self._vault.open("totp", str(account_id), factor.sealed_secret).decode()
                factor.last_step = factors.step_of(secret, request.totp_code, now, factor.last_step)
                opened = await self._live_session(session, call.caller)
                opened.prove_time, opened.prove_sha256 = now, request.signed_sha256 or None
                return signing_pb2.ProveSecondFactorResponse(expire_time=to_timestamp(now + signing.FRESH))

            return await answer_once(session, call, request, signing_pb2.ProveSecondFactorResponse, prove)

    async def Sign(self, request: signing_pb2.SignRequest, call: Call) -> signing_pb2.SignResponse:
        """Sign for a doctor whose call consult hands on. What entitles the doctor is looked up in the transaction that
        links the signature into the audit."""
        if call.caller.account_id != _MAY_SIGN:
            raise ApricotError(Reason.REASON_ROLE_REQUIRED, "consult alone has content signed")
        now = self._clock()
        doctor = await self._bearer(request.access_token, now)
        if not doctor.has(Role.CLINICIAN):
            raise ApricotError(Reason.REASON_ROLE_REQUIRED, "a clinician alone signs")
        async with self._database.transaction() as session:
            signed = signed_bytes(request.purpose, request.content)
            await self._require_entitled(session, doctor, hashlib.sha256(signed).digest(), now)
            key = await doctor_keys.present(session, doctor.account_id) or self._make(session, doctor.account_id, now)
            signature = self._opened(key).sign(signed)
            await self._audit.note(
                session,
                call,
                actor_id=doctor.account_id,
                patient_id=UUID(request.patient_id),
                object_id=UUID(request.object_id),
            )
        return signing_pb2.SignResponse(signature=signature, key=public_key_message(key))

    async def ListPublicKeys(
        self, request: signing_pb2.ListPublicKeysRequest, call: Call
    ) -> signing_pb2.ListPublicKeysResponse:
        """For everybody who verifies."""
        account_id = UUID(request.account_id) if request.account_id else None
        size = paging.page_size(request.page_size)
        async with self._database.transaction() as session:
            behind = after(request.page_token, request)
            keys = await doctor_keys.page(session, map(UUID, request.key_ids), account_id, behind, size)
        return signing_pb2.ListPublicKeysResponse(
            keys=map(public_key_message, keys),
            next_page_token=next_page_token([key.key_id for key in keys], size, request),
        )

    async def RotateKey(self, request: signing_pb2.RotateKeyRequest, call: Call) -> signing_pb2.RotateKeyResponse:
        """The old key ends where the new one starts."""
        account_id, now = call.caller.account_id, self._clock()
        async with self._database.transaction() as session:

            async def rotate() -> signing_pb2.RotateKeyResponse:
                await self._lock_account(session, account_id)
                signing.require_fresh((await self._live_session(session, call.caller)).prove_time, now)
                await doctor_keys.retire(session, account_id, now)
                key = self._make(session, account_id, now)
                await session.flush()
                await self._audit.note(session, call, object_id=key.key_id)
                return signing_pb2.RotateKeyResponse(key=public_key_message(key))

            return await answer_once(session, call, request, signing_pb2.RotateKeyResponse, rotate)

    async def _require_entitled(
        self, session: AsyncSession, doctor: Caller, signed_sha256: bytes, now: datetime
    ) -> None:
        """Raise NOT_FOUND, `SessionHasEnded`, `LicenceExpired`, `PracticeTooShort`, `ProofNotFresh` or
        `ProofOfOtherContent`."""
        await self._lock_account(session, doctor.account_id)
        opened = await self._live_session(session, doctor)
        licence = await licence_store.live_clinician(session, doctor.account_id, now)
        if licence is None:
            raise licences.LicenceExpired
        licences.require_practice(licence.first_registration_date, now)
        signing.require_fresh(opened.prove_time, now)
        signing.require_proof_of(signed_sha256, opened.prove_sha256)

    async def _lock_account(self, session: AsyncSession, account_id: UUID) -> None:
        """Of two first signatures at once, one makes the key. Errors: NOT_FOUND."""
        if await accounts.by_id_locked(session, account_id) is None:
            raise not_found("account")

    async def _bearer(self, access_token: str, now: datetime) -> Caller:
        """Errors: INVALID_FIELD (a token that is none: no doctor's call came with it), TOKEN_EXPIRED, SESSION_ENDED."""
        try:
            return await self._tokens.verify(access_token, now)
        except ApricotError as error:
            if error.reason == Reason.REASON_TOKEN_INVALID:
                raise invalid_field("access_token", "is no token of ours") from error
            raise

    async def _live_session(self, session: AsyncSession, caller: Caller) -> Session:
        """The caller's session, as the database knows it. Errors: `SessionHasEnded`; `ProofNotFresh`: none is known."""
        found = await sessions.locked(session, caller.session_id)
        if found is None or found.account_id != caller.account_id:
            raise signing.ProofNotFresh
        if found.end_time is not None:
            raise SessionHasEnded
        return found

    def _make(self, session: AsyncSession, account_id: UUID, now: datetime) -> DoctorKey:
        key_id, private = uuid4(), Ed25519PrivateKey.generate()
        made = DoctorKey(
            key_id=key_id,
            account_id=account_id,
            public_key=private.public_key().public_bytes_raw(),
            sealed_private_key=self._vault.seal(_KEY_PURPOSE, str(key_id), private.private_bytes_raw()),
            start_time=now,
        )
        session.add(made)
        return made

    def _opened(self, key: DoctorKey) -> Ed25519PrivateKey:
        private = self._vault.open(_KEY_PURPOSE, str(key.key_id), key.sealed_private_key)
        return Ed25519PrivateKey.from_private_bytes(private)


def public_key_message(key: DoctorKey) -> signing_pb2.PublicKey:
    """A key as everybody may see it."""
    return signing_pb2.PublicKey(
        key_id=str(key.key_id),
        account_id=str(key.account_id),
        public_key=key.public_key,
        start_time=to_timestamp(key.start_time),
        end_time=to_timestamp(key.end_time) if key.end_time else None,
    )
