"""Asking a colleague into a consultation."""

from uuid import uuid4

from apricot.consult.v1.consultation_pb2 import Consultation, InviteColleagueRequest
from apricot.consult.v1.directory_pb2 import Doctor, SearchDoctorsRequest
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.sdk import ApricotError

_MOST_FOUND = 20


class Colleagues(QObject):
    """Of one consultation."""

    found = Signal()
    """`doctors` are those of the last words."""
    invited = Signal(object)
    """The Consultation with its new member."""
    refused = Signal(object)
    """An ApricotError: LICENCE_EXPIRED, TOO_MANY, …"""

    def __init__(self, desk: Desk, consultation: Consultation) -> None:
        super().__init__()
        self.consultation = consultation
        self.doctors: tuple[Doctor, ...] = ()
        self._desk = desk
        self._words = ""

    def search(self, words: str) -> None:
        """By name, department, hospital, what they are good at."""
        self._words = words.strip()[:100]
        self._desk.tasks.spawn(self._search(self._words))

    def invite(self, doctor_id: str) -> None:
        """`invited` or `refused`."""
        self._desk.tasks.spawn(self._invite(doctor_id))

    async def _search(self, words: str) -> None:
        request = SearchDoctorsRequest(query=words, page_size=_MOST_FOUND)
        answer = await self._desk.session.directory.SearchDoctors(request)
        if words == self._words:  # nothing else was asked for meanwhile
            there = {member.account_id for member in self.consultation.members}
            self.doctors = tuple(each for each in answer.doctors if each.doctor_id not in there)
            self.found.emit()

    async def _invite(self, doctor_id: str) -> None:
        request = InviteColleagueRequest(
            request_id=str(uuid4()), consultation_id=self.consultation.consultation_id, doctor_id=doctor_id
        )
        try:
            self.consultation = (await self._desk.session.consultations.InviteColleague(request)).consultation
            self.invited.emit(self.consultation)
        except ApricotError as error:
            self.refused.emit(error)
