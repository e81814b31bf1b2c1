"""What consult publishes: the contract's messages of `events.proto`, on `apricot.consult.<noun>.<event>.<patient>`, and
what identity hears from every service: care that began and ended, and whose data was used."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apricot.access.v1.access_pb2 import Scope
from apricot.identity.v1.events_pb2 import AccessUsed, CareBegun, CareEnded
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.outbox import add_event
from kit.times import to_timestamp


def access_used(session: AsyncSession, call: Call, patient: UUID, now: datetime) -> None:
    """The event of somebody else's use of a patient's data; identity chains it into the audit."""
    if call.caller.account_id != patient:
        use = AccessUsed(
            patient_id=str(patient),
            actor_id=str(call.caller.account_id),
            action=call.method.path.removeprefix("/"),
            time=to_timestamp(now),
        )
        add_event(session, f"apricot.consult.access.used.{patient}", use)


def care_begun(
    session: AsyncSession,
    patient: UUID,
    account: UUID,
    scopes: Sequence[Scope.ValueType],
    consultation: UUID,
    now: datetime,
) -> None:
    """The patient agreed that this account may see these things as long as the consultation lasts; nothing for none."""
    if scopes:
        event = CareBegun(
            patient_id=str(patient),
            account_id=str(account),
            scopes=scopes,
            treatment_id=str(consultation),
            time=to_timestamp(now),
        )
        add_event(session, f"apricot.consult.care.begun.{patient}", event)


def care_ended(session: AsyncSession, patient: UUID, consultation: UUID, now: datetime) -> None:
    """The consultation is over, and with it what was shared for it."""
    event = CareEnded(patient_id=str(patient), treatment_id=str(consultation), time=to_timestamp(now))
    add_event(session, f"apricot.consult.care.ended.{patient}", event)
