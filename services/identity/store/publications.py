"""What identity publishes: rows of the outbox, in the transaction of what they tell."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from apricot.identity.v1 import events_pb2
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.outbox import add_event


def grants_changed(session: AsyncSession, patient_ids: Iterable[UUID]) -> None:
    """Say that the access to these patients changed."""
    for patient_id in set(patient_ids):
        add_event(
            session,
            f"apricot.identity.grant.changed.{patient_id}",
            events_pb2.GrantChanged(patient_id=str(patient_id)),
        )


def sessions_ended(session: AsyncSession, account_id: UUID, session_ids: Sequence[UUID]) -> None:
    """Say that these sessions of an account ended; nothing when there are none."""
    if session_ids:
        add_event(
            session,
            f"apricot.identity.session.ended.{account_id}",
            events_pb2.SessionEnded(account_id=str(account_id), session_ids=[str(found) for found in session_ids]),
        )
