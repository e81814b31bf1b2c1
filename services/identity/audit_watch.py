"""Watches the audit chain: what was added is followed each minute, and the whole chain, in pieces, once a week.

Where it ends is logged each day, for whoever keeps the logs elsewhere: a chain that was written anew, with the key in
hand, does not lead over what was logged.
"""

from datetime import timedelta

import structlog
from prometheus_client import Gauge

from kit.clock import Clock
from kit.database import Database
from kit.rounds import every
from services.identity.domain import verifying
from services.identity.domain.audit import Head
from services.identity.domain.verifying import CheckpointInvalid
from services.identity.store import audit, audit_checks
from services.identity.store.audit_checks import Check
from services.identity.store.tables import AuditCheck
from services.identity.vault import Vault

log = structlog.get_logger()

INTACT = Gauge("apricot_audit_chain_intact", "Whether the audit chain holds: 1, or 0.")
VERIFIED = Gauge("apricot_audit_chain_verified_timestamp_seconds", "When the audit chain was last followed to its end.")
SEQUENCE = Gauge("apricot_audit_chain_verified_sequence", "Up to which event the chain was found to hold.", ["check"])

_EVERY_SECONDS = 60.0
_PIECE = 50_000
"""Events of one round: half a second's work."""
_PAUSE = timedelta(seconds=50)
"""Shorter than a round: of several replicas one does it."""
_WHOLE_EVERY = timedelta(days=7)
_ANCHOR_EVERY = timedelta(days=1)


class AuditWatch:
    """Runs in every replica; a row's lock lets one of them look, and all show what was found."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._seal_key = vault.subkey("audit")
        self._checkpoint_key = vault.subkey("audit-checkpoint")
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_EVERY_SECONDS, self.look, "the watch of the audit chain")

    async def look(self) -> None:
        """Once."""
        await self._follow(Check.ADDED)
        await self._follow(Check.WHOLE)
        await self._log_anchor()
        await self._show()

    async def _follow(self, check: Check) -> None:
        now = self._clock()
        async with self._database.transaction() as session:
            row = await audit_checks.take(session, check, now, _PAUSE)
            if row is None:
                return
            if check is Check.WHOLE and row.end_time is not None:
                if now < row.begin_time + _WHOLE_EVERY:
                    return
                row.begin_time, row.end_time, row.checkpoint = now, None, ""
            await self._go_on(row)

    async def _go_on(self, row: AuditCheck) -> None:
        found = await audit.verify(self._database, self._seal_key, self._reached(row), _PIECE)
        row.sequence = found.reached.sequence
        row.checkpoint = verifying.checkpoint(self._checkpoint_key, found.reached)
        row.broken_sequence = found.broken.sequence if found.broken else None
        if found.broken:
            log.error("the audit chain is broken", sequence=found.broken.sequence, fault=found.broken.fault)
        elif found.complete:
            row.end_time = self._clock()

    def _reached(self, row: AuditCheck) -> Head:
        try:
            return verifying.open_checkpoint(self._checkpoint_key, row.checkpoint)
        except CheckpointInvalid:
            log.warning("a checkpoint of the audit chain is not ours: it is followed from its beginning")
            return Head()

    async def _log_anchor(self) -> None:
        async with self._database.transaction() as session:
            if await audit_checks.take(session, Check.ANCHOR, self._clock(), _ANCHOR_EVERY):
                end = await audit.end(self._database)
                log.info("the audit chain's end", anchor=f"{end.sequence}:{end.hash.hex()}")

    async def _show(self) -> None:
        async with self._database.transaction() as session:
            rows = await audit_checks.followed(session)
        INTACT.set(all(row.broken_sequence is None for row in rows))
        for row in rows:
            SEQUENCE.labels(row.name).set(row.sequence)
            if row.name == Check.ADDED and row.end_time:
                VERIFIED.set(row.end_time.timestamp())
