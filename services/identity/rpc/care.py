"""CareService: who may see and do what with a patient's data."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import Scope
from apricot.identity.v1 import care_pb2
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call, Caller
from kit.clock import Clock
from kit.database import Database
from kit.errors import invalid_field, not_allowed, not_found
from kit.idempotency import answer_once
from kit.outbox import Relay
from services.identity import events
from services.identity.domain import grants as rules
from services.identity.domain import invites
from services.identity.domain.limits import INVITES_PER_ACCOUNT
from services.identity.domain.notices import Act
from services.identity.domain.roles import CLINICAL, Role
from services.identity.rpc.common import (
    Audit,
    Limits,
    after,
    data_range,
    instant_or_none,
    next_page_token,
    person,
)
from services.identity.rpc.convert import (
    DEFAULT_TIME_ZONE,
    EVERY_SCOPE,
    enum_name,
    grant_message,
    patient_message,
    scope_names,
    scope_values,
    timestamp_or_none,
)
from services.identity.rpc.fresh_proofs import FreshProofs, without_proof
from services.identity.rpc.invites import Invites
from services.identity.store import accounts, grants, owner_notices
from services.identity.store.tables import CareGrant


class CareService:
    """Grants, invites and access decisions."""

    def __init__(
        self,
        database: Database,
        relay: Relay,
        limits: Limits,
        proofs: FreshProofs,
        audit: Audit,
        own_invites: Invites,
        clock: Clock,
    ) -> None:
        self._database = database
        self._relay = relay
        self._limits = limits
        self._proofs = proofs
        self._audit = audit
        self._invites = own_invites
        self._clock = clock

    async def GrantAccess(self, request: care_pb2.GrantAccessRequest, call: Call) -> care_pb2.GrantAccessResponse:
        """A new grant beside those there are. A thief would keep what he opened to himself: a proof is asked."""
        grant = self._new_grant(request, person(call.caller))
        async with self._database.transaction() as session:
            await self._proofs.require(session, call, request.fresh_proof)

            async def work() -> care_pb2.GrantAccessResponse:
                if grant.expire_time is not None and grant.expire_time <= grant.create_time:
                    raise invalid_field("expire_time", "lies in the past")
                return care_pb2.GrantAccessResponse(grant=await self._give(session, grant, call))

            answer = await answer_once(session, call, without_proof(request), care_pb2.GrantAccessResponse, work)
        await self._relay.wake()
        return answer

    async def RevokeAccess(self, request: care_pb2.RevokeAccessRequest, call: Call) -> care_pb2.RevokeAccessResponse:
        """The end of a grant; one that has ended stays as it is."""
        now = self._clock()
        async with self._database.transaction() as session:

            async def work() -> care_pb2.RevokeAccessResponse:
                grant = await grants.locked_for(session, UUID(request.grant_id), call.caller.account_id)
                if grant is None:
                    raise not_found("grant")
                if rules.is_live(grant.expire_time, grant.revoke_time, now):
                    grant.revoke_time = now
                    events.grants_changed(session, [grant.patient_id])
                    await self._audit.note(session, call, patient_id=grant.patient_id, object_id=grant.grant_id)
                name = await grants.grantee_name(session, grant) or ""
                return care_pb2.RevokeAccessResponse(grant=grant_message(grant, name))

            answer = await answer_once(session, call, request, care_pb2.RevokeAccessResponse, work)
        await self._relay.wake()
        return answer

    async def ListGrants(self, request: care_pb2.ListGrantsRequest, call: Call) -> care_pb2.ListGrantsResponse:
        """What the caller gave."""
        size = paging.page_size(request.page_size)
        async with self._database.transaction() as session:
            rows = await grants.page(session, call.caller.account_id, after(request.page_token, request), size)
        return care_pb2.ListGrantsResponse(
            grants=[grant_message(grant, name) for grant, name in rows],
            next_page_token=next_page_token([grant.grant_id for grant, _ in rows], size, request),
        )

    async def ListHeldGrants(
        self, request: care_pb2.ListHeldGrantsRequest, call: Call
    ) -> care_pb2.ListHeldGrantsResponse:
        """What the caller holds of one patient."""
        size, last = paging.page_size(request.page_size), after(request.page_token, request)
        holder = grants.Holder(call.caller.account_id, _memberships_count(call.caller))
        async with self._database.transaction() as session:
            rows = await grants.page(session, UUID(request.patient_id), last, size, holder)
        return care_pb2.ListHeldGrantsResponse(
            grants=[grant_message(grant, name) for grant, name in rows],
            next_page_token=next_page_token([grant.grant_id for grant, _ in rows], size, request),
        )

    async def ListMyPatients(
        self, request: care_pb2.ListMyPatientsRequest, call: Call
    ) -> care_pb2.ListMyPatientsResponse:
        """Whom the caller may see."""
        size, caller = paging.page_size(request.page_size), call.caller
        last = after(request.page_token, request)
        async with self._database.transaction() as session:
            rows = await grants.patients_of(
                session, caller.account_id, _memberships_count(caller), last, size, self._clock()
            )
        return care_pb2.ListMyPatientsResponse(
            patients=[patient_message(row) for row in rows],
            next_page_token=next_page_token([row.account_id for row in rows], size, request),
        )

    async def CreateInvite(self, request: care_pb2.CreateInviteRequest, call: Call) -> care_pb2.CreateInviteResponse:
        """Ask `Invites`."""
        return await self._invites.create(request, call)

    async def ListInvites(self, request: care_pb2.ListInvitesRequest, call: Call) -> care_pb2.ListInvitesResponse:
        """Ask `Invites`."""
        return await self._invites.list(request, call)

    async def WithdrawInvite(
        self, request: care_pb2.WithdrawInviteRequest, call: Call
    ) -> care_pb2.WithdrawInviteResponse:
        """Ask `Invites`."""
        return await self._invites.withdraw(request, call)

    async def AcceptInvite(self, request: care_pb2.AcceptInviteRequest, call: Call) -> care_pb2.AcceptInviteResponse:
        """The first to accept holds the grant."""
        now, caller = self._clock(), person(call.caller)
        await self._limits.use((INVITES_PER_ACCOUNT, str(caller)))
        async with self._database.transaction() as session:

            async def work() -> care_pb2.AcceptInviteResponse:
                invite = await grants.invite_locked(session, self._invites.code_hash(request.code))
                if invite is None or invite.accept_time is not None or invite.expire_time <= now:
                    raise invites.InviteNotValid
                if invite.patient_id == caller:
                    raise invites.OwnInvite
                invite.accept_time = now
                grant = CareGrant(
                    grant_id=uuid4(),
                    patient_id=invite.patient_id,
                    account_id=caller,
                    scopes=invite.scopes,
                    data_start_time=invite.data_start_time,
                    data_end_time=invite.data_end_time,
                    create_time=now,
                    expire_time=invite.grant_expire_time,
                )
                return care_pb2.AcceptInviteResponse(grant=await self._give(session, grant, call))

            answer = await answer_once(session, call, request, care_pb2.AcceptInviteResponse, work)
        await self._relay.wake()
        return answer

    async def CheckAccess(self, request: care_pb2.CheckAccessRequest, call: Call) -> care_pb2.CheckAccessResponse:
        """One decision a patient, in one query; who does not exist is in its result as little as who gave no grant."""
        caller = call.caller
        subject = UUID(request.subject_id) if request.subject_id else caller.account_id
        if subject != caller.account_id and not caller.has(Role.SERVICE):
            raise not_allowed("only a service asks on another's behalf")
        patients = [UUID(patient) for patient in request.patient_ids]
        async with self._database.transaction() as session:
            ways = await grants.ways(session, subject, _memberships_count(caller), patients, EVERY_SCOPE, self._clock())
        return care_pb2.CheckAccessResponse(
            decisions=[_decision(ways.get(patient, ()), request.scope) for patient in patients]
        )

    async def ListCarers(self, request: care_pb2.ListCarersRequest, call: Call) -> care_pb2.ListCarersResponse:
        """For services alone: whom to tell."""
        scope = enum_name(Scope, "SCOPE_", request.scope)
        async with self._database.transaction() as session:
            found = await grants.carers(session, UUID(request.patient_id), scope, self._clock())
        return care_pb2.ListCarersResponse(
            carers=[care_pb2.Carer(account_id=str(account), clinical=clinical) for account, clinical in found]
        )

    async def GetBirthDate(self, request: care_pb2.GetBirthDateRequest, call: Call) -> care_pb2.GetBirthDateResponse:
        """For services alone: how old a patient is."""
        async with self._database.transaction() as session:
            row = await accounts.by_id(session, UUID(request.patient_id))
        if row is None:
            raise not_found("patient")
        born = accounts.born(row)
        return care_pb2.GetBirthDateResponse(
            birth_date=born.isoformat() if born else "", time_zone=row.time_zone or DEFAULT_TIME_ZONE
        )

    async def _give(self, session: AsyncSession, grant: CareGrant, call: Call) -> care_pb2.Grant:
        owner = await accounts.by_id_locked(session, grant.patient_id)
        if owner is None:
            raise not_found("patient")  # deleted, perhaps a moment ago
        name = await grants.grantee_name(session, grant)
        if name is None:
            raise not_found("grantee")
        session.add(grant)
        owner_notices.add(session, owner, Act.ACCESS_GIVEN, self._clock())
        events.grants_changed(session, [grant.patient_id])
        await self._audit.note(session, call, patient_id=grant.patient_id, object_id=grant.grant_id)
        return grant_message(grant, name)

    def _new_grant(self, request: care_pb2.GrantAccessRequest, patient_id: UUID) -> CareGrant:
        if request.account_id and UUID(request.account_id) == patient_id:
            raise rules.GrantToOneself
        data_start_time, data_end_time = data_range(request)
        return CareGrant(
            grant_id=uuid4(),
            patient_id=patient_id,
            account_id=UUID(request.account_id) if request.account_id else None,
            organization_id=UUID(request.organization_id) if request.organization_id else None,
            scopes=scope_names(request.scopes),
            data_start_time=data_start_time,
            data_end_time=data_end_time,
            create_time=self._clock(),
            expire_time=instant_or_none("expire_time", request),
        )


def _memberships_count(caller: Caller) -> bool:
    """Whether the caller acts in a clinical role, so that an organization's grants count; a service asks for others,
    whose licence and second factor the query itself checks."""
    return caller.has(*CLINICAL, Role.SERVICE)


def _decision(ways: Sequence[grants.Way], scope: Scope.ValueType) -> care_pb2.AccessDecision:
    """What the ways add up to; it may change as soon as the first of them closes."""
    windows = [
        care_pb2.AccessWindow(
            scope=found,
            start_time=timestamp_or_none(way.data_start_time),
            end_time=timestamp_or_none(way.data_end_time),
        )
        for way in ways
        for found in scope_values(way.scopes)
    ]
    ends = [way.end_time for way in ways if way.end_time is not None]
    return care_pb2.AccessDecision(
        allowed=any(window.scope == scope for window in windows) if scope else bool(windows),
        expire_time=timestamp_or_none(min(ends, default=None)),
        windows=windows,
    )
