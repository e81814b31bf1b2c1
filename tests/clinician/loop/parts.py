"""What the tests of the loop write and answer."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.health_record_pb2 import PutHealthRecordRequest
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, INSULIN_KIND_LONG, Decimal
from apricot.glucose.v1.plan_pb2 import (
    AnswerPlanRequest,
    ExerciseAdvice,
    GetActivePlanRequest,
    MealAdvice,
    Plan,
    PlanContent,
    PlannedCheck,
    PlannedMedicine,
    PlanTargets,
)
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from google.protobuf.field_mask_pb2 import FieldMask

from tests.consult.prescriptions.writing import facts
from tests.people import People, Person

SCOPES = (
    Scope.SCOPE_GLUCOSE_READ,
    Scope.SCOPE_MEAL_READ,
    Scope.SCOPE_ALERT_READ,
    Scope.SCOPE_PLAN_READ,
    Scope.SCOPE_PLAN_WRITE,
)


class Kept:
    """Drafts that are kept in a dict."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.texts.get(key)

    def put(self, key: str, text: str) -> None:
        self.texts[key] = text

    def drop(self, key: str) -> None:
        self.texts.pop(key, None)

    def flush(self) -> None:
        """It is kept already."""


async def known_patient(people: People, birth_date: str = "1980-02-29", takes: tuple[str, ...] = ()) -> Person:
    """A new patient of whom is known what the check of a plan's medicines asks for."""
    patient = await people.patient()
    await patient.session.account.UpdateProfile(
        UpdateProfileRequest(profile=Profile(birth_date=birth_date), update_mask=FieldMask(paths=["birth_date"]))
    )
    known = facts(datetime.now(UTC).date().isoformat(), takes=takes)
    await patient.session.health_record.PutHealthRecord(PutHealthRecordRequest(request_id=str(uuid4()), facts=known))
    return patient


def content(**changes: Any) -> PlanContent:
    """A plan that says something of everything."""
    said = PlanContent(
        targets=PlanTargets(
            range_low_mg_per_dl=70, range_high_mg_per_dl=180, in_range_percent=70, below_range_percent=4
        ),
        meal_advice=MealAdvice(carbohydrate_g_per_day=200, advice="米饭少一半"),
        exercise_advice=ExerciseAdvice(minutes_per_week=150),
        medicines=[
            PlannedMedicine(
                name="Insulin glargine",
                insulin_kind=INSULIN_KIND_LONG,
                amount=Decimal(value="12.5"),
                minutes_of_day=[22 * 60],
            ),
            PlannedMedicine(
                name="Metformin",
                amount=Decimal(value="500"),
                unit=DOSE_UNIT_MG,
                minutes_of_day=[7 * 60, 18 * 60],
                atc_code="A10BA02",
            ),
        ],
        checks=[PlannedCheck(minute_of_day=6 * 60 + 30), PlannedCheck(minute_of_day=22 * 60, weekdays=[6, 7])],
        notes="Call if lower than 3.9 twice in a night.",
        time_zone="Asia/Shanghai",
    )
    for name, value in changes.items():
        said.ClearField(name)  # type: ignore[arg-type]
        said.MergeFrom(PlanContent(**{name: value}))
    return said


async def answer(patient: Person, *, accept: bool = True, note: str = "") -> Plan:
    """The patient answers the plan that waits."""
    request = GetActivePlanRequest(patient_id=patient.account_id)
    waiting = (await patient.session.plans.GetActivePlan(request)).proposed
    answered = AnswerPlanRequest(
        patient_id=patient.account_id,
        request_id=str(uuid4()),
        plan_id=waiting.plan_id,
        revision=waiting.revision,
        accept=accept,
        note=note,
    )
    return (await patient.session.plans.AnswerPlan(answered)).plan
