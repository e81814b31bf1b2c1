"""Who calls in the access tests, how each stands to the patient that the request names, and what the contract's rule
alone says of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from apricot.access.v1.access_pb2 import Rule, Scope

from kit.contract import role_name
from tests.e2e.signer import Claims, Signer, claims_of
from tests.people import People, Person

SCOPES = [scope for scope in Scope.values() if scope]
REFUSALS = {
    "TOKEN_MISSING",
    "TOKEN_INVALID",
    "TOKEN_EXPIRED",
    "SESSION_ENDED",
    "ROLE_REQUIRED",
    "PATIENT_ACCESS_DENIED",
}


@dataclass(frozen=True)
class Standing:
    """A caller before a patient."""

    name: str
    patient_id: str
    """Whose data the request asks for."""
    claims: Claims | None = None
    """As identity gave them at sign-in; none: nobody is signed in."""
    scopes: frozenset[Scope.ValueType] = field(default_factory=frozenset)
    """What the patient's live grants allow the caller."""

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(self.claims["roles"]) if self.claims else frozenset()

    @property
    def is_patient(self) -> bool:
        return self.claims is not None and self.claims["sub"] == self.patient_id

    def token(self, signer: Signer) -> str:
        """A token of the caller's in a session of its own: some methods end the session they are called in."""
        if self.claims is None:
            return ""
        return signer.token(self.claims["sub"], *self.claims["roles"])


def refusal(rule: Rule | None, caller: Standing) -> str:
    """The reason for which the rule turns this caller away; empty when it lets them in."""
    if rule is None:
        return "ROLE_REQUIRED" if caller.claims else "TOKEN_MISSING"
    if rule.public:
        return ""
    if caller.claims is None:
        return "TOKEN_MISSING"
    if rule.WhichOneof("callers") == "roles" and caller.roles.isdisjoint(map(role_name, rule.roles.any_of)):
        return "ROLE_REQUIRED"
    if rule.patient_field and not caller.is_patient and caller.scopes.isdisjoint(rule.any_scope):
        return "PATIENT_ACCESS_DENIED"
    return ""


async def standings(people: People, service_token: str) -> list[Standing]:
    """Every kind of caller, signed in for real, before a patient who has or has not let them in."""
    return [standing async for standing in _standings(people, service_token)]


async def _standings(people: People, service_token: str) -> AsyncIterator[Standing]:
    patient, stranger = await people.patient(), await people.patient()
    yield Standing("nobody", patient.account_id)
    yield await _standing("the patient herself", patient, patient)
    yield await _standing("another patient", stranger, patient)
    for scope in SCOPES:
        follower = await people.patient()
        await patient.grant(follower, scope)
        yield await _standing(f"a follower with {Scope.Name(scope)}", follower, patient, scope)
    former = await people.patient()
    await patient.revoke(await patient.grant(former, *SCOPES))
    yield await _standing("a follower whose grant was revoked", former, patient)

    clinician = await people.new_clinician()
    yield await _standing("a clinician without relation", clinician, stranger)
    for scope in SCOPES:
        hers = await people.patient()
        await hers.grant(clinician, scope)
        yield await _standing(f"a clinician with {Scope.Name(scope)}", clinician, hers, scope)
    member = await people.patient()
    clinic = await people.organization(clinician, member)
    for scope in SCOPES:
        theirs = await people.patient()
        await theirs.grant_organization(clinic, scope)
        yield await _standing(f"a clinician whose clinic has {Scope.Name(scope)}", clinician, theirs, scope)
        yield await _standing(f"a member without a licence of the clinic with {Scope.Name(scope)}", member, theirs)

    # Of the admin the roles alone, on an account of its own: the demo's admin is every test's.
    roles = claims_of(await (await people.admin()).token())["roles"]
    admin = await people.patient()
    yield Standing("an admin", patient.account_id, claims_of(await admin.token()) | {"roles": roles})
    yield Standing("a service", patient.account_id, claims_of(service_token))


async def _standing(name: str, caller: Person, patient: Person, *scopes: Scope.ValueType) -> Standing:
    return Standing(name, patient.account_id, claims_of(await caller.token()), frozenset(scopes))
