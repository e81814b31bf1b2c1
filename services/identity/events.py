"""What identity publishes, as rows of the outbox in the transaction of what they tell; and what it listens to: reads of
patients' data anywhere, for the audit; treatments that begin and end anywhere, for their grants; and its own sessions'
ends, so that every replica refuses their tokens."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from apricot.access.v1.access_pb2 import Scope
from apricot.identity.v1 import events_pb2
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import contract
from kit.bus import Bus, Event
from kit.clock import Clock
from kit.consumer import Consumer
from kit.database import Database
from kit.feed import Feed
from kit.outbox import Relay, add_event
from kit.times import to_datetime
from kit.tokens import TokenVerifier
from services.identity.domain import audit as rules
from services.identity.domain.treatments import Effect, effect
from services.identity.store import accounts, audit, treatments
from services.identity.store.tables import CareGrant
from services.identity.vault import Vault

type Care = events_pb2.CareBegun | events_pb2.CareEnded


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


def care_consumers(bus: Bus, database: Database, vault: Vault, relay: Relay) -> list[Consumer]:
    """One for the stream of each other service of the contract: what it tells of treatments becomes grants. Neither the
    order in which it is heard nor a repeat makes a difference."""
    seal_key = vault.subkey("audit")

    async def on_care(session: AsyncSession, told: Sequence[Event]) -> None:
        read = [_read_care(one) for one in told]
        await treatments.lock(session, [UUID(care.treatment_id) for care in read])
        happened = list[rules.Event]()
        for care in read:
            match care:
                case events_pb2.CareBegun():
                    happened += [_happened(care, grant) for grant in await _begin(session, care)]
                case events_pb2.CareEnded():
                    happened += [_happened(care, grant) for grant in await _end(session, care)]
        grants_changed(session, [event.patient_id for event in happened if event.patient_id])
        for event in happened:
            await audit.append(session, seal_key, event)

    return [
        Consumer(bus, database, "identity-care", service, [f"apricot.{service}.care.>"], on_care, relay.wake)
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


async def _begin(session: AsyncSession, begun: events_pb2.CareBegun) -> list[CareGrant]:
    """The grant that a beginning gives, where it gives one: neither patient nor carer is deleted meanwhile."""
    patient, account, treatment = UUID(begun.patient_id), UUID(begun.account_id), UUID(begun.treatment_id)
    time, scopes = to_datetime(begun.time), sorted(_scope_name(scope) for scope in begun.scopes)
    grant = await treatments.find_grant(session, treatment, account)
    match effect(time, await treatments.end_time(session, treatment), treatments.given(grant)):
        case Effect.NOTHING:
            return []
        case Effect.PROLONG:
            assert grant is not None  # noqa: S101
            grant.create_time = time
            return []
    if await accounts.by_id_locked(session, patient) is None or await accounts.by_id(session, account) is None:
        return []
    grant = grant or CareGrant(
        grant_id=treatments.grant_id(treatment, account),
        patient_id=patient,
        account_id=account,
        scopes=scopes,
        create_time=time,
        treatment_id=treatment,
    )
    grant.scopes, grant.create_time, grant.revoke_time, grant.ended_with_treatment = scopes, time, None, False
    session.add(grant)
    return [grant]


async def _end(session: AsyncSession, ended: events_pb2.CareEnded) -> list[CareGrant]:
    """The grants that end with a treatment."""
    treatment, time = UUID(ended.treatment_id), to_datetime(ended.time)
    await treatments.remember_end(session, treatment, time)
    found = await treatments.live_grants(session, treatment, begun_until=time)
    for grant in found:
        grant.revoke_time, grant.ended_with_treatment = time, True
    return list(found)


def _read_care(event: Event) -> Care:
    kind: type[Care] = events_pb2.CareBegun if event.event == "begun" else events_pb2.CareEnded
    return kind.FromString(event.payload)


def _happened(care: Care, grant: CareGrant) -> rules.Event:
    """What the audit keeps: that the carer's access began or ended, by the name of the event that told it."""
    assert grant.account_id is not None, "treatments give grants to persons"  # noqa: S101
    name = care.DESCRIPTOR.full_name
    return rules.Event(to_datetime(care.time), grant.account_id, name, grant.patient_id, grant.grant_id)


def _scope_name(scope: Scope.ValueType) -> str:
    """As grants hold it."""
    return Scope.Name(scope).removeprefix("SCOPE_").lower()
