"""Who may call what: role × method × relation, each allow and each deny, at the gateway and at the services."""

import asyncio
from uuid import uuid4

import grpc
import pytest
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest
from apricot.identity.v1.auth_pb2 import RefreshTokenRequest

from kit import contract
from kit.contract import Method
from tests.e2e.cast import REFUSALS, Cast, Standing, refusal
from tests.e2e.conftest import Doors
from tests.e2e.minimal import is_for_services_alone, minimal_request, name_patient
from tests.e2e.signer import Signer
from tests.people import People

METHODS = contract.methods()
ABOUT_A_PATIENT = [path for path, method in METHODS.items() if method.rule and method.rule.patient_field]
REFRESH = "/apricot.identity.v1.AuthService/RefreshToken"
WATCH = "/apricot.glucose.v1.WatchService/WatchPatients"

STATUS = {
    "TOKEN_MISSING": grpc.StatusCode.UNAUTHENTICATED,
    "ROLE_REQUIRED": grpc.StatusCode.PERMISSION_DENIED,
    "PATIENT_ACCESS_DENIED": grpc.StatusCode.PERMISSION_DENIED,
}
OURS_TO_MEND = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNIMPLEMENTED}


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_method_says_who_may_call_it(method: Method) -> None:
    assert method.rule is not None
    assert method.rule.WhichOneof("callers") is not None
    assert method.rule.public or method.rule.signed_in or method.rule.roles.any_of
    assert not (method.rule.public and method.rule.patient_field)
    if method.rule.patient_field:
        assert method.rule.patient_field in method.descriptor.input_type.fields_by_name


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_request_about_a_patient_says_so_in_its_rule(method: Method) -> None:
    """A field `patient_id(s)` that the rule does not name would be somebody else's data for everybody. Services alone
    ask like that, and whoever asks for grants of one's own."""
    named = {name for name in method.descriptor.input_type.fields_by_name if name.startswith("patient_id")}
    assert method.rule
    care = "/apricot.identity.v1.CareService/"
    asks_about_others = method.path in (f"{care}CheckAccess", f"{care}ListHeldGrants")
    assert asks_about_others or is_for_services_alone(method) or named == ({method.rule.patient_field} - {""})


@pytest.mark.parametrize("door", ["gateway", "direct"])
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
async def test_matrix(
    method: Method, door: str, cast: Cast, doors: Doors, signer: Signer, refresh: RefreshTokenRequest
) -> None:
    async def try_it(caller: Standing) -> str:
        request = minimal_request(method, caller.patient_id)
        if method.path == REFRESH:
            request = refresh  # public, but a made-up token is refused for itself
        outcome = await doors.call(door, method.path, request.SerializeToString(), caller.token(signer))
        if door == "gateway" and is_for_services_alone(method):
            assert outcome.reason == "METHOD_UNKNOWN"
            return refusal(method.rule, caller)
        assert outcome.code not in OURS_TO_MEND, (caller.name, outcome)
        if outcome.reason in STATUS:
            assert outcome.code is STATUS[outcome.reason]
        return outcome.reason if outcome.reason in REFUSALS else ""

    callers = cast.callers(method.rule)
    found = dict(zip([caller.name for caller in callers], await asyncio.gather(*map(try_it, callers)), strict=True))
    assert found == {caller.name: refusal(method.rule, caller) for caller in callers}


@pytest.mark.parametrize("door", ["gateway", "direct", "direct-2"])
@pytest.mark.parametrize("path", ABOUT_A_PATIENT)
async def test_somebody_else_s_patient_is_as_good_as_none(
    path: str, door: str, cast: Cast, doors: Doors, signer: Signer
) -> None:
    method = METHODS[path]
    for name in ("another patient", "a clinician without relation", "an admin", "a service"):
        caller = cast.named(name)
        request = minimal_request(method, caller.patient_id)
        real = await doors.call(door, path, request.SerializeToString(), caller.token(signer))
        assert method.rule
        name_patient(request, method.rule.patient_field, str(uuid4()))
        made_up = await doors.call(door, path, request.SerializeToString(), caller.token(signer))
        assert real.reason == refusal(method.rule, caller) != ""
        assert real == made_up


@pytest.mark.parametrize("door", ["gateway", "direct"])
async def test_one_patient_of_others_spoils_the_watch(door: str, cast: Cast, doors: Doors, signer: Signer) -> None:
    herself, another = cast.named("the patient herself"), cast.named("another patient")
    assert another.claims
    request = WatchPatientsRequest(patient_ids=[herself.patient_id, another.claims["sub"]])
    outcome = await doors.call(door, WATCH, request.SerializeToString(), herself.token(signer))
    assert outcome.reason == "PATIENT_ACCESS_DENIED"


async def test_roles_at_sign_in(cast: Cast) -> None:
    """What identity really put into the tokens that the matrix goes by."""
    roles = {standing.name: standing.roles for standing in cast.roles}
    assert roles["the patient herself"] == {"patient"}
    assert roles["a clinician without relation"] == {"patient", "clinician"}
    assert roles["an admin"] == {"patient", "admin"}
    assert roles["a service"] == {"service"}


@pytest.fixture(scope="module")
async def refresh(people: People) -> RefreshTokenRequest:
    """A refresh that works as often as it is repeated: by its request id it is the same one."""
    saved = (await people.patient()).session._tokens._saved
    return RefreshTokenRequest(request_id=saved.refresh_request_id, refresh_token=saved.refresh_token)
