"""One conversation in this process: what its streams are told of, kept once for all of them."""

import asyncio
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from operator import attrgetter
from uuid import UUID

import structlog
from apricot.consult.v1.conversation_pb2 import ConverseResponse, PresenceShown, ReceiptShown

from kit.database import Database
from kit.errors import not_found
from kit.outages import is_outage
from services.consult.rpc.items import Item, item_of_update, update_of
from services.consult.rpc.looks import Look, Seen, look_at
from services.consult.rpc.talk import Talk
from services.consult.store import conversations as store
from services.consult.store.conversations import Figures

log = structlog.get_logger()

PAGE = 100
_TAIL = 128
"""Items kept for streams that are about to send them, and half as many again; older ones are read anew."""
_SEQUENCE = attrgetter("sequence")


class Room:
    """The open streams of one conversation, and what this process knows of it."""

    def __init__(self, database: Database, consultation_id: UUID, looks: Mapping[str, Look]) -> None:
        self._database = database
        self._looks = looks
        self.consultation_id = consultation_id
        self.patient_id: UUID | None = None
        """None: not begun."""
        self.guests = 0
        """Streams that are here, or on their way in or out."""
        self.listening = ExitStack()
        self.talks: set[Talk] = set()
        self.last = 0
        """Everything up to this place is known here."""
        self._base = 0
        """Everything behind this place is in the tail."""
        self._tail: list[Item] = []
        self._seen = Seen()
        self._behind = False
        self._changed = False
        self._looking: asyncio.Task[None] | None = None
        self._presences = 0

    def begin(self, patient_id: UUID, seen: Seen) -> None:
        """What the first stream has found as it joined; what came since then is looked for."""
        if self.patient_id is None:
            self.patient_id = patient_id
            self._base = self.last = seen.last_sequence
            self._seen = seen
            if self._behind or self._changed:
                self._look_soon()
        else:
            seen.present = self._seen.present  # who comes is told by a hint of its own
            self._show_news(seen)
            self._catch_up(seen.last_sequence)

    @property
    def members(self) -> Iterable[UUID]:
        """Who takes part."""
        return self._seen.receipts.keys()

    def hear(self, hint: bytes) -> None:
        """A hint: an update as it goes to the devices; or, empty, that something changed."""
        if not hint:
            self.changed()
            return
        response = ConverseResponse.FromString(hint)
        match response.WhichOneof("update"):
            case "message" | "signal":
                self._take(item_of_update(hint, response))
            case "typing":
                account = response.typing.account_id
                self._show(("typing", account), hint, without=account)
            case "receipt":
                self._take_receipt(response.receipt)
            case "presence":
                self._take_presence(UUID(response.presence.account_id), response.presence.present)

    def changed(self) -> None:
        """Something may be new: look."""
        self._changed = True
        self._look_soon()

    def compare(self, figures: Figures, presences: int) -> None:
        """Look where the database's figures are others than are known here; `presences` as it was before they were
        read."""
        if self.patient_id is None:
            return
        self._catch_up(figures.last_sequence)
        receipts = sum(delivered + read + 1 for delivered, read in self._seen.receipts.values())
        stale_presence = figures.present != self._seen.present and presences == self._presences
        if figures.standing != self._seen.standing or figures.receipts != receipts or stale_presence:
            self._changed = True
        if self._behind or self._changed:
            self._look_soon()

    @property
    def presences(self) -> int:
        """How often presence has changed here."""
        return self._presences

    def after(self, sequence: int) -> Item | None:
        """The next item behind this place, if it is in the tail; see `holds`."""
        index = bisect_right(self._tail, sequence, key=_SEQUENCE)
        return self._tail[index] if index < len(self._tail) else None

    def holds(self, sequence: int) -> bool:
        """Whether everything behind this place is in the tail."""
        return sequence >= self._base

    def _take(self, item: Item) -> None:
        if self.patient_id is not None and item.sequence == self.last + 1:
            self._append([item], item.sequence)
        elif item.sequence > self.last:
            self._behind = True
            self._look_soon()

    def _catch_up(self, last_sequence: int) -> None:
        if last_sequence > self.last:
            self._behind = True
            self._look_soon()

    def _append(self, items: list[Item], last: int) -> None:
        self._tail += items
        self.last = last
        if len(self._tail) > _TAIL + _TAIL // 2:
            surplus = len(self._tail) - _TAIL
            self._base = self._tail[surplus - 1].sequence
            del self._tail[:surplus]
        for talk in self.talks:
            talk.wake()

    def _look_soon(self) -> None:
        if self.patient_id is not None and self._looking is None:
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        """Until nothing is new. An outage is waited out: `compare` leads here again, every second."""
        try:
            while self._behind or self._changed:
                if self._behind:
                    self._behind = False
                    await self._fetch()
                if self._changed:
                    self._changed = False
                    await self._look_at_state()
        except Exception as error:  # noqa: BLE001  whoever is in the conversation has to know
            if not is_outage(error):
                for talk in self.talks:
                    talk.end(error)
            self._behind = self._changed = True
            log.warning("a conversation could not be looked at", error=type(error).__name__)
        finally:
            self._looking = None

    async def _fetch(self) -> None:
        assert self.patient_id is not None  # noqa: S101  `_look_soon`
        known = self.last
        while self.talks:
            rows, last = await store.said_after(self._database, self.patient_id, self.consultation_id, known, PAGE)
            known = last
            new = [row for row in rows if row.sequence > self.last]
            if last > self.last:
                items = [
                    item_of_update(update.SerializeToString(), update)
                    for update in (update_of(self.consultation_id, row) for row in new)
                ]
                self._append(items, last)
            if len(rows) < PAGE:
                return

    async def _look_at_state(self) -> None:
        assert self.patient_id is not None  # noqa: S101  `_look_soon`
        presences = self._presences
        async with self._database.transaction() as session:
            seen = await look_at(session, self.patient_id, self.consultation_id, self._looks)
        if presences != self._presences:
            seen.present = self._seen.present  # somebody came or went meanwhile
        self._show_news(seen)
        self._catch_up(seen.last_sequence)

    def _show_news(self, seen: Seen) -> None:
        before, self._seen = self._seen, seen
        for account, found in seen.receipts.items():
            known = before.receipts.get(account, (0, 0))
            farther = max(found[0], known[0]), max(found[1], known[1])  # a hint may have been quicker
            seen.receipts[account] = farther
            if farther != known:
                self._show_receipt(account, *farther)
        for account in before.present ^ seen.present:
            self._show_presence(account, account in seen.present)
        for name, fact in seen.facts.items():
            if name not in before.facts or before.facts[name].compared != fact.compared:
                self._show(name, fact.update.SerializeToString())
        for talk in self.talks:
            if talk.account_id not in seen.receipts:
                talk.end(not_found("consultation"))

    def _take_receipt(self, receipt: ReceiptShown) -> None:
        account = UUID(receipt.account_id)
        before = self._seen.receipts.get(account)
        if before is None:
            return
        after = max(before[0], receipt.delivered_sequence), max(before[1], receipt.read_sequence)
        if after != before:
            self._seen.receipts[account] = after
            self._show_receipt(account, *after)

    def _take_presence(self, account: UUID, present: bool) -> None:
        self._presences += 1
        if (account in self._seen.present) != present:
            self._seen.present = self._seen.present ^ {account}
            self._show_presence(account, present)

    def _show_receipt(self, account: UUID, delivered: int, read: int) -> None:
        shown = ReceiptShown(account_id=str(account), delivered_sequence=delivered, read_sequence=read)
        self._show(("receipt", account), ConverseResponse(receipt=shown).SerializeToString())

    def _show_presence(self, account: UUID, present: bool) -> None:
        shown = PresenceShown(account_id=str(account), present=present)
        self._show(("presence", account), ConverseResponse(presence=shown).SerializeToString(), without=str(account))

    def _show(self, what: object, update: bytes, without: str = "") -> None:
        for talk in self.talks:
            if str(talk.account_id) != without:
                talk.show(what, update)
