"""The bytes of a consultation's attachments, fetched when they are first looked at."""

from collections import OrderedDict

from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.sdk import ApricotError

_MOST_BYTES = 64 << 20


class Attachments(QObject):
    """In memory alone; what was not looked at for longest goes first."""

    loaded = Signal(str)
    """Of this attachment `content` has bytes now."""
    failed = Signal(str)
    """It could not be fetched; asked for again, it is tried again."""

    def __init__(self, desk: Desk, consultation_id: str) -> None:
        super().__init__()
        self._desk = desk
        self._consultation_id = consultation_id
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._underway: set[str] = set()

    def content(self, attachment_id: str) -> bytes | None:
        """None: it is on its way, and `loaded` or `failed` will tell."""
        if attachment_id in self._kept:
            self._kept.move_to_end(attachment_id)
            return self._kept[attachment_id]
        if attachment_id not in self._underway:
            self._underway.add(attachment_id)
            self._desk.tasks.spawn(self._fetch(attachment_id))
        return None

    def keep(self, attachment_id: str, content: bytes) -> None:
        """What was uploaded from here needs no download."""
        self._kept[attachment_id] = content
        while sum(map(len, self._kept.values())) > _MOST_BYTES and len(self._kept) > 1:
            self._kept.popitem(last=False)

    async def _fetch(self, attachment_id: str) -> None:
        try:
            content = await self._desk.session.download_attachment(self._consultation_id, attachment_id)
        except ApricotError:
            self.failed.emit(attachment_id)
            raise
        finally:
            self._underway.discard(attachment_id)
        self.keep(attachment_id, content)
        self.loaded.emit(attachment_id)
