"""Consultations arranged for the consulting room's tests: real people on the real platform."""

import json
from pathlib import Path
from uuid import uuid4

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    Consultation,
    GetConsultationRequest,
    OpenConsultationRequest,
)
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from google.protobuf.field_mask_pb2 import FieldMask

from clients.clinician.models.consult.consulting import Consulting
from clients.clinician.models.consult.inbox_list import Section
from tests.kit.running import until
from tests.people import Person


class FileDrafts:
    """Typed text in a file, as the app keeps it but unsealed: another one of the same file is the app started anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, key: str) -> str | None:
        return self._kept.get(key)

    def put(self, key: str, text: str) -> None:
        self._kept[key] = text
        self._path.write_text(json.dumps(self._kept))

    def drop(self, key: str) -> None:
        self._kept.pop(key, None)
        self._path.write_text(json.dumps(self._kept))

    def flush(self) -> None:
        """It is kept already."""


async def ask(
    patient: Person,
    *,
    doctor: Person | None = None,
    department: str = "",
    complaint: str = "血糖最近偏高",
    scopes: tuple[Scope.ValueType, ...] = (),
) -> str:
    """The patient asks a doctor, or a department's pool; the consultation's id."""
    request = OpenConsultationRequest(
        request_id=str(uuid4()), mode=CONSULTATION_MODE_TEXT, complaint=complaint, shared_scopes=scopes
    )
    if doctor is not None:
        request.doctor_id = doctor.account_id
    else:
        request.department_code = department
    return (await patient.session.consultations.OpenConsultation(request)).consultation.consultation_id


async def as_seen_by(person: Person, consultation_id: str) -> Consultation:
    """As it stands."""
    request = GetConsultationRequest(consultation_id=consultation_id)
    return (await person.session.consultations.GetConsultation(request)).consultation


async def in_section(consulting: Consulting, consultation_id: str, section: Section) -> None:
    """Wait until the inbox shows it there."""
    await until(
        lambda: any(
            item.consultation_id == consultation_id and item.section is section for item in consulting.inbox.list.items
        )
    )


async def taken(consulting: Consulting, consultation_id: str) -> None:
    """Wait for it, choose it, take it, and be in its talk."""
    await until(lambda: consulting.inbox.list.row_of(consultation_id) >= 0)
    consulting.choose(consultation_id)
    consulting.inbox.claim(consultation_id)
    await until(lambda: consulting.talk is not None and consulting.talk.can_talk and consulting.talk.talk is not None)


async def tell_birth_date(person: Person, birth_date: str) -> None:
    """Prescribing needs an age."""
    request = UpdateProfileRequest(
        request_id=str(uuid4()), profile=Profile(birth_date=birth_date), update_mask=FieldMask(paths=["birth_date"])
    )
    await person.session.account.UpdateProfile(request)
