"""Who did something: the timeline and the plans name accounts, people want names."""

from enum import Enum

import grpc
from apricot.consult.v1.directory_pb2 import GetDoctorRequest
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.sdk import ApricotError


class Who(Enum):
    """How somebody stands to this patient and to whoever looks."""

    PLATFORM = "platform"
    ME = "me"
    PATIENT = "patient"
    OTHER = "other"


class Names(QObject):
    """Of one patient's people. A colleague's comes from the directory; whoever is not in it has none."""

    changed = Signal()

    def __init__(self, desk: Desk, patient_id: str) -> None:
        super().__init__()
        self._desk = desk
        self._patient_id = patient_id
        self._found: dict[str, str] = {}

    def who(self, account_id: str) -> Who:
        """ "" is the platform."""
        if not account_id:
            return Who.PLATFORM
        if account_id == self._desk.account.account_id:
            return Who.ME
        return Who.PATIENT if account_id == self._patient_id else Who.OTHER

    def name(self, account_id: str) -> str:
        """ "" where none is known, or not yet."""
        match self.who(account_id):
            case Who.PATIENT:
                return self._desk.feed.identity(account_id).name
            case Who.ME:
                return self._desk.account.profile.display_name
            case Who.OTHER:
                return self._of_colleague(account_id)
        return ""

    def _of_colleague(self, account_id: str) -> str:
        if account_id not in self._found:
            self._found[account_id] = ""
            self._desk.tasks.spawn(self._find(account_id))
        return self._found[account_id]

    async def _find(self, account_id: str) -> None:
        try:
            doctor = (await self._desk.session.directory.GetDoctor(GetDoctorRequest(doctor_id=account_id))).doctor
        except ApricotError as error:
            if error.code is grpc.StatusCode.NOT_FOUND:  # family, or a colleague without a practice
                return
            self._found.pop(account_id, None)  # asked again when it is next shown
            if not error.temporary:
                raise
            return
        self._found[account_id] = doctor.display_name
        self.changed.emit()
