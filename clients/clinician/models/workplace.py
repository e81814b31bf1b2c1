"""The models that live as long as the clinician is signed in, and those of the patients that are open."""

from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.clinician.models.drafts import Drafts
from clients.clinician.models.lock import Lock
from clients.clinician.models.sign_in import OneTimeCodes
from clients.clinician.models.urgent import UrgentAlerts
from clients.clinician.models.wake import Wake


class Workplace(QObject):
    """What the windows are made from."""

    sign_out_asked = Signal(bool)
    """With whether all sessions of the account are to end."""

    def __init__(
        self, desk: Desk, drafts: Drafts, *, locked: bool = False, demo_codes: OneTimeCodes | None = None
    ) -> None:
        super().__init__()
        self.desk = desk
        self.drafts = drafts
        self.lock = Lock(desk, locked=locked)
        self.urgent = UrgentAlerts(desk.feed)
        self.demo_codes = demo_codes
        """Of the demo's clinician, who has no authenticator app."""
        self._wake = Wake(desk)

    def open(self) -> None:
        """Begin to be live."""
        self.desk.open()

    async def close(self) -> None:
        """Leave; nothing typed is lost."""
        self.drafts.flush()
        await self.desk.close()
