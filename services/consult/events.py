"""What consult publishes: the contract's messages of `events.proto`, on `apricot.consult.<noun>.<event>.<patient>`, and
what identity hears from every service: care that began and ended, and whose data was used."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.events_pb2 import PrescriptionIssued, PrescriptionRevised, PrescriptionRevoked
from apricot.consult.v1.prescription_pb2 import Prescription
from apricot.identity.v1.events_pb2 import AccessUsed, CareBegun, CareEnded
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.hints import Hints
from kit.outbox import Relay, add_event
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


def prescription_issued(session: AsyncSession, prescription: Prescription, patient: UUID) -> None:
    """A doctor issued a prescription."""
    event = PrescriptionIssued(patient_id=str(patient), prescription=prescription)
    add_event(session, f"apricot.consult.prescription.issued.{patient}", event)


def prescription_revised(session: AsyncSession, prescription: Prescription, patient: UUID) -> None:
    """A new revision took an earlier one's place."""
    event = PrescriptionRevised(patient_id=str(patient), prescription=prescription)
    add_event(session, f"apricot.consult.prescription.revised.{patient}", event)


def prescription_revoked(session: AsyncSession, prescription: Prescription, patient: UUID) -> None:
    """A doctor took a prescription back."""
    event = PrescriptionRevoked(patient_id=str(patient), prescription=prescription)
    add_event(session, f"apricot.consult.prescription.revoked.{patient}", event)


class Telling:
    """After a commit: wakes the relay, and hints to the live streams of a consultation and to inboxes that there is
    something new. A stream looks again by itself too, so that a lost hint costs a second, never a message."""

    def __init__(self, relay: Relay, hints: Hints) -> None:
        self._relay = relay
        self._hints = hints

    async def wake(self) -> None:
        """Events wait to be published, such as that somebody's data was used; nobody has to look anew."""
        await self._relay.wake()

    async def changed(self, consultation: UUID, accounts: Iterable[UUID] = (), department: str = "") -> None:
        """The consultation, or what is said in it, changed: to its conversation, to the inboxes of these accounts, and
        to those of the doctors of a department whose pool it touches."""
        await self._relay.wake()
        await self._hints.send(conversation_key(consultation))
        for account in accounts:
            await self._hints.send(inbox_key(account), consultation.bytes)
        if department:
            await self._hints.send(pool_key(department), consultation.bytes)


def conversation_key(consultation: UUID) -> str:
    """The hints that a consultation has something new."""
    return f"conversation.{consultation}"


def inbox_key(account: UUID) -> str:
    """The hints that a consultation of this account's has something new; the payload is its id."""
    return f"inbox.{account}"


def pool_key(department: str) -> str:
    """The hints that a department's pool changed; the payload is the consultation's id."""
    return f"pool.{department}"
