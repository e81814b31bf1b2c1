"""AuditService: the chain, as a patient reads it and as an admin checks it."""

from apricot.identity.v1 import audit_pb2

from kit import paging
from kit.call import Call
from kit.database import Database
from services.identity.domain import verifying
from services.identity.rpc.common import before
from services.identity.rpc.convert import access_event_message, chain_fault
from services.identity.store import audit
from services.identity.vault import Vault

_PIECE = 100_000
"""Events of one answer, unless asked otherwise: about a second's work."""


class AuditService:
    """Reads the chain; what writes it is `rpc.common.Audit` and `events`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._seal_key = vault.subkey("audit")
        self._checkpoint_key = vault.subkey("audit-checkpoint")

    async def ListAccessEvents(
        self, request: audit_pb2.ListAccessEventsRequest, call: Call
    ) -> audit_pb2.ListAccessEventsResponse:
        """The events about the caller."""
        size = paging.page_size(request.page_size)
        last = before(request.page_token, request)
        async with self._database.transaction() as session:
            rows = await audit.page(session, call.caller.account_id, last, size)
        token = paging.encode([rows[-1][0].sequence], request) if len(rows) == size else ""
        return audit_pb2.ListAccessEventsResponse(
            events=[access_event_message(event, name) for event, name in rows], next_page_token=token
        )

    async def VerifyChain(self, request: audit_pb2.VerifyChainRequest, call: Call) -> audit_pb2.VerifyChainResponse:
        """Follow the chain from the checkpoint on, and compare where it leads with the sealed end."""
        behind = verifying.open_checkpoint(self._checkpoint_key, request.checkpoint)
        found = await audit.verify(self._database, self._seal_key, behind, request.max_events or _PIECE)
        return audit_pb2.VerifyChainResponse(
            intact=found.broken is None,
            event_count=found.reached.sequence,
            first_broken_sequence=found.broken.sequence if found.broken else 0,
            fault=chain_fault(found.broken),
            complete=found.complete,
            checkpoint=verifying.checkpoint(self._checkpoint_key, found.reached),
            hash=found.reached.hash.hex(),
        )
