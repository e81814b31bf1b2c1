"""AuthService: codes, sign-in, tokens, keys."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from apricot.identity.v1 import auth_pb2

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.idempotency import answer_once
from kit.times import to_timestamp
from services.identity.demo import is_demo_phone
from services.identity.domain import codes, roles
from services.identity.domain import sessions as rules
from services.identity.domain.codes import CredentialsInvalid
from services.identity.domain.indexed import PHONE
from services.identity.domain.limits import CODE_RESEND, CODES_PER_PHONE, Limit
from services.identity.domain.proofs import Method
from services.identity.domain.roles import Role
from services.identity.domain.sessions import Presented, SessionHasEnded
from services.identity.keys import KeyRing
from services.identity.rpc.common import Audit, Endings, Limits, person, plain
from services.identity.rpc.convert import account_message
from services.identity.rpc.first_factor import FirstFactor, Proof, credential_of
from services.identity.rpc.fresh_proofs import FreshProofs
from services.identity.rpc.second_factor import SecondFactors
from services.identity.sender import Sender
from services.identity.store import accounts, recovery_codes, sessions
from services.identity.store import codes as code_store
from services.identity.store.tables import Session
from services.identity.vault import Vault


@dataclass(frozen=True)
class AuthRules:
    """What settings decide about sign-in."""

    service_secrets: Mapping[str, str]
    """By service."""
    codes_per_address: Limit
    sign_ins_per_address: Limit
    demo: bool


class AuthService:
    """Sign-in, tokens and keys."""

    def __init__(
        self,
        database: Database,
        keys: KeyRing,
        first_factor: FirstFactor,
        second_factors: SecondFactors,
        proofs: FreshProofs,
        sender: Sender,
        limits: Limits,
        endings: Endings,
        audit: Audit,
        vault: Vault,
        clock: Clock,
        settings: AuthRules,
    ) -> None:
        self._database = database
        self._keys = keys
        self._first_factor = first_factor
        self._second_factors = second_factors
        self._proofs = proofs
        self._sender = sender
        self._limits = limits
        self._endings = endings
        self._audit = audit
        self._vault = vault
        self._clock = clock
        self._settings = settings

    async def RequestCode(self, request: auth_pb2.RequestCodeRequest, call: Call) -> auth_pb2.RequestCodeResponse:
        """The same work and answer for every phone; only the demo's own get no code, since theirs is fixed."""
        expire_time = self._clock() + codes.LIFETIME
        if not (self._settings.demo and is_demo_phone(request.phone)):
            await self._limits.use(
                (self._settings.codes_per_address, call.peer_network),
                (CODE_RESEND, request.phone),
                (CODES_PER_PHONE, request.phone),
            )
            code, salt = codes.new_code(), codes.new_salt()
            hashed = codes.code_hash(self._vault.subkey("one-time-code"), salt, code)
            async with self._database.transaction() as session:
                phone = self._vault.indexed(PHONE, request.phone)
                await code_store.put(session, phone, salt=salt, code_hash=hashed, expire_time=expire_time)
            await self._sender.send(request.phone, code)
        return auth_pb2.RequestCodeResponse(
            expire_time=to_timestamp(expire_time), retry_after_seconds=int(codes.RESEND_AFTER.total_seconds())
        )

    async def SignIn(self, request: auth_pb2.SignInRequest, call: Call) -> auth_pb2.SignInResponse:
        """First factor, second factor, a new session."""
        if request.HasField("service_secret"):
            return await self._sign_in_service(request.service_secret, call)
        now = self._clock()
        proof = await self._first_factor.check(request, call.peer_network, self._settings.sign_ins_per_address)
        async with self._database.transaction() as session:
            account = await self._first_factor.account(session, proof)
            strong = await self._second_factors.show(session, account, request.totp_code, request.recovery_code)
            held = await accounts.roles_of(session, account.account_id, now)
            session_id = uuid4()
            refresh_token = rules.first_token(session_id)
            opened = Session(
                session_id=session_id,
                account_id=account.account_id,
                device_name=plain("device_name", request.device_name),
                second_factor=strong,
                create_time=now,
                refresh_hash=rules.token_hash(refresh_token),
                refresh_expire_time=now + rules.LIFETIME,
            )
            session.add(opened)
            codes_left = await recovery_codes.left(session, account.account_id)
        fresh, fresh_until = self._proofs.make(account.account_id, session_id, _shown(proof, strong))
        return auth_pb2.SignInResponse(
            tokens=self._pair(opened, refresh_token, held, now),
            account=account_message(account, held, strong, codes_left),
            second_factor_enrollment_required=roles.waits_for_second_factor(held, strong),
            fresh_proof=fresh,
            fresh_proof_expire_time=to_timestamp(fresh_until),
        )

    async def ProveIdentity(self, request: auth_pb2.ProveIdentityRequest, call: Call) -> auth_pb2.ProveIdentityResponse:
        """The factors of a sign-in by the account's own phone, for the session that there is."""
        account_id = person(call.caller)
        async with self._database.transaction() as session:
            found = await accounts.by_id(session, account_id)
        if found is None:
            raise SessionHasEnded
        credential = credential_of(found.phone, request)
        proof = await self._first_factor.check(credential, call.peer_network, self._settings.sign_ins_per_address)
        async with self._database.transaction() as session:
            account = await accounts.by_id_locked(session, account_id)
            if account is None:
                raise SessionHasEnded
            await self._first_factor.spend(session, proof)
            strong = await self._second_factors.show(session, account, request.totp_code, request.recovery_code)
        fresh, end = self._proofs.make(account_id, call.caller.session_id, _shown(proof, strong))
        return auth_pb2.ProveIdentityResponse(fresh_proof=fresh, expire_time=to_timestamp(end))

    async def RefreshToken(self, request: auth_pb2.RefreshTokenRequest, call: Call) -> auth_pb2.RefreshTokenResponse:
        """The next pair, or the end of a session whose used token came back."""
        now, request_id = self._clock(), UUID(request.request_id)
        ended: Sequence[UUID] = ()
        successor = rules.next_token(self._vault.subkey("refresh"), request.refresh_token, request_id)
        async with self._database.transaction() as session:
            row = await sessions.locked(session, rules.session_of(request.refresh_token))
            if row is None:
                raise rules.RefreshTokenInvalid
            state = sessions.refresh_state(row)
            match rules.judge(state, request.refresh_token, request_id, now):
                case Presented.REUSED:
                    ended = await self._endings.end(session, row.account_id, only=row.session_id)
                case Presented.CURRENT:
                    sessions.set_refresh_state(row, rules.trade(state, successor, request_id, now))
                case Presented.RETRY:
                    pass  # the first answer went astray: the same token once more
            held = await accounts.roles_of(session, row.account_id, now)
        if ended:
            await self._endings.tell(ended)
            raise rules.SessionHasEnded
        return auth_pb2.RefreshTokenResponse(tokens=self._pair(row, successor, held, now))

    async def SignOut(self, request: auth_pb2.SignOutRequest, call: Call) -> auth_pb2.SignOutResponse:
        """End the caller's session, or all of the caller's."""
        only = None if request.all_sessions else call.caller.session_id
        async with self._database.transaction() as session:
            ended = await self._endings.end(session, call.caller.account_id, only=only)
        await self._endings.tell(ended)
        return auth_pb2.SignOutResponse(ended_session_count=len(ended))

    async def RotateKeys(self, request: auth_pb2.RotateKeysRequest, call: Call) -> auth_pb2.RotateKeysResponse:
        """A new key, published at once; it signs when every verifier has had the time to fetch it."""
        async with self._database.transaction() as session:

            async def work() -> auth_pb2.RotateKeysResponse:
                key_id = await self._keys.rotate(session)
                await self._audit.note(session, call, object_id=UUID(key_id))
                return auth_pb2.RotateKeysResponse(key_id=key_id)

            answer = await answer_once(session, call, request, auth_pb2.RotateKeysResponse, work)
        await self._keys.reload()
        return answer

    async def _sign_in_service(self, credential: auth_pb2.ServiceSecret, call: Call) -> auth_pb2.SignInResponse:
        if call.through_gateway:
            raise CredentialsInvalid  # services call identity themselves: nobody from outside is one
        await self._limits.use((self._settings.sign_ins_per_address, call.peer_network))
        secret = self._settings.service_secrets.get(credential.service, "")
        if not (hmac.compare_digest(credential.secret.encode(), secret.encode()) and secret):
            raise CredentialsInvalid
        account_id = roles.service_account(credential.service)
        token, expire_time = self._keys.token(account_id, uuid4(), [Role.SERVICE], self._clock())
        pair = auth_pb2.TokenPair(access_token=token, access_expire_time=to_timestamp(expire_time))
        return auth_pb2.SignInResponse(tokens=pair)

    def _pair(self, row: Session, refresh_token: str, held: list[Role], now: datetime) -> auth_pb2.TokenPair:
        counting = roles.effective(held, row.second_factor)
        token, expire_time = self._keys.token(row.account_id, row.session_id, list(counting), now)
        return auth_pb2.TokenPair(
            access_token=token,
            access_expire_time=to_timestamp(expire_time),
            refresh_token=refresh_token,
            refresh_expire_time=to_timestamp(row.refresh_expire_time),
        )


def _shown(proof: Proof, second_factor: bool) -> set[Method]:
    first = Method.PASSWORD if proof.by_password else Method.CODE
    return {first, Method.SECOND_FACTOR} if second_factor else {first}
