"""The models that live as long as the clinician is signed in, and those of the patients that are open."""

from PySide6.QtCore import QObject, Signal

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.alerts.ringing import Ringing
from clients.clinician.models.alerts.supplies import SupplyList
from clients.clinician.models.call.devices import this_computer
from clients.clinician.models.call.telephone import Telephone
from clients.clinician.models.consult.consulting import Consulting
from clients.clinician.models.desk import Desk
from clients.clinician.models.drafts import Drafts
from clients.clinician.models.lock import Lock
from clients.clinician.models.open_patient import OpenPatient
from clients.clinician.models.sign_in import OneTimeCodes
from clients.clinician.models.wake import Wake
from clients.clinician.models.ward.ward import Ward


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
        self.ward = Ward(desk)
        self.alerts = AlertList(desk, self.ward.newest, self.ward.rate)
        self.ringing = Ringing(self.alerts)
        self.supplies = SupplyList(desk)
        self.consulting = Consulting(desk, drafts)
        self.telephone = Telephone(self.consulting, this_computer(self))
        self.lock = Lock(desk, locked=locked)
        self.demo_codes = demo_codes
        """Of the demo's clinician, who has no authenticator app."""
        self._wake = Wake(desk)
        self._patients: dict[str, OpenPatient] = {}
        desk.second.connect(self._stay_open)

    def open(self) -> None:
        """Begin to be live."""
        self.desk.open()
        self.ward.open()
        self.consulting.open()
        self.supplies.open()

    def _stay_open(self) -> None:
        """Who talks in a call is there, without a key."""
        if self.telephone.is_busy:
            self.lock.touch()

    def enter_patient(self, patient_id: str) -> OpenPatient:
        """A page shows the patient until it says `leave_patient`."""
        if patient_id not in self._patients:
            self._patients[patient_id] = OpenPatient(self.desk, patient_id, self.drafts)
        self._patients[patient_id].enter()
        return self._patients[patient_id]

    def leave_patient(self, patient_id: str) -> None:
        """Of the pages that entered, one shows it no more."""
        if self._patients[patient_id].leave():
            del self._patients[patient_id]

    async def close(self) -> None:
        """Leave; nothing typed is lost."""
        self.drafts.flush()
        await self.telephone.close()
        await self.desk.close()
