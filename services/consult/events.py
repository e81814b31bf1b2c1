"""What consult publishes: the contract's messages of `events.proto`, on `apricot.consult.<noun>.<event>.<patient>`, and
what identity hears from every service: care that began and ended, and whose data was used."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.consultation_pb2 import Consultation
from apricot.consult.v1.conversation_pb2 import NOTICE_KIND_ENDED
from apricot.consult.v1.events_pb2 import (
    AppointmentChanged,
    ConsultationChanged,
    PrescriptionIssued,
    PrescriptionRevised,
    PrescriptionRevoked,
    WaitingEntryChanged,
)
from apricot.consult.v1.prescription_pb2 import Prescription
from apricot.identity.v1.events_pb2 import AccessUsed, CareBegun, CareEnded
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.hints import Hints
from kit.outbox import Relay, add_event
from kit.pushes import add_pushes
from kit.times import to_timestamp
from services.consult.store.booking_bodies import appointment_message, waiting_message
from services.consult.store.booking_tables import AppointmentRow, WaitingRow
from services.consult.store.calls import end_call_of
from services.consult.store.consultation_bodies import bodies_of
from services.consult.store.consultation_tables import ConsultationRow
from services.consult.store.members import members_of
from services.consult.store.messages import add_notice


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


async def consultation_changed(session: AsyncSession, row: ConsultationRow) -> Consultation:
    """The event of a consultation as it now stands, which is also given back. Last in its transaction: what was done by
    statements is read anew."""
    await session.flush()
    await session.refresh(row)
    (consultation,) = await bodies_of(session, [row])
    event = ConsultationChanged(patient_id=consultation.patient_id, consultation=consultation)
    add_event(session, f"apricot.consult.consultation.changed.{row.patient_id}", event)
    return consultation


async def ended(session: AsyncSession, row: ConsultationRow, now: datetime, *, by: UUID | None = None) -> None:
    """It is over: said in the conversation, pushed to all but whoever ended it, and what was shared for it ends."""
    await session.flush()
    await add_notice(session, row.patient_id, row.consultation_id, NOTICE_KIND_ENDED, now, account_id=by)
    await push_members(session, row, now, but=by)
    await end_call_of(session, row.patient_id, row.consultation_id, now)
    care_ended(session, row.patient_id, row.consultation_id, now)


async def push_members(
    session: AsyncSession, row: ConsultationRow, now: datetime, *, but: UUID | None = None, urgent: bool = False
) -> None:
    """Push to everybody who takes part, but one."""
    members = await members_of(session, row.patient_id, row.consultation_id)
    push(session, row, [member.account_id for member in members if member.account_id != but], now, urgent=urgent)


def push(
    session: AsyncSession, row: ConsultationRow, accounts: Iterable[UUID], now: datetime, *, urgent: bool = False
) -> None:
    """Push to these that there is something about a consultation."""
    add_pushes(
        session,
        accounts,
        patient=row.patient_id,
        kind="consultation",
        reference=row.consultation_id,
        urgent=urgent,
        now=now,
    )


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


def appointment_changed(session: AsyncSession, row: AppointmentRow, actor: UUID | None, now: datetime) -> None:
    """An appointment as it now stands; without an actor, by the platform."""
    event = AppointmentChanged(
        patient_id=str(row.patient_id),
        appointment=appointment_message(row),
        actor_id=str(actor or ""),
        time=to_timestamp(now),
    )
    add_event(session, f"apricot.consult.appointment.changed.{row.patient_id}", event)


def waiting_changed(session: AsyncSession, row: WaitingRow, actor: UUID | None, now: datetime) -> None:
    """An entry of a waiting list as it now stands; without an actor, by the platform."""
    event = WaitingEntryChanged(
        patient_id=str(row.patient_id),
        entry=waiting_message(row),
        actor_id=str(actor or ""),
        time=to_timestamp(now),
    )
    add_event(session, f"apricot.consult.waiting.changed.{row.patient_id}", event)


def offers_made(session: AsyncSession, rows: Iterable[WaitingRow], now: datetime) -> None:
    """Places are held for these: each patient is told."""
    for row in rows:
        waiting_changed(session, row, None, now)
        push_patient(session, row.patient_id, "offer", row.entry_id, now, urgent=True)


def push_patient(
    session: AsyncSession, patient: UUID, kind: str, reference: UUID, now: datetime, *, urgent: bool = False
) -> None:
    """To the patient's devices: there is something new about this appointment or offer."""
    add_pushes(session, [patient], patient=patient, kind=kind, reference=reference, urgent=urgent, now=now)
