"""The end of an account: at once and for ever, as its owner wants it."""

from collections.abc import Sequence
from uuid import UUID

from apricot.identity.v1 import account_pb2, auth_pb2
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import not_allowed
from kit.idempotency import answer_once, first_answer
from services.identity import events
from services.identity.demo import is_demo_phone
from services.identity.domain.limits import Limit
from services.identity.domain.sessions import SessionHasEnded
from services.identity.rpc.common import Audit, Endings, person
from services.identity.rpc.first_factor import FirstFactor, Proof
from services.identity.store import accounts
from services.identity.store import deletion as store
from services.identity.store.tables import Account


class Deletion:
    """Deletes accounts."""

    def __init__(
        self,
        database: Database,
        first_factor: FirstFactor,
        per_address: Limit,
        endings: Endings,
        audit: Audit,
        clock: Clock,
        *,
        demo: bool,
    ) -> None:
        self._database = database
        self._first_factor = first_factor
        self._per_address = per_address
        self._endings = endings
        self._audit = audit
        self._clock = clock
        self._demo = demo

    async def delete(self, request: account_pb2.DeleteAccountRequest, call: Call) -> account_pb2.DeleteAccountResponse:
        """Errors: `CredentialsInvalid`, `SessionHasEnded` when it is deleted already, NOT_ALLOWED for the demo's."""
        account_id, ended = person(call.caller), list[UUID]()
        # Without its proof: a digest that is kept must not help to guess a password.
        known_by = account_pb2.DeleteAccountRequest(request_id=request.request_id)
        async with self._database.transaction() as session:
            await first_answer(session, call, known_by, account_pb2.DeleteAccountResponse)  # an id of another request's
            phone = await self._phone(session, account_id)
        proof = await self._proof(request, phone, call)
        async with self._database.transaction() as session:

            async def work() -> account_pb2.DeleteAccountResponse:
                account = await accounts.by_id_locked(session, account_id)
                if account is None:
                    raise SessionHasEnded
                await self._first_factor.spend(session, proof)
                ended.extend(await self._end(session, account, proof, call))
                return account_pb2.DeleteAccountResponse()

            answer = await answer_once(session, call, known_by, account_pb2.DeleteAccountResponse, work)
        await self._endings.tell(ended)
        return answer

    async def _phone(self, session: AsyncSession, account_id: UUID) -> str:
        account = await accounts.by_id(session, account_id)
        if account is None:
            raise SessionHasEnded
        if self._demo and is_demo_phone(account.phone):
            raise not_allowed("the demo's accounts are everybody's")
        return account.phone

    async def _proof(self, request: account_pb2.DeleteAccountRequest, phone: str, call: Call) -> Proof:
        """As at a sign-in by the account's own phone."""
        if request.HasField("code"):
            shown = auth_pb2.SignInRequest(phone_code=auth_pb2.PhoneCode(phone=phone, code=request.code))
        else:
            password = auth_pb2.PhonePassword(phone=phone, password=request.password)
            shown = auth_pb2.SignInRequest(phone_password=password)
        return await self._first_factor.check(shown, call.peer_address, self._per_address)

    async def _end(self, session: AsyncSession, account: Account, proof: Proof, call: Call) -> Sequence[UUID]:
        """Sessions, grants, memberships and the person; the sessions that ended."""
        now = self._clock()
        ended = await self._endings.end(session, account.account_id)
        patients = [
            account.account_id,
            *await store.end_grants(session, account.account_id, now),
            *await store.leave_organizations(session, account.account_id, now),
        ]
        await store.erase(session, account, proof.phone, now)
        events.grants_changed(session, patients)
        events.account_deleted(session, account.account_id)
        await self._audit.note(session, call, object_id=account.account_id)
        return ended
