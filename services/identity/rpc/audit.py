"""AuditService: the chain, as a patient reads it and as an admin checks it."""

from apricot.identity.v1 import audit_pb2

from kit import paging
from kit.call import Call
from kit.database import Database
from services.identity.domain.audit import Head
from services.identity.rpc.common import before
from services.identity.rpc.convert import access_event_message
from services.identity.store import audit
from services.identity.vault import Vault


class AuditService:
    """Reads the chain; what writes it is `rpc.common.Audit` and `events`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._seal_key = vault.subkey("audit")

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
        """Follow the chain from its beginning, in batches, and compare where it leads with the sealed end."""
        async with (
            self._database.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            reached, broken = await audit.verify(connection, self._seal_key, Head())
        return audit_pb2.VerifyChainResponse(
            intact=broken is None, event_count=reached.sequence, first_broken_sequence=broken or 0
        )
