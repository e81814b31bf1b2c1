"""Cards that wait beside her text until she sends it; a restart loses none."""

import json
from base64 import b64decode, b64encode

from apricot.consult.v1.conversation_pb2 import Card
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.draft_store import DraftStore


class CardTray(QObject):
    """Of one consultation, the same in all windows."""

    changed = Signal()

    def __init__(self, drafts: DraftStore, consultation_id: str) -> None:
        super().__init__()
        self._drafts = drafts
        self._key = f"talk/{consultation_id}/cards"
        kept = json.loads(drafts.get(self._key) or "[]")
        self._cards = [Card.FromString(b64decode(each)) for each in kept]

    @property
    def cards(self) -> tuple[Card, ...]:
        """In the order in which they came."""
        return tuple(self._cards)

    def add(self, card: Card) -> None:
        """One more; one that waits already is not put there twice."""
        if card not in self._cards:
            self._keep([*self._cards, card])

    def remove(self, card: Card) -> None:
        """She thought better of it."""
        self._keep([each for each in self._cards if each != card])

    def take(self) -> tuple[Card, ...]:
        """All of them, to be sent: none waits after this."""
        taken = self.cards
        self._keep([])
        return taken

    def _keep(self, cards: list[Card]) -> None:
        self._cards = cards
        if cards:
            self._drafts.put(self._key, json.dumps([b64encode(each.SerializeToString()).decode() for each in cards]))
        else:
            self._drafts.drop(self._key)
        self.changed.emit()
