"""Hand-overs to authorities, each an event of the audit."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.domain.audit import Event
from services.identity.store import audit
from services.identity.store.tables import HandOver

ACTION = "apricot.operations.HandOver"


async def note(
    session: AsyncSession,
    seal_key: bytes,
    *,
    patient_id: UUID,
    actor_id: UUID,
    reason: str,
    manifest_sha256: bytes,
    now: datetime,
) -> None:
    """Who hands over whose data, why, and what. Last in a transaction."""
    handed = HandOver(
        hand_over_id=id_of(reason, manifest_sha256),
        patient_id=patient_id,
        actor_id=actor_id,
        reason=reason,
        manifest_sha256=manifest_sha256,
        create_time=now,
    )
    session.add(handed)
    await audit.append(session, seal_key, Event(now, actor_id, ACTION, patient_id, handed.hand_over_id))


def id_of(reason: str, manifest_sha256: bytes) -> UUID:
    """A hand-over's id: another reason or another manifest has another one."""
    return UUID(bytes=hashlib.sha256(manifest_sha256 + reason.encode()).digest()[:16])
