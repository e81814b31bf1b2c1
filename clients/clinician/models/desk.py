"""What every model of a signed-in clinician stands on."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from apricot.identity.v1.account_pb2 import Account
from PySide6.QtCore import QObject, QTimer, Signal

from clients.clinician.models.connection import Connection
from clients.clinician.models.feed import Feed
from clients.clinician.models.problems import Problems
from clients.clinician.models.settings import Settings
from clients.clinician.models.tasks import Tasks
from clients.readings.trend import MeasuredMinutes, true_minutes
from clients.sdk import Session

type Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


class Desk(QObject):
    """Her session, her settings, and the live feed."""

    second = Signal()
    """Once a second: ages and countdowns have moved."""
    closing = Signal()
    """Nothing more is to begin."""

    def __init__(
        self,
        session: Session,
        account: Account,
        settings: Settings,
        *,
        now: Clock = utc_now,
        steady: Callable[[], float] = time.monotonic,
        measured_minutes: MeasuredMinutes = true_minutes,
    ) -> None:
        super().__init__()
        self.session = session
        self.account = account
        self.settings = settings
        self.now = now
        self.steady = steady
        """Seconds that never go back."""
        self.measured_minutes = measured_minutes
        self.problems = Problems()
        self.tasks = Tasks(self.problems)
        self.connection = Connection()
        self.feed = Feed(session, self.connection)
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self.second)

    def open(self) -> None:
        """Begin to be live."""
        self._timer.start()
        self.tasks.spawn(self.feed.run())

    async def close(self) -> None:
        """End what is underway; the session stays."""
        self._timer.stop()
        self.closing.emit()
        await self.tasks.close()
