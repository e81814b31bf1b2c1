"""Watches the audit chain: what was added is followed each minute, and the whole chain once a day."""

from datetime import datetime, timedelta

import structlog
from prometheus_client import Gauge

from kit.clock import Clock
from kit.database import Database
from kit.rounds import every
from services.identity.domain.audit import Head
from services.identity.store import audit
from services.identity.vault import Vault

log = structlog.get_logger()

INTACT = Gauge("apricot_audit_chain_intact", "Whether the audit chain holds: 1, or 0.")
VERIFIED = Gauge("apricot_audit_chain_verified_timestamp_seconds", "When the audit chain was last followed to its end.")

_EVERY_SECONDS = 60.0
_WHOLE_EVERY = timedelta(days=1)


class AuditWatch:
    """Runs in every replica; each sees for itself."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._seal_key = vault.subkey("audit")
        self._clock = clock
        self._reached = Head()
        self._whole_at: datetime | None = None

    async def run(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_EVERY_SECONDS, self.look, "the watch of the audit chain")

    async def look(self) -> None:
        """Once."""
        now = self._clock()
        if self._whole_at is None or now >= self._whole_at + _WHOLE_EVERY:
            self._reached, self._whole_at = Head(), now
        async with (
            self._database.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            self._reached, broken = await audit.verify(connection, self._seal_key, self._reached)
        if broken is not None:
            log.error("the audit chain is broken", first_broken_sequence=broken)
            self._whole_at = None  # it is broken until the whole of it holds
        INTACT.set(broken is None)
        VERIFIED.set(now.timestamp())
