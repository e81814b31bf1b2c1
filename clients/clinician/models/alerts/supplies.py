"""What she is warned of as a prescriber: that a patient's supply ran out, or that doses fell behind."""

import asyncio
from uuid import uuid4

from apricot.pharmacy.v1.refill_pb2 import (
    AcknowledgeSupplyWarningRequest,
    ListSupplyWarningsRequest,
    SupplyWarning,
)
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.clinician.models.identity import Identity
from clients.sdk import ApricotError

_EVERY_SECONDS = 3600.0
"""The platform looks at each supply once a day, and each look of hers is in the patient's audit."""


class SupplyList(QObject):
    """Those that she has not seen, the newest first."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._found: list[SupplyWarning] = []
        self._seen: set[str] = set()
        desk.feed.patients_changed.connect(self.changed)

    @property
    def warnings(self) -> list[SupplyWarning]:
        return [warning for warning in self._found if warning.warning_id not in self._seen]

    def identity(self, warning: SupplyWarning) -> Identity:
        """Return whose supply it is."""
        return self._desk.feed.identity(warning.patient_id)

    def open(self) -> None:
        """Ask now, and again every hour."""
        self._desk.tasks.spawn(self._run())

    def acknowledge(self, warning_id: str) -> None:
        """She has seen it. It leaves at once, and comes back if the platform does not take that."""
        self._seen.add(warning_id)
        self.changed.emit()
        self._desk.tasks.spawn(self._acknowledge(warning_id))

    async def _run(self) -> None:
        while True:
            try:
                await self._load()
            except ApricotError as error:
                if not error.temporary:
                    raise
            await asyncio.sleep(_EVERY_SECONDS)

    async def _load(self) -> None:
        found, request = list[SupplyWarning](), ListSupplyWarningsRequest(open_only=True)
        while True:
            answer = await self._desk.session.refills.ListSupplyWarnings(request)
            found += answer.warnings
            request.page_token = answer.next_page_token
            if not answer.next_page_token:
                break
        self._found = found
        self.changed.emit()

    async def _acknowledge(self, warning_id: str) -> None:
        request = AcknowledgeSupplyWarningRequest(request_id=str(uuid4()), warning_id=warning_id)
        try:
            await self._desk.session.refills.AcknowledgeSupplyWarning(request)
        except ApricotError:
            self._seen.discard(warning_id)
            self.changed.emit()
            raise
