"""Grants, invites and decisions as a test gives and asks them."""

from datetime import datetime, timedelta
from typing import Any

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_GLUCOSE_WRITE, Scope
from apricot.identity.v1 import care_pb2, organization_pb2

from kit.times import to_timestamp
from tests.identity.running import Person, Running, request_id

type DataRange = tuple[datetime | None, datetime | None]

READ, WRITE = SCOPE_GLUCOSE_READ, SCOPE_GLUCOSE_WRITE


async def grant(
    running: Running,
    patient: Person,
    to: Person | str,
    *scopes: Scope.ValueType,
    lasting: timedelta | None = None,
    data: DataRange = (None, None),
) -> care_pb2.Grant:
    """A grant to a person, or to an organization by its id; `data`: the range of the data's time that it opens."""
    request = care_pb2.GrantAccessRequest(request_id=request_id(), scopes=scopes or (READ,))
    if isinstance(to, Person):
        request.account_id = to.account_id
    else:
        request.organization_id = to
    if lasting is not None:
        request.expire_time.CopyFrom(to_timestamp(running.clock.now + lasting))
    put_range(request, data)
    return (await running.care("GrantAccess", request, patient)).grant  # type: ignore[no-any-return]


async def revoke(running: Running, given: care_pb2.Grant, by: Person) -> care_pb2.Grant:
    request = care_pb2.RevokeAccessRequest(request_id=request_id(), grant_id=given.grant_id)
    return (await running.care("RevokeAccess", request, by)).grant  # type: ignore[no-any-return]


async def decisions(
    running: Running,
    by: Person,
    *patients: Person | str,
    scope: Scope.ValueType = READ,
    subject: Person | None = None,
) -> list[care_pb2.AccessDecision]:
    ids = [patient.account_id if isinstance(patient, Person) else patient for patient in patients]
    request = care_pb2.CheckAccessRequest(
        patient_ids=ids, scope=scope, subject_id=subject.account_id if subject else ""
    )
    return list((await running.care("CheckAccess", request, by)).decisions)


async def allowed(running: Running, by: Person, *patients: Person | str, **more: Any) -> list[bool]:
    return [decision.allowed for decision in await decisions(running, by, *patients, **more)]


async def clinic(running: Running, *members: Person, name: str = "杏林") -> str:
    """An organization with these members."""
    admin = await running.admin()
    create = organization_pb2.CreateOrganizationRequest(request_id=request_id(), name=name)
    made = (await running.organization("CreateOrganization", create, admin)).organization.organization_id
    for member in members:
        add = organization_pb2.AddMemberRequest(
            request_id=request_id(), organization_id=made, account_id=member.account_id
        )
        await running.organization("AddMember", add, admin)
    return str(made)


async def invite(
    running: Running, patient: Person, *scopes: Scope.ValueType, guest: bool = False, data: DataRange = (None, None)
) -> care_pb2.CreateInviteResponse:
    request = care_pb2.CreateInviteRequest(request_id=request_id(), scopes=scopes or (READ,), guest=guest)
    put_range(request, data)
    return await running.care("CreateInvite", request, patient)  # type: ignore[no-any-return]


def accept(code: str) -> care_pb2.AcceptInviteRequest:
    return care_pb2.AcceptInviteRequest(request_id=request_id(), code=code)


def window(scope: Scope.ValueType, data: DataRange = (None, None)) -> care_pb2.AccessWindow:
    """What a decision says of one scope."""
    made = care_pb2.AccessWindow(scope=scope)
    start, end = data
    if start is not None:
        made.start_time.CopyFrom(to_timestamp(start))
    if end is not None:
        made.end_time.CopyFrom(to_timestamp(end))
    return made


def put_range(request: care_pb2.GrantAccessRequest | care_pb2.CreateInviteRequest, data: DataRange) -> None:
    """Narrow a request to a range of the data's time."""
    start, end = data
    if start is not None:
        request.data_start_time.CopyFrom(to_timestamp(start))
    if end is not None:
        request.data_end_time.CopyFrom(to_timestamp(end))
