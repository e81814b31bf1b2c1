"""A patient's health record, as a consultation's doctor reads it."""

from datetime import datetime, timedelta

from apricot.consult.v1.health_record_pb2 import GetHealthRecordRequest, HealthRecord
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.sdk import ApricotError

LOOK_AGAIN = timedelta(minutes=1)


class KnownRecord(QObject):
    """The newest revision that was seen: what is known stays until there is another one."""

    changed = Signal()

    def __init__(self, desk: Desk, consultation_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.record: HealthRecord | None = None
        """None: not known yet."""
        self.error: ApricotError | None = None
        """Of the last try to read or write it."""
        self._consultation_id = consultation_id
        self._loading = False
        self._next_look: datetime | None = None

    def load(self) -> None:
        """Read it now."""
        if not self._loading:
            self._loading = True
            self.desk.tasks.spawn(self._load())

    def look(self) -> None:
        """Somebody looks, second by second: patients and colleagues write into it too."""
        if self._next_look is not None and self.desk.now() >= self._next_look:
            self.load()

    async def _load(self) -> None:
        request = GetHealthRecordRequest(consultation_id=self._consultation_id)
        try:
            found = (await self.desk.session.health_record.GetHealthRecord(request)).record
        except ApricotError as error:
            self.error = error
            self.changed.emit()
        else:
            self._take(found)
        finally:
            self._loading = False
            self._next_look = self.desk.now() + LOOK_AGAIN

    def _take(self, found: HealthRecord) -> None:
        """Answers may cross each other."""
        is_news = self.record is None or found.revision > self.record.revision
        if is_news or self.error is not None:
            self.record, self.error = found if is_news else self.record, None
            self.changed.emit()
