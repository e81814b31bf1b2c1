"""The access rule of a method: whom it does not let in, it keeps out."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from apricot.access.v1.access_pb2 import ROLE_ADMIN, ROLE_CLINICIAN, SCOPE_GLUCOSE_READ, Roles, Rule
from apricot.errors.v1.reason_pb2 import Reason

from kit.access import require_role
from kit.call import Caller
from kit.errors import ApricotError

CLINICIAN = Caller(uuid4(), uuid4(), frozenset({"patient", "clinician"}), datetime.now(UTC))


@pytest.mark.parametrize(
    "rule", [Rule(signed_in=True), Rule(roles=Roles(any_of=[ROLE_ADMIN, ROLE_CLINICIAN]))], ids=["signed in", "roles"]
)
def test_who_is_named_is_let_in(rule: Rule) -> None:
    require_role(rule, CLINICIAN)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(),
        Rule(public=False),
        Rule(signed_in=False),
        Rule(roles=Roles()),
        Rule(roles=Roles(any_of=[ROLE_ADMIN])),
        Rule(patient_field="patient_id", any_scope=[SCOPE_GLUCOSE_READ]),
    ],
    ids=["empty", "not public", "not signed in", "no roles", "another role", "a patient alone"],
)
def test_default_is_deny(rule: Rule) -> None:
    with pytest.raises(ApricotError) as refused:
        require_role(rule, CLINICIAN)
    assert refused.value.reason == Reason.REASON_ROLE_REQUIRED
