"""OrganizationService: organizations and their members."""

from uuid import UUID, uuid4

from apricot.identity.v1 import organization_pb2
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call, Caller
from kit.clock import Clock
from kit.database import Database
from kit.errors import not_allowed, not_found
from kit.idempotency import answer_once
from kit.outbox import Relay
from services.identity import events
from services.identity.domain.roles import Role
from services.identity.rpc.common import Audit, after, next_page_token, plain
from services.identity.rpc.convert import member_message, organization_message
from services.identity.store import accounts, grants, organizations
from services.identity.store.tables import Membership, Organization


class OrganizationService:
    """Clinics, departments, pharmacies."""

    def __init__(self, database: Database, relay: Relay, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._relay = relay
        self._audit = audit
        self._clock = clock

    async def CreateOrganization(
        self, request: organization_pb2.CreateOrganizationRequest, call: Call
    ) -> organization_pb2.CreateOrganizationResponse:
        """A new organization, without members."""
        name = plain("name", request.name)
        async with self._database.transaction() as session:

            async def work() -> organization_pb2.CreateOrganizationResponse:
                made = Organization(organization_id=uuid4(), name=name, create_time=self._clock())
                session.add(made)
                await self._audit.note(session, call, object_id=made.organization_id)
                return organization_pb2.CreateOrganizationResponse(organization=organization_message(made))

            return await answer_once(session, call, request, organization_pb2.CreateOrganizationResponse, work)

    async def ListOrganizations(
        self, request: organization_pb2.ListOrganizationsRequest, call: Call
    ) -> organization_pb2.ListOrganizationsResponse:
        """All of them, by name."""
        size = paging.page_size(request.page_size)
        async with self._database.transaction() as session:
            rows = await organizations.page(session, after(request.page_token, request), size)
        return organization_pb2.ListOrganizationsResponse(
            organizations=[organization_message(row) for row in rows],
            next_page_token=next_page_token([row.organization_id for row in rows], size, request),
        )

    async def AddMember(
        self, request: organization_pb2.AddMemberRequest, call: Call
    ) -> organization_pb2.AddMemberResponse:
        """A member, or their new standing."""
        organization_id, account_id = UUID(request.organization_id), UUID(request.account_id)
        async with self._database.transaction() as session:

            async def work() -> organization_pb2.AddMemberResponse:
                await self._require_manager(session, organization_id, call.caller)
                account = await accounts.by_id(session, account_id)
                if account is None:
                    raise not_found("account")
                wanted = Membership(
                    organization_id=organization_id,
                    account_id=account_id,
                    manager=request.manager,
                    create_time=self._clock(),
                )
                member = await organizations.put_member(session, wanted)
                await self._audit.note(session, call, object_id=organization_id)
                return organization_pb2.AddMemberResponse(member=member_message(member, account.display_name))

            return await answer_once(session, call, request, organization_pb2.AddMemberResponse, work)

    async def RemoveMember(
        self, request: organization_pb2.RemoveMemberRequest, call: Call
    ) -> organization_pb2.RemoveMemberResponse:
        """Who is no member sees its patients no longer: each of them is said to have changed."""
        organization_id, account_id = UUID(request.organization_id), UUID(request.account_id)
        async with self._database.transaction() as session:

            async def work() -> organization_pb2.RemoveMemberResponse:
                if account_id != call.caller.account_id:
                    await self._require_manager(session, organization_id, call.caller)
                if not await organizations.remove_member(session, organization_id, account_id):
                    raise not_found("member")
                patients = await grants.patients_of_organization(session, organization_id, self._clock())
                events.grants_changed(session, patients)
                await self._audit.note(session, call, object_id=organization_id)
                return organization_pb2.RemoveMemberResponse()

            answer = await answer_once(session, call, request, organization_pb2.RemoveMemberResponse, work)
        await self._relay.wake()
        return answer

    async def ListMembers(
        self, request: organization_pb2.ListMembersRequest, call: Call
    ) -> organization_pb2.ListMembersResponse:
        """The members, by name."""
        organization_id, size = UUID(request.organization_id), paging.page_size(request.page_size)
        last = after(request.page_token, request)
        async with self._database.transaction() as session:
            membership = await organizations.member(session, organization_id, call.caller.account_id)
            if membership is None and not call.caller.has(Role.ADMIN):
                raise not_allowed("only its members and admins see an organization's members")
            rows = await organizations.members(session, organization_id, last, size)
        return organization_pb2.ListMembersResponse(
            members=[member_message(row, name) for row, name in rows],
            next_page_token=next_page_token([row.account_id for row, _ in rows], size, request),
        )

    async def _require_manager(self, session: AsyncSession, organization_id: UUID, caller: Caller) -> None:
        if await organizations.by_id(session, organization_id) is None:
            raise not_found("organization")
        membership = await organizations.member(session, organization_id, caller.account_id)
        if not caller.has(Role.ADMIN) and not (membership and membership.manager):
            raise not_allowed("only an admin or a manager of the organization may do this")
