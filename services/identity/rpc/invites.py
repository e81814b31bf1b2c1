"""A patient's invites: created, listed, withdrawn. What they open is a grant once somebody accepts."""

from uuid import UUID, uuid4

from apricot.identity.v1 import care_pb2

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import invalid_field, not_found
from kit.idempotency import answer_once
from kit.times import to_timestamp
from services.identity.domain import invites
from services.identity.domain.notices import Act
from services.identity.rpc.common import Audit, after, caller_locked, data_range, next_page_token, person
from services.identity.rpc.convert import invite_message, scope_names
from services.identity.rpc.fresh_proofs import FreshProofs, without_proof
from services.identity.store import grants, owner_notices
from services.identity.store.tables import Invite
from services.identity.vault import Vault


class Invites:
    """The invites of the caller."""

    def __init__(self, database: Database, proofs: FreshProofs, audit: Audit, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._proofs = proofs
        self._audit = audit
        self._vault = vault
        self._clock = clock

    async def create(self, request: care_pb2.CreateInviteRequest, call: Call) -> care_pb2.CreateInviteResponse:
        """A code made of the request itself: a repeat gets it again, and it is stored nowhere."""
        now, patient = self._clock(), person(call.caller)
        data_start_time, data_end_time = data_range(request)
        scopes = scope_names(request.scopes)
        if request.guest and not invites.WRITES.isdisjoint(scopes):
            raise invalid_field("scopes", "a second opinion changes nothing")
        code = invites.code_of(self._vault.derive("invite-code", str(patient), request.request_id))
        async with self._database.transaction() as session:
            account = await caller_locked(session, call)
            await self._proofs.require(session, call, request.fresh_proof)

            async def work() -> care_pb2.CreateInviteResponse:
                invite = Invite(
                    invite_id=uuid4(),
                    patient_id=patient,
                    code_hash=self.code_hash(code),
                    scopes=scopes,
                    data_start_time=data_start_time,
                    data_end_time=data_end_time,
                    create_time=now,
                    expire_time=now + invites.LIFETIME,
                    grant_expire_time=invites.grant_end(request.guest, now),
                )
                session.add(invite)
                owner_notices.add(session, account, Act.INVITE_CREATED, now)
                return care_pb2.CreateInviteResponse(expire_time=to_timestamp(invite.expire_time))

            answer = await answer_once(session, call, without_proof(request), care_pb2.CreateInviteResponse, work)
        answer.code, answer.link = code, invites.link_of(code)
        return answer

    async def list(self, request: care_pb2.ListInvitesRequest, call: Call) -> care_pb2.ListInvitesResponse:
        """What the caller may still withdraw."""
        size = paging.page_size(request.page_size)
        async with self._database.transaction() as session:
            last = after(request.page_token, request)
            rows = await grants.open_invites(session, call.caller.account_id, self._clock(), last, size)
        return care_pb2.ListInvitesResponse(
            invites=map(invite_message, rows),
            next_page_token=next_page_token([row.invite_id for row in rows], size, request),
        )

    async def withdraw(self, request: care_pb2.WithdrawInviteRequest, call: Call) -> care_pb2.WithdrawInviteResponse:
        """It ends now, as if its time were over. No proof is asked: to take access away is to be quick."""
        async with self._database.transaction() as session:

            async def work() -> care_pb2.WithdrawInviteResponse:
                patient, invite_id = call.caller.account_id, UUID(request.invite_id)
                if not await grants.withdraw_invite(session, patient, invite_id, self._clock()):
                    raise not_found("invite")
                await self._audit.note(session, call, patient_id=patient, object_id=invite_id)
                return care_pb2.WithdrawInviteResponse()

            return await answer_once(session, call, request, care_pb2.WithdrawInviteResponse, work)

    def code_hash(self, typed: str) -> bytes:
        """Return what is kept of a code. Raise `InviteNotValid` for what cannot be one. Keyed: 50 bits would not
        withstand whoever has the hash alone."""
        return self._vault.derive("invite-hash", invites.normalized(typed))
