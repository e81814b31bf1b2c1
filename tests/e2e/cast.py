"""Who calls in the access tests, how each stands to the patient that the request names, and what the contract's rule
alone says of it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from apricot.access.v1.access_pb2 import Rule, Scope

from kit import contract
from kit.contract import role_name
from tests.e2e.signer import Claims, Signer, claims_of
from tests.people import People, Person

type Scopes = frozenset[Scope.ValueType]
SCOPES = frozenset(scope for scope in Scope.values() if scope)
RELATIONS = "a follower", "a clinician", "a clinician's clinic"
"""To whom a grant may be given."""
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
    scopes: Scopes = frozenset()
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


@dataclass(frozen=True)
class Cast:
    """Everybody who calls."""

    roles: Sequence[Standing]
    """Each role, without a grant."""
    near_misses: Sequence[Standing]
    """Whose grant is over, or does not count."""
    granted: Mapping[tuple[str, Scopes], Standing]
    """Each relation with a live grant, by what it allows."""

    def callers(self, rule: Rule | None) -> list[Standing]:
        """Before a method about a patient: each role, the near misses, and in each relation one caller with each scope
        that the rule names and nothing else, and one with all the others. Before any other method the roles alone."""
        if rule is None or not rule.patient_field:
            return list(self.roles)
        related = [self.granted[relation, scopes] for relation in RELATIONS for scopes in telling(rule)]
        return [*self.roles, *self.near_misses, *related]

    def named(self, name: str) -> Standing:
        """The standing of that name."""
        return next(standing for standing in [*self.roles, *self.near_misses] if standing.name == name)


def telling(rule: Rule) -> Iterator[Scopes]:
    """The grants that tell whether a method goes by its rule: each scope of the rule alone, and all the others."""
    for scope in rule.any_scope:
        yield frozenset({scope})
    yield SCOPES - frozenset(rule.any_scope)


async def gather_cast(people: People, service_token: str) -> Cast:
    """Everybody, signed in for real, before patients who have or have not let them in."""
    patient, stranger, former, follower, unlicensed = [await people.patient() for _ in range(5)]
    clinician, member = await people.new_clinician(), await people.new_clinician()
    clinic = await people.organization(member, unlicensed)
    await patient.revoke(await patient.grant(former, *SCOPES))
    await patient.grant_organization(clinic, *SCOPES)

    # Of the admin the roles alone, on an account of its own: the demo's admin is every test's.
    admin_roles = claims_of(await (await people.admin()).token())["roles"]
    admin = await people.patient()
    roles = [
        Standing("nobody", patient.account_id),
        await _standing("the patient herself", patient, patient),
        await _standing("another patient", stranger, patient),
        await _standing("a clinician without relation", clinician, patient),
        Standing("an admin", patient.account_id, claims_of(await admin.token()) | {"roles": admin_roles}),
        Standing("a service", patient.account_id, claims_of(service_token)),
    ]
    near_misses = [
        await _standing("a follower whose grant was revoked", former, patient),
        await _standing("a member without a licence of the clinic", unlicensed, patient),
    ]

    async def let_in(scopes: Scopes) -> dict[tuple[str, Scopes], Standing]:
        """A patient who grants just this, in each relation."""
        giver = await people.patient()
        await giver.grant(follower, *scopes)
        await giver.grant(clinician, *scopes)
        await giver.grant_organization(clinic, *scopes)
        names = "+".join(sorted(map(Scope.Name, scopes)))
        holders = dict(zip(RELATIONS, (follower, clinician, member), strict=True))
        return {
            (relation, scopes): await _standing(f"{relation} with {names}", holder, giver, scopes)
            for relation, holder in holders.items()
        }

    rules = [method.rule for method in contract.methods().values() if method.rule and method.rule.patient_field]
    found = await asyncio.gather(*map(let_in, {scopes for rule in rules for scopes in telling(rule)}))
    return Cast(roles, near_misses, {key: standing for each in found for key, standing in each.items()})


async def _standing(name: str, caller: Person, patient: Person, scopes: Scopes = frozenset()) -> Standing:
    return Standing(name, patient.account_id, claims_of(await caller.token()), scopes)
