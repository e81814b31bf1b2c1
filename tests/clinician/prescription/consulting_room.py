"""A doctor and a patient in a consultation, as the tests of the prescription writer need them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    ClaimConsultationRequest,
    DecideEligibilityRequest,
    DiagnosisCode,
    OpenConsultationRequest,
)
from apricot.consult.v1.health_record_pb2 import Allergy, HealthFacts, PutHealthRecordRequest
from apricot.consult.v1.prescription_pb2 import ListPrescriptionsRequest, Prescription
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from clients.clinician.models.prescription.line import Line
from clients.clinician.models.prescription.writer import PrescriptionWriter
from clients.clinician.views.prescription.writer_view import PrescriptionView
from tests.consult.doctors import listed_doctor
from tests.consult.prescriptions.writing import facts
from tests.e2e.market import named
from tests.kit.running import until
from tests.people import People, Person
from tests.pictures import picture

DIABETES = DiagnosisCode(code="E11.9", description="2型糖尿病")


class MemoryDrafts:
    """What is put is on the disk once it was flushed, or a little later."""

    def __init__(self) -> None:
        self.disk: dict[str, str] = {}
        self._waiting: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self._waiting.get(key) or self.disk.get(key)

    def put(self, key: str, text: str) -> None:
        self._waiting[key] = text

    def drop(self, key: str) -> None:
        self._waiting.pop(key, None)
        self.disk.pop(key, None)

    def flush(self) -> None:
        self.disk |= self._waiting
        self._waiting = {}

    def crash(self) -> None:
        """What did not come to the disk is lost."""
        self._waiting = {}

    @property
    def is_empty(self) -> bool:
        return not self.disk and not self._waiting


@dataclass
class Room:
    """Whom it is about."""

    doctor: Person
    patient: Person
    consultation_id: str

    async def decide(self) -> None:
        """The law allows to prescribe here."""
        shown = await self.patient.session.upload_attachment(self.consultation_id, picture())
        await self.doctor.session.consultations.DecideEligibility(
            DecideEligibilityRequest(
                request_id=str(uuid4()),
                consultation_id=self.consultation_id,
                eligible=True,
                earlier_diagnoses=[DIABETES],
                evidence_attachment_ids=[shown.attachment_id],
            )
        )

    async def tell(self, *allergies: Allergy, takes: tuple[str, ...] = ()) -> None:
        """The patient fills in the health record."""
        await self._put(facts(datetime.now(UTC).date().isoformat(), *allergies, takes=takes))

    async def of_patient(self) -> list[Prescription]:
        """What the patient sees."""
        answer = await self.patient.session.prescriptions.ListPrescriptions(ListPrescriptionsRequest())
        return list(answer.prescriptions)

    async def _put(self, known: HealthFacts) -> None:
        await self.patient.session.health_record.PutHealthRecord(
            PutHealthRecordRequest(request_id=str(uuid4()), expected_revision=0, facts=known)
        )


async def room_with(people: People) -> Room:
    """The doctor has taken it; nothing was decided yet."""
    doctor = await listed_doctor(people, "endocrinology")
    patient = await named(await people.patient())
    opening = OpenConsultationRequest(
        request_id=str(uuid4()),
        doctor_id=doctor.account_id,
        mode=CONSULTATION_MODE_TEXT,
        complaint="药快吃完了，想续方",
    )
    consultation_id = (await patient.session.consultations.OpenConsultation(opening)).consultation.consultation_id
    await doctor.session.consultations.ClaimConsultation(
        ClaimConsultationRequest(request_id=str(uuid4()), consultation_id=consultation_id)
    )
    return Room(doctor, patient, consultation_id)


def tablet(code: str, name_zh: str, name_en: str, milligrams: str, **changes: str) -> dict[str, str]:
    """Typed by hand: one a day for a week."""
    return {
        "atc_code": code,
        "name_zh": name_zh,
        "name_en": name_en,
        "strength": milligrams,
        "dose": "1",
        "count": "1",
        "days": "7",
    } | changes


METFORMIN = tablet("A10BA02", "二甲双胍", "metformin", "500")
GLIMEPIRIDE = tablet("A10BB12", "格列美脲", "glimepiride", "2")
FLUCONAZOLE = tablet("J02AC01", "氟康唑", "fluconazole", "150")


def first(writer: PrescriptionWriter) -> Line:
    return writer.writing.lines[0]


def write(writer: PrescriptionWriter, *medicines: dict[str, str]) -> None:
    """As if typed, without a window."""
    for place, medicine in enumerate(medicines):
        if place == len(writer.writing.lines):
            writer.add_line()
        writer.edit(writer.writing.lines[place].key, **medicine)
    if not writer.writing.diagnoses[0].code:
        writer.edit_diagnosis(0, DIABETES.code, DIABETES.description)


async def show(qtbot: QtBot, writer: PrescriptionWriter) -> PrescriptionView:
    """In a window that has the keyboard."""
    view = PrescriptionView(writer)
    qtbot.addWidget(view)
    view.resize(560, 900)
    view.show()
    view.activateWindow()
    await until(view.isActiveWindow)
    return view


def type_into(qtbot: QtBot, view: PrescriptionView, text: str) -> None:
    """Into what has the focus."""
    qtbot.keyClicks(view.focusWidget(), text)


def press(qtbot: QtBot, view: PrescriptionView, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    """Where the focus is."""
    held = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        held |= modifier
    qtbot.keyClick(view.focusWidget() or view, key, held)
