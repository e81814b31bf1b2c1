"""AdminService: accounts looked up, and changes of them that take two administrators."""

from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import Role as RoleEnum
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import admin_pb2
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, not_found
from kit.idempotency import answer_once
from kit.times import to_timestamp
from services.identity import account_changes
from services.identity.domain import account_changes as rules
from services.identity.domain.account_changes import ChangeInWrongState, Kind, State
from services.identity.domain.indexed import PHONE
from services.identity.domain.limits import LOOK_UPS_PER_ADMIN
from services.identity.domain.notices import Act
from services.identity.domain.roles import Role
from services.identity.rpc.common import Audit, Endings, Limits, after, next_page_token, plain
from services.identity.rpc.convert import enum_name, enum_value, timestamp_or_none
from services.identity.rpc.fresh_proofs import FreshProofs, without_proof
from services.identity.store import account_changes as store
from services.identity.store import accounts, owner_notices
from services.identity.store.tables import Account, AccountChange
from services.identity.vault import Vault

_PROPOSED = {Kind.RESET_SECOND_FACTOR: Act.RESET_PROPOSED, Kind.GIVE_ADMIN: Act.ADMIN_PROPOSED}


class AdminService:
    """What administrators do about accounts."""

    def __init__(
        self,
        database: Database,
        proofs: FreshProofs,
        limits: Limits,
        endings: Endings,
        audit: Audit,
        vault: Vault,
        clock: Clock,
    ) -> None:
        self._database = database
        self._proofs = proofs
        self._limits = limits
        self._endings = endings
        self._audit = audit
        self._vault = vault
        self._clock = clock

    async def LookUpAccount(
        self, request: admin_pb2.LookUpAccountRequest, call: Call
    ) -> admin_pb2.LookUpAccountResponse:
        """Find an account by its phone; its owner sees the look-up in their audit. One that finds nothing is in the
        chain too: who tries phone after phone leaves a trace for each."""
        await self._limits.use((LOOK_UPS_PER_ADMIN, str(call.caller.account_id)))
        async with self._database.transaction() as session:
            found = await accounts.by_phone(session, self._vault.indexed(PHONE, request.phone))
            answer = await self._found(session, found) if found else None
            account_id = found.account_id if found else None
            await self._audit.note(session, call, patient_id=account_id, object_id=account_id)
        if answer is None:
            raise not_found("account")
        return answer

    async def ProposeAccountChange(
        self, request: admin_pb2.ProposeAccountChangeRequest, call: Call
    ) -> admin_pb2.ProposeAccountChangeResponse:
        """A change waits for another administrator."""
        kind = Kind(enum_name(admin_pb2.AccountChangeKind, "ACCOUNT_CHANGE_KIND_", request.kind))
        reason, now = plain("reason", request.reason), self._clock()
        async with self._database.transaction() as session:
            await self._proofs.require(session, call, request.fresh_proof)

            async def work() -> admin_pb2.ProposeAccountChangeResponse:
                account = await self._account(session, UUID(request.account_id))
                rules.require_other(call.caller.account_id, account.account_id)
                await self._require_needed(session, account, kind)
                if await store.open_of(session, account.account_id, kind, now) is not None:
                    raise ApricotError(Reason.REASON_ALREADY_EXISTS, "such a change is open")
                change = AccountChange(
                    change_id=uuid4(),
                    kind=kind,
                    account_id=account.account_id,
                    reason=reason,
                    state=State.PROPOSED,
                    proposer_id=call.caller.account_id,
                    create_time=now,
                )
                session.add(change)
                owner_notices.add(session, account, _PROPOSED[kind], now)
                await self._note(session, call, change)
                return admin_pb2.ProposeAccountChangeResponse(change=_message(change))

            known_by = without_proof(request)
            return await answer_once(session, call, known_by, admin_pb2.ProposeAccountChangeResponse, work)

    async def ApproveAccountChange(
        self, request: admin_pb2.ApproveAccountChangeRequest, call: Call
    ) -> admin_pb2.ApproveAccountChangeResponse:
        """The second administrator's word. What needs no delay takes effect in the same transaction."""
        now, ended = self._clock(), list[UUID]()
        async with self._database.transaction() as session:
            await self._proofs.require(session, call, request.fresh_proof)

            async def work() -> admin_pb2.ApproveAccountChangeResponse:
                change = await self._change(session, request.change_id)
                account = await self._account(session, change.account_id)
                rules.require_other(call.caller.account_id, change.proposer_id, change.account_id)
                if change.state != State.PROPOSED or change.create_time + rules.OPEN_FOR <= now:
                    raise ChangeInWrongState
                change.state, change.approver_id = State.APPROVED, call.caller.account_id
                change.effective_time = rules.effective_time(Kind(change.kind), now)
                if change.effective_time <= now:
                    change.state = State.DONE
                    ended.extend(await account_changes.make(session, account, Kind(change.kind), now))
                else:
                    owner_notices.add(session, account, Act.RESET_APPROVED, now)
                await self._note(session, call, change)
                return admin_pb2.ApproveAccountChangeResponse(change=_message(change))

            known_by = without_proof(request)
            answer = await answer_once(session, call, known_by, admin_pb2.ApproveAccountChangeResponse, work)
        await self._endings.tell(ended)
        return answer

    async def WithdrawAccountChange(
        self, request: admin_pb2.WithdrawAccountChangeRequest, call: Call
    ) -> admin_pb2.WithdrawAccountChangeResponse:
        """Any administrator may: to stop a change harms nobody."""
        async with self._database.transaction() as session:

            async def work() -> admin_pb2.WithdrawAccountChangeResponse:
                change = await self._change(session, request.change_id)
                if change.state not in store.OPEN:
                    raise ChangeInWrongState
                change.state = State.WITHDRAWN
                await self._note(session, call, change)
                return admin_pb2.WithdrawAccountChangeResponse(change=_message(change))

            return await answer_once(session, call, request, admin_pb2.WithdrawAccountChangeResponse, work)

    async def ListAccountChanges(
        self, request: admin_pb2.ListAccountChangesRequest, call: Call
    ) -> admin_pb2.ListAccountChangesResponse:
        """Newest first."""
        size = paging.page_size(request.page_size)
        async with self._database.transaction() as session:
            rows = await store.page(session, after(request.page_token, request), size)
        return admin_pb2.ListAccountChangesResponse(
            changes=map(_message, rows),
            next_page_token=next_page_token([row.change_id for row in rows], size, request),
        )

    async def _found(self, session: AsyncSession, account: Account) -> admin_pb2.LookUpAccountResponse:
        held = await accounts.roles_of(session, account.account_id, self._clock())
        return admin_pb2.LookUpAccountResponse(
            account_id=str(account.account_id),
            display_name=account.display_name,
            roles=[enum_value(RoleEnum, "ROLE_", role) for role in held],
            second_factor=await accounts.has_second_factor(session, account.account_id),
            create_time=to_timestamp(account.create_time),
        )

    async def _account(self, session: AsyncSession, account_id: UUID) -> Account:
        account = await accounts.by_id_locked(session, account_id)
        if account is None:
            raise not_found("account")
        return account

    async def _change(self, session: AsyncSession, change_id: str) -> AccountChange:
        change = await store.locked(session, UUID(change_id))
        if change is None:
            raise not_found("change")
        return change

    async def _require_needed(self, session: AsyncSession, account: Account, kind: Kind) -> None:
        if kind is Kind.RESET_SECOND_FACTOR:
            needed = await accounts.has_second_factor(session, account.account_id)
        else:
            needed = Role.ADMIN not in await accounts.roles_of(session, account.account_id, self._clock())
        if not needed:
            raise ChangeInWrongState

    async def _note(self, session: AsyncSession, call: Call, change: AccountChange) -> None:
        """In the audit, where the account's owner sees it too."""
        await self._audit.note(session, call, patient_id=change.account_id, object_id=change.change_id)


def _message(row: AccountChange) -> admin_pb2.AccountChange:
    return admin_pb2.AccountChange(
        change_id=str(row.change_id),
        kind=enum_value(admin_pb2.AccountChangeKind, "ACCOUNT_CHANGE_KIND_", row.kind),
        account_id=str(row.account_id),
        reason=row.reason,
        state=enum_value(admin_pb2.AccountChangeState, "ACCOUNT_CHANGE_STATE_", row.state),
        proposer_id=str(row.proposer_id),
        create_time=to_timestamp(row.create_time),
        approver_id=str(row.approver_id or ""),
        effective_time=timestamp_or_none(row.effective_time),
    )
