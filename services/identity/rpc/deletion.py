"""The end of an account: at once and for ever, as its owner wants it."""

from collections.abc import Sequence
from uuid import UUID

from apricot.identity.v1 import account_pb2
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import not_allowed
from kit.idempotency import answer_once, first_answer
from services.identity import events
from services.identity.demo import is_demo_phone
from services.identity.domain.indexed import PHONE
from services.identity.domain.limits import Limit
from services.identity.domain.notices import Act
from services.identity.domain.sessions import SessionHasEnded
from services.identity.rpc.common import Audit, Endings, person
from services.identity.rpc.first_factor import FirstFactor, Proof, credential_of
from services.identity.rpc.fresh_proofs import FreshProofs
from services.identity.rpc.second_factor import SecondFactors
from services.identity.store import accounts, owner_notices
from services.identity.store import deletion as store
from services.identity.store.tables import Account
from services.identity.vault import Vault


class Deletion:
    """Deletes accounts."""

    def __init__(
        self,
        database: Database,
        first_factor: FirstFactor,
        second_factors: SecondFactors,
        proofs: FreshProofs,
        per_address: Limit,
        endings: Endings,
        audit: Audit,
        vault: Vault,
        clock: Clock,
        *,
        demo: bool,
    ) -> None:
        self._database = database
        self._first_factor = first_factor
        self._second_factors = second_factors
        self._proofs = proofs
        self._per_address = per_address
        self._endings = endings
        self._audit = audit
        self._vault = vault
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
        proof = None if request.HasField("fresh_proof") else await self._first(request, phone, call)
        async with self._database.transaction() as session:

            async def work() -> account_pb2.DeleteAccountResponse:
                account = await accounts.by_id_locked(session, account_id)
                if account is None:
                    raise SessionHasEnded
                if proof is None:
                    await self._proofs.require(session, call, request.fresh_proof)
                else:
                    await self._first_factor.spend(session, proof)
                    await self._second_factors.show(session, account, request.totp_code, "")
                ended.extend(await self._end(session, account, call))
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

    async def _first(self, request: account_pb2.DeleteAccountRequest, phone: str, call: Call) -> Proof:
        return await self._first_factor.check(credential_of(phone, request), call.peer_network, self._per_address)

    async def _end(self, session: AsyncSession, account: Account, call: Call) -> Sequence[UUID]:
        """Sessions, grants, memberships and the person; the sessions that ended."""
        now, phone = self._clock(), self._vault.indexed(PHONE, account.phone)
        ended = await self._endings.end(session, account.account_id)
        owner_notices.add(session, account, Act.ACCOUNT_DELETED, now)
        patients = [
            account.account_id,
            *await store.end_grants(session, account.account_id, now),
            *await store.leave_organizations(session, account.account_id, now),
        ]
        await store.erase(session, account, phone, now)
        events.grants_changed(session, patients)
        events.account_deleted(session, account.account_id)
        await self._audit.note(session, call, object_id=account.account_id)
        return ended
