"""`apricot admin`: what an operator does by hand against a running platform."""

from enum import StrEnum
from typing import Annotated

import typer
from apricot.access.v1.access_pb2 import Role
from apricot.identity.v1 import account_pb2, auth_pb2, licence_pb2, organization_pb2
from apricot.identity.v1.account_pb2_grpc import AccountServiceStub
from apricot.identity.v1.auth_pb2_grpc import AuthServiceStub
from apricot.identity.v1.licence_pb2 import LicenceState
from apricot.identity.v1.licence_pb2_grpc import LicenceServiceStub
from apricot.identity.v1.organization_pb2_grpc import OrganizationServiceStub

from services.identity.admin_audit import verify_chain
from services.identity.admin_client import Gateway, Operator

app = typer.Typer(help="Run the platform: admins, licences, organizations, keys, audit.", no_args_is_help=True)
licences = typer.Typer(help="Professional licences.", no_args_is_help=True)
organizations = typer.Typer(help="Organizations and their members.", no_args_is_help=True)
app.add_typer(licences, name="licences")
app.add_typer(organizations, name="organizations")


class State(StrEnum):
    """Where a licence stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ALL = "all"


Note = Annotated[str, typer.Option(help="Why; the professional reads it.")]
Organization = Annotated[str, typer.Argument(help="The organization's id.")]
Account = Annotated[str, typer.Argument(help="The account's id.")]


@app.callback()
def gateway(
    context: typer.Context,
    address: Annotated[str, typer.Option("--gateway", help="host:port")] = "127.0.0.1:8080",
    tls: Annotated[bool, typer.Option("--tls", help="The gateway speaks TLS.")] = False,
    phone: Annotated[str, typer.Option(help="Who signs in; asked for when left out.")] = "",
    password: Annotated[bool, typer.Option("--password", help="Sign in by password, not by a code.")] = False,
) -> None:
    """Sign-in happens anew for each command, and no token is kept."""
    context.obj = Gateway(address, tls, phone, password)


@app.command()
def claim_first_admin(context: typer.Context) -> None:
    """Become the first admin, by the secret that identity printed at its first start, with a second factor."""
    with _gateway(context).operator() as operator:
        account = AccountServiceStub(operator.channel)
        secret = typer.prompt("First admin secret", hide_input=True)
        operator.call(account.ClaimAdmin, account_pb2.ClaimAdminRequest(secret=secret))
        typer.echo("You are the first admin.")
        if not operator.account.second_factor:
            _enroll(operator, account)


@app.command()
def enroll_second_factor(context: typer.Context) -> None:
    """Set up the caller's second factor, without which clinical roles and admin do not count."""
    with _gateway(context).operator() as operator:
        _enroll(operator, AccountServiceStub(operator.channel))


@app.command()
def rotate_keys(context: typer.Context) -> None:
    """Make a new signing key. Nobody is signed out."""
    with _gateway(context).operator() as operator:
        answer = operator.call(AuthServiceStub(operator.channel).RotateKeys, auth_pb2.RotateKeysRequest())
        typer.echo(f"key {answer.key_id} is published and signs within minutes")


@app.command()
def verify_audit(
    context: typer.Context,
    behind: Annotated[str, typer.Option("--from", help="An earlier run's checkpoint; else from the beginning.")] = "",
    anchor: Annotated[str, typer.Option(help="SEQUENCE:HASH as kept elsewhere; the chain has to lead over it.")] = "",
) -> None:
    """Recompute the audit chain, piece by piece. Exit code 1: it does not hold."""
    with _gateway(context).operator() as operator:
        answer = verify_chain(operator, behind, anchor)
    typer.echo(f"the chain holds: {answer.event_count} events")
    typer.echo(f"anchor {answer.event_count}:{answer.hash}")
    typer.echo(f"checkpoint {answer.checkpoint}")


@licences.command("list")
def list_licences(
    context: typer.Context, state: Annotated[State, typer.Option(help="Only those.")] = State.SUBMITTED
) -> None:
    """List licences, newest first, one a line."""
    request = licence_pb2.ListLicencesRequest()
    if state is not State.ALL:
        request.state = LicenceState.Value(f"LICENCE_STATE_{state.upper()}")
    with _gateway(context).operator() as operator:
        for page in operator.pages(LicenceServiceStub(operator.channel).ListLicences, request):
            for licence in page.licences:
                _echo_licence(licence)


@licences.command()
def approve(context: typer.Context, licence_id: str, note: Note = "") -> None:
    """Approve a submitted licence: its role counts from the next refresh on."""
    _review(context, licence_id, licence_pb2.LICENCE_STATE_APPROVED, note)


@licences.command()
def reject(context: typer.Context, licence_id: str, note: Note = "") -> None:
    """Reject a submitted licence."""
    _review(context, licence_id, licence_pb2.LICENCE_STATE_REJECTED, note)


@licences.command()
def withdraw(context: typer.Context, licence_id: str, note: Note = "") -> None:
    """Withdraw an approved licence: its role is gone at once, and so are the account's sessions."""
    _review(context, licence_id, licence_pb2.LICENCE_STATE_WITHDRAWN, note)


@organizations.command()
def create(context: typer.Context, name: str) -> None:
    """Make an organization."""
    with _gateway(context).operator() as operator:
        request = organization_pb2.CreateOrganizationRequest(name=name)
        made = operator.call(OrganizationServiceStub(operator.channel).CreateOrganization, request).organization
        typer.echo(f"{made.organization_id}\t{made.name}")


@organizations.command("list")
def list_organizations(context: typer.Context) -> None:
    """List organizations by name, one a line."""
    with _gateway(context).operator() as operator:
        method = OrganizationServiceStub(operator.channel).ListOrganizations
        for page in operator.pages(method, organization_pb2.ListOrganizationsRequest()):
            for found in page.organizations:
                typer.echo(f"{found.organization_id}\t{found.name}")


@organizations.command()
def members(context: typer.Context, organization_id: Organization) -> None:
    """List an organization's members by name, one a line."""
    with _gateway(context).operator() as operator:
        request = organization_pb2.ListMembersRequest(organization_id=organization_id)
        for page in operator.pages(OrganizationServiceStub(operator.channel).ListMembers, request):
            for member in page.members:
                _echo_member(member)


@organizations.command()
def add_member(
    context: typer.Context,
    organization_id: Organization,
    account_id: Account,
    manager: Annotated[bool, typer.Option("--manager", help="Who may add and remove members.")] = False,
) -> None:
    """Add a member, or change whether they manage."""
    with _gateway(context).operator() as operator:
        request = organization_pb2.AddMemberRequest(
            organization_id=organization_id, account_id=account_id, manager=manager
        )
        _echo_member(operator.call(OrganizationServiceStub(operator.channel).AddMember, request).member)


@organizations.command()
def remove_member(context: typer.Context, organization_id: Organization, account_id: Account) -> None:
    """Remove a member: what they saw through the organization, they see no longer."""
    with _gateway(context).operator() as operator:
        request = organization_pb2.RemoveMemberRequest(organization_id=organization_id, account_id=account_id)
        operator.call(OrganizationServiceStub(operator.channel).RemoveMember, request)
        typer.echo("removed")


def _gateway(context: typer.Context) -> Gateway:
    found = context.obj
    assert isinstance(found, Gateway)  # noqa: S101  the callback set it
    return found


def _enroll(operator: Operator, account: AccountServiceStub) -> None:
    made = operator.call(account.EnrollTotp, account_pb2.EnrollTotpRequest())
    typer.echo(f"Give this to your authenticator app: {made.secret}\n{made.otpauth_uri}")
    code = typer.prompt("Its code now")
    confirmed = operator.call(account.ConfirmTotp, account_pb2.ConfirmTotpRequest(totp_code=code))
    typer.echo("The second factor counts from your next sign-in on.")
    typer.echo("Write these recovery codes down. Each stands in once for the authenticator; they are not shown again:")
    typer.echo(" ".join(confirmed.recovery_codes))


def _review(context: typer.Context, licence_id: str, decision: LicenceState.ValueType, note: str) -> None:
    with _gateway(context).operator() as operator:
        request = licence_pb2.ReviewLicenceRequest(licence_id=licence_id, decision=decision, note=note)
        _echo_licence(operator.call(LicenceServiceStub(operator.channel).ReviewLicence, request).licence)


def _echo_licence(licence: licence_pb2.Licence) -> None:
    details = licence.details
    state = LicenceState.Name(licence.state).removeprefix("LICENCE_STATE_").lower()
    role = Role.Name(details.role).removeprefix("ROLE_").lower()
    place = f"{details.hospital} {details.hospital_grade}".strip()
    columns = (licence.licence_id, state, role, details.number, place, details.title, details.expiry_date)
    typer.echo("\t".join((*columns, f"account {licence.account_id}")))


def _echo_member(member: organization_pb2.Member) -> None:
    typer.echo(f"{member.account_id}\t{'manager' if member.manager else 'member'}\t{member.display_name}")
