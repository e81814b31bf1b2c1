"""What identity publishes, as rows of the outbox in the transaction of what they tell; and what it listens to: reads of
patients' data anywhere, for the audit, and its own sessions' ends, so that every replica refuses their tokens."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from apricot.identity.v1 import events_pb2
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import contract
from kit.bus import Bus, Event
from kit.clock import Clock
from kit.consumer import Consumer
from kit.database import Database
from kit.feed import Feed
from kit.outbox import add_event
from kit.times import to_datetime
from kit.tokens import TokenVerifier
from services.identity.domain import audit as rules
from services.identity.store import audit
from services.identity.vault import Vault


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


def account_deleted(session: AsyncSession, account_id: UUID) -> None:
    """Say that an account was deleted."""
    add_event(
        session,
        f"apricot.identity.account.deleted.{account_id}",
        events_pb2.AccountDeleted(account_id=str(account_id)),
    )


def licence_changed(session: AsyncSession, account_id: UUID) -> None:
    """Say that what may be shown of a professional changed."""
    add_event(
        session,
        f"apricot.identity.licence.changed.{account_id}",
        events_pb2.LicenceChanged(account_id=str(account_id)),
    )


def audit_consumers(bus: Bus, database: Database, vault: Vault) -> list[Consumer]:
    """One for the stream of each other service of the contract: what it tells of reads goes into the chain, once."""
    seal_key = vault.subkey("audit")

    async def on_access_used(session: AsyncSession, uses: Sequence[Event]) -> None:
        for use in uses:
            used = events_pb2.AccessUsed.FromString(use.payload)
            happened = rules.Event(to_datetime(used.time), UUID(used.actor_id), used.action, UUID(used.patient_id))
            await audit.append(session, seal_key, happened)

    return [
        Consumer(bus, database, "identity-audit", service, [f"apricot.{service}.access.used.>"], on_access_used)
        for service in sorted(_other_services())
    ]


def session_feed(bus: Bus, tokens: TokenVerifier, clock: Clock) -> Feed:
    """Identity's own stream, for the sessions that other replicas ended."""

    def on_event(event: Event) -> None:
        if event.kind == "session.ended":
            ended = events_pb2.SessionEnded.FromString(event.payload)
            tokens.end_sessions(map(UUID, ended.session_ids), clock())

    return Feed(bus, "identity", on_event)


def _other_services() -> set[str]:
    """The second part of `apricot.<service>.v1.<Service>`."""
    return {str(service.full_name).split(".")[1] for service in contract.services()} - {"identity"}
