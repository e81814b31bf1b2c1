"""Organizations: who makes them, who manages them, who is in them."""

from uuid import uuid4

from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import organization_pb2

from tests.identity.running import Person, Running, refused, request_id


async def create(running: Running, name: str) -> str:
    request = organization_pb2.CreateOrganizationRequest(request_id=request_id(), name=name)
    answer = await running.organization("CreateOrganization", request, await running.admin())
    return str(answer.organization.organization_id)


def add(organization: str, person: Person, manager: bool = False) -> organization_pb2.AddMemberRequest:
    return organization_pb2.AddMemberRequest(
        request_id=request_id(), organization_id=organization, account_id=person.account_id, manager=manager
    )


def remove(organization: str, person: Person) -> organization_pb2.RemoveMemberRequest:
    return organization_pb2.RemoveMemberRequest(
        request_id=request_id(), organization_id=organization, account_id=person.account_id
    )


def members_of(organization: str, size: int = 0, token: str = "") -> organization_pb2.ListMembersRequest:
    return organization_pb2.ListMembersRequest(organization_id=organization, page_size=size, page_token=token)


async def test_only_an_admin_makes_an_organization(shared: Running) -> None:
    request = organization_pb2.CreateOrganizationRequest(request_id=request_id(), name="Clinic")
    with refused(Reason.REASON_ROLE_REQUIRED):
        await shared.organization("CreateOrganization", request, await shared.sign_in())


async def test_a_manager_adds_and_removes_members_and_a_member_does_not(shared: Running) -> None:
    manager, member, newcomer = [await shared.sign_in() for _ in range(3)]
    organization = await create(shared, "Clinic")
    admin = await shared.admin()
    for one, manages in ((manager, True), (member, False)):
        answer = await shared.organization("AddMember", add(organization, one, manages), admin)
        assert answer.member.manager == manages
    with refused(Reason.REASON_NOT_ALLOWED):
        await shared.organization("AddMember", add(organization, newcomer), member)
    await shared.organization("AddMember", add(organization, newcomer), manager)
    with refused(Reason.REASON_NOT_ALLOWED):
        await shared.organization("RemoveMember", remove(organization, newcomer), member)
    await shared.organization("RemoveMember", remove(organization, newcomer), manager)
    with refused(Reason.REASON_NOT_FOUND):
        await shared.organization("RemoveMember", remove(organization, newcomer), manager)
    await shared.organization("RemoveMember", remove(organization, member), member)
    listed = await shared.organization("ListMembers", members_of(organization), manager)
    assert [one.account_id for one in listed.members] == [manager.account_id]


async def test_adding_a_member_again_changes_whether_they_manage(shared: Running) -> None:
    person, organization = await shared.sign_in(), await create(shared, "Clinic")
    admin = await shared.admin()
    for manages in (False, True):
        await shared.organization("AddMember", add(organization, person, manages), admin)
        [member] = (await shared.organization("ListMembers", members_of(organization), admin)).members
        assert member.manager == manages


async def test_what_is_not_there_is_said_so(shared: Running) -> None:
    admin, organization = await shared.admin(), await create(shared, "Clinic")
    nobody = Person("", account_id=str(uuid4()))
    with refused(Reason.REASON_NOT_FOUND):
        await shared.organization("AddMember", add(organization, nobody), admin)
    with refused(Reason.REASON_NOT_FOUND):
        await shared.organization("AddMember", add(str(uuid4()), admin), admin)


async def test_members_are_listed_to_members_alone_page_by_page(shared: Running) -> None:
    people = [await shared.sign_in() for _ in range(5)]
    organization, admin = await create(shared, "Clinic"), await shared.admin()
    for person in people:
        await shared.organization("AddMember", add(organization, person), admin)
    with refused(Reason.REASON_NOT_ALLOWED):
        await shared.organization("ListMembers", members_of(organization), await shared.sign_in())
    seen, token = list[str](), ""
    while True:
        page = await shared.organization("ListMembers", members_of(organization, 2, token), people[0])
        seen += [member.account_id for member in page.members]
        token = page.next_page_token
        if not token:
            break
    assert sorted(seen) == sorted(person.account_id for person in people)


async def test_organizations_are_listed_by_name_page_by_page(own: Running) -> None:
    names = ["Delta", "Alpha", "Charlie", "Bravo", "Alpha"]
    for name in names:
        await create(own, name)
    person, seen, token = await own.sign_in(), list[str](), ""
    while True:
        request = organization_pb2.ListOrganizationsRequest(page_size=2, page_token=token)
        page = await own.organization("ListOrganizations", request, person)
        seen += [organization.name for organization in page.organizations]
        token = page.next_page_token
        if not token:
            break
    assert seen == sorted(names)
