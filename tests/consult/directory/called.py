"""Calls as the chain hands them to a method, without a wire."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from kit import contract
from kit.call import Call, Caller
from tests.people import Person


def call(method: str, person: Person) -> Call:
    """A call of the directory's by a doctor."""
    made = Call(contract.methods()[f"/apricot.consult.v1.DirectoryService/{method}"], str(uuid4()))
    account, roles = UUID(person.account_id), frozenset({"patient", "clinician"})
    made.signed_in = Caller(account, uuid4(), roles, datetime(2200, 1, 1, tzinfo=UTC))
    return made
