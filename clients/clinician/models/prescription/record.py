"""What is known of the patient before prescribing, and what the doctor adds to it."""

from datetime import date
from uuid import uuid4

from apricot.consult.v1.health_record_pb2 import (
    ALLERGY_CERTAINTY_CONFIRMED,
    PREGNANCY_STATE_NOT_POSSIBLE,
    AddToHealthRecordRequest,
    Allergies,
    Allergy,
    CurrentMedicine,
    CurrentMedicines,
    HealthFacts,
    KidneyFunction,
    PregnancyState,
    PregnancyStatus,
)

from clients.clinician.models.desk import Desk
from clients.clinician.models.health_record import KnownRecord
from clients.sdk import ApricotError

KIDNEY_FUNCTION_DAYS, PREGNANCY_DAYS = 365, 30
"""So long they count, by the contract."""


class PatientRecord(KnownRecord):
    """None is added that is not said: an unset part was never asked for."""

    def __init__(self, desk: Desk, consultation_id: str) -> None:
        super().__init__(desk, consultation_id)
        self.adding = False

    @property
    def kidneys_count(self) -> bool:
        """Whether the kidneys' function was measured lately enough."""
        return self.record is not None and self._is_recent(
            self.record.facts.kidney_function.measure_date, KIDNEY_FUNCTION_DAYS
        )

    @property
    def pregnancy_counts(self) -> bool:
        """Whether it was said lately enough, or for good."""
        if self.record is None:
            return False
        told = self.record.facts.pregnancy
        return told.state == PREGNANCY_STATE_NOT_POSSIBLE or self._is_recent(told.state_date, PREGNANCY_DAYS)

    def say_no_allergies(self) -> None:
        """The patient was asked, and there is none."""
        self._add(HealthFacts(allergies=Allergies()))

    def add_allergy(self, name: str, atc_code: str = "") -> None:
        """The patient told of one."""
        allergy = Allergy(entry_id=str(uuid4()), name=name, atc_code=atc_code, certainty=ALLERGY_CERTAINTY_CONFIRMED)
        self._add(HealthFacts(allergies=Allergies(entries=[allergy])))

    def say_no_medicines(self) -> None:
        """The patient was asked, and takes none."""
        self._add(HealthFacts(medicines=CurrentMedicines()))

    def add_medicine(self, name: str, atc_code: str = "") -> None:
        """The patient takes one."""
        medicine = CurrentMedicine(entry_id=str(uuid4()), name=name, atc_code=atc_code)
        self._add(HealthFacts(medicines=CurrentMedicines(entries=[medicine])))

    def measure_kidneys(self, egfr_ml_per_min_per_1_73_m2: int) -> None:
        """Measured today."""
        measured = KidneyFunction(egfr_ml_per_min_per_1_73_m2=egfr_ml_per_min_per_1_73_m2, measure_date=self._today())
        self._add(HealthFacts(kidney_function=measured))

    def say_pregnancy(self, state: PregnancyState.ValueType) -> None:
        """As of today."""
        self._add(HealthFacts(pregnancy=PregnancyStatus(state=state, state_date=self._today())))

    def _is_recent(self, day: str, days: int) -> bool:
        return bool(day) and (self.desk.now().date() - date.fromisoformat(day)).days <= days

    def _today(self) -> str:
        return self.desk.now().date().isoformat()

    def _add(self, facts: HealthFacts) -> None:
        if not self.adding:
            self.adding = True
            self.changed.emit()
            self.desk.tasks.spawn(self._send(facts))

    async def _send(self, facts: HealthFacts) -> None:
        request = AddToHealthRecordRequest(request_id=str(uuid4()), consultation_id=self._consultation_id, facts=facts)
        try:
            answer = await self.desk.session.health_record.AddToHealthRecord(request)
            self._take(answer.record)
        except ApricotError as error:
            self.error = error
        finally:
            self.adding = False
        self.changed.emit()
