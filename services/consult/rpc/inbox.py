"""One open inbox: everything that is open, then each consultation again whenever it has changed.

It compares what is open now with what it has sent, and sends the difference. Hints only tell it to look at once; it
looks each second without one, so that an outage of NATS costs a second.
"""

import time
from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple
from uuid import UUID

from apricot.consult.v1.consultation_pb2 import WatchInboxResponse
from apricot.errors.v1.reason_pb2 import Reason
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError
from services.consult.rpc.inboxes import Inbox, Inboxes
from services.consult.rpc.listing import pool_doctor, used
from services.consult.store import consultation_lists as lists
from services.consult.store.consultation_bodies import bodies_of
from services.consult.store.consultation_lists import Version
from services.consult.store.tables import ConsultationRow

LOOK_SECONDS = 1.0
LIFE_SECONDS = 10.0
_LEAST_SECONDS = 0.05
"""Between two looks, however many hints come."""
_MOST_OF_KIND = 500
"""Of one's own as patient, as doctor, as colleague, and of the pool."""


class Sent(NamedTuple):
    """How a consultation was when it was last sent."""

    version: Version
    content_hash: int


class InboxStream:
    """The messages of one inbox."""

    def __init__(self, database: Database, clock: Clock, call: Call) -> None:
        self._database = database
        self._clock = clock
        self._call = call
        self._sent: dict[UUID, Sent] = {}
        self._used: set[UUID] = set()
        """The patients whose audit knows of this stream."""

    async def watch(self, inboxes: Inboxes) -> AsyncGenerator[WatchInboxResponse]:
        """Errors: TOO_MANY, TOKEN_EXPIRED, SESSION_ENDED, UNAVAILABLE."""
        async with self._database.transaction() as session:
            doctor = await pool_doctor(session, self._call, self._clock())
        with inboxes.open(self._call, doctor.department_code if doctor else "") as inbox:
            async for response in self._look(inbox):
                yield response
            yield WatchInboxResponse(live=True)
            spoke = time.monotonic()
            while True:
                await inbox.rest(_LEAST_SECONDS)
                async for response in self._look(inbox):
                    yield response
                    spoke = time.monotonic()
                if time.monotonic() - spoke >= LIFE_SECONDS:
                    yield WatchInboxResponse()
                    spoke = time.monotonic()
                await inbox.rest(LOOK_SECONDS - _LEAST_SECONDS)

    async def _look(self, inbox: Inbox) -> AsyncGenerator[WatchInboxResponse]:
        """What has changed since the last look."""
        inbox.require_open()
        if self._clock() >= self._call.caller.expire_time:
            raise ApricotError(Reason.REASON_TOKEN_EXPIRED, "the access token has expired")
        hinted = inbox.take_hinted()
        async with self._database.transaction() as session:
            changes = await self._changes(session, hinted)
        for change in changes:
            yield change

    async def _changes(self, session: AsyncSession, hinted: set[UUID]) -> list[WatchInboxResponse]:
        account, now = self._call.caller.account_id, self._clock()
        doctor = await pool_doctor(session, self._call, now)
        open_now = await lists.open_versions(session, account, doctor, _MOST_OF_KIND)
        ended = self._sent.keys() - open_now.keys()
        changed = {id_ for id_, version in open_now.items() if self._is_new(id_, version)} | ended
        to_read = changed | (hinted & open_now.keys())
        if not to_read:
            return []
        rows = await lists.visible(session, account, doctor, to_read)
        self._note_use(session, rows)
        changes = await self._shown(session, rows)
        for gone in (ended | changed) - {row.consultation_id for row in rows}:
            if self._sent.pop(gone, None) is not None:
                changes.append(WatchInboxResponse(gone_consultation_id=str(gone)))
        for id_ in ended:
            self._sent.pop(id_, None)
        return changes

    async def _shown(self, session: AsyncSession, rows: Sequence[ConsultationRow]) -> list[WatchInboxResponse]:
        """Those of the rows whose content was not sent already."""
        changes = []
        for row, consultation in zip(rows, await bodies_of(session, rows), strict=True):
            content_hash = hash(consultation.SerializeToString(deterministic=True))
            before = self._sent.get(row.consultation_id)
            self._sent[row.consultation_id] = Sent(Version(row.update_time, row.last_sequence), content_hash)
            if before is None or before.content_hash != content_hash:
                changes.append(WatchInboxResponse(consultation=consultation))
        return changes

    def _is_new(self, consultation_id: UUID, version: Version) -> bool:
        sent = self._sent.get(consultation_id)
        return sent is None or sent.version != version

    def _note_use(self, session: AsyncSession, rows: Sequence[ConsultationRow]) -> None:
        """Each patient's audit is told once a stream."""
        fresh = [row for row in rows if row.patient_id not in self._used]
        used(session, self._call, fresh, self._clock())
        self._used.update(row.patient_id for row in fresh)
