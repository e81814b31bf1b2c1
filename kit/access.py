"""Who may call: the access rule of a method held against the caller and the patients that the request names."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from apricot.access.v1.access_pb2 import Rule, Scope
from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.message import Message

from kit.call import Call, Caller
from kit.contract import role_name
from kit.errors import ApricotError
from kit.views import View


class CareRelations(Protocol):
    """Knows whether a caller who is not the patient may act on the patient's data, and keeps the audit of it."""

    async def require(
        self, call: Call, patients: Sequence[UUID], any_scope: Sequence[Scope.ValueType]
    ) -> Mapping[UUID, View]:
        """What the caller may see of each, when it holds each patient's live grant with any of these scopes.
        Errors: PATIENT_ACCESS_DENIED, UNAVAILABLE."""
        ...


class NoPatients:
    """The relations of a service none of whose methods names a patient."""

    async def require(
        self, call: Call, patients: Sequence[UUID], any_scope: Sequence[Scope.ValueType]
    ) -> Mapping[UUID, View]:
        raise denied()


def denied() -> ApricotError:
    """The one answer for somebody else's patient and for no patient at all."""
    return ApricotError(Reason.REASON_PATIENT_ACCESS_DENIED, "no access to that patient's data")


def require_role(rule: Rule, caller: Caller) -> None:
    """A rule that lets nobody in by name lets nobody in. Errors: ROLE_REQUIRED."""
    names = [role_name(role) for role in rule.roles.any_of]
    if not (rule.signed_in or caller.has(*names)):
        raise ApricotError(
            Reason.REASON_ROLE_REQUIRED, "none of your roles may do this", metadata={"roles": ",".join(names)}
        )


async def require_relation(rule: Rule, request: Message, call: Call, relations: CareRelations) -> None:
    """Leave on the call what it may see. Errors: PATIENT_ACCESS_DENIED. Runs on a validated request: its patient field
    holds UUIDs."""
    if not rule.patient_field:
        return
    named = getattr(request, rule.patient_field)
    patients = [UUID(named)] if isinstance(named, str) else [UUID(patient) for patient in named]
    others = [patient for patient in patients if patient != call.caller.account_id]
    if not patients or (others and not rule.any_scope):
        raise denied()
    if others:
        call.views.update(await relations.require(call, others, rule.any_scope))
