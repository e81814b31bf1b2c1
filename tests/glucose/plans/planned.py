"""Plans and the timeline in this process, on real PostgreSQL, with a clock that the test moves."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.health_record_pb2 import HealthFacts
from apricot.consult.v1.prescription_pb2 import Finding, Prescription
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import plan_pb2, timeline_pb2
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, INSULIN_KIND_LONG, INSULIN_KIND_RAPID, Decimal, Entry
from apricot.glucose.v1.plan_pb2 import (
    ExerciseAdvice,
    MealAdvice,
    Plan,
    PlanContent,
    PlannedCheck,
    PlannedMedicine,
    PlanTargets,
)
from apricot.glucose.v1.timeline_pb2 import Cause, TimelineItem

from clients.sdk import Recorder
from kit import contract
from kit.call import Call, Caller
from kit.database import Database
from kit.views import View, Window
from services.glucose import events
from services.glucose.rpc.errors import ERRORS
from services.glucose.rpc.intake import Intake
from services.glucose.rpc.plan_checking import KnownPatient, PlanChecks
from services.glucose.rpc.plans import Plans
from services.glucose.rpc.timeline import Timeline
from services.glucose.store.group import NewEntry
from services.glucose.store.journal import Journal
from services.glucose.work.reminders import Reminders
from tests.consult.prescriptions.writing import facts
from tests.in_process import HandClock, refused_by

ZONE = "Asia/Shanghai"
PHONE = Recorder.by_hand("phone", ZONE)
EVERY_SCOPE = tuple(scope for scope in Scope.values() if scope)


def request_id() -> str:
    return str(uuid4())


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
                name="insulin aspart",
                insulin_kind=INSULIN_KIND_RAPID,
                amount=Decimal(value="4"),
                minutes_of_day=[7 * 60, 12 * 60, 18 * 60],
            ),
            PlannedMedicine(
                name="insulin glargine",
                insulin_kind=INSULIN_KIND_LONG,
                amount=Decimal(value="12.5"),
                minutes_of_day=[22 * 60],
            ),
            PlannedMedicine(
                name="Metformin", amount=Decimal(value="500"), unit=DOSE_UNIT_MG, minutes_of_day=[7 * 60, 18 * 60]
            ),
        ],
        checks=[PlannedCheck(minute_of_day=6 * 60 + 30), PlannedCheck(minute_of_day=22 * 60, weekdays=[6, 7])],
        time_zone=ZONE,
    )
    for name, value in changes.items():
        said.ClearField(name)  # type: ignore[arg-type]
        said.MergeFrom(PlanContent(**{name: value}))
    return said


class _NoRelay:
    """Nobody waits for the events here."""

    async def wake(self) -> None:
        return


class Known:
    """What the platform knows of the patient, as the test has it."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.age_years: int | None = 40
        self.facts: HealthFacts | None = None
        self.prescriptions: list[Prescription] = []
        self.error: Exception | None = None

    async def of(self, patient_id: UUID, now: datetime) -> KnownPatient:
        if self.error is not None:
            raise self.error
        return KnownPatient(
            self.age_years, all_known(self._clock.now) if self.facts is None else self.facts, self.prescriptions
        )


def all_known(now: datetime) -> HealthFacts:
    """All that is asked for, and nothing special."""
    return facts(now.date().isoformat())


class Clinic:
    """The services, and one patient with one clinician."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock()
        relay = cast(Any, _NoRelay())
        self.known = Known(self.clock)
        self.plans = Plans(database, relay, PlanChecks(self.known), self.clock)
        self.timeline = Timeline(database, relay, self.clock)
        self.reminders = Reminders(database, self.clock)
        self._journal = Journal(database, events.entries_logged, relay.wake)
        self.patient, self.clinician = uuid4(), uuid4()

    @property
    def patient_id(self) -> str:
        return str(self.patient)

    def call(self, method: str, by: UUID | None = None, view: View | None = None) -> Call:
        """A call by the clinician with all scopes, or by somebody else."""
        made = Call(contract.methods()[f"/apricot.glucose.v1.{method}"], "1")
        account = by or self.clinician
        made.signed_in = Caller(account, uuid4(), frozenset({"patient"}), datetime.max.replace(tzinfo=UTC))
        made.views[self.patient] = view or View(frozenset(map(Window, EVERY_SCOPE)))
        return made

    async def log(self, *entries: Entry) -> None:
        intake = Intake(self.patient, self.patient, self.clock())
        admitted = [intake.admit(entry) for entry in entries]
        await self._journal.write([cast(NewEntry, found) for found in admitted])

    async def create(self, said: PlanContent | None = None, by: UUID | None = None, **fields: Any) -> Plan:
        given: dict[str, Any] = {
            "patient_id": self.patient_id,
            "request_id": request_id(),
            "content": said or content(),
        }
        request = plan_pb2.CreatePlanRequest(**(given | fields))
        return (await self.plans.CreatePlan(request, self.call("PlanService/CreatePlan", by))).plan

    async def check(self, said: PlanContent) -> list[Finding]:
        request = plan_pb2.CheckPlanRequest(patient_id=self.patient_id, content=said)
        return list((await self.plans.CheckPlan(request, self.call("PlanService/CheckPlan"))).findings)

    async def revise(self, plan: Plan, said: PlanContent | None = None, by: UUID | None = None, **fields: Any) -> Plan:
        given: dict[str, Any] = {
            "patient_id": self.patient_id,
            "request_id": request_id(),
            "content": said or content(),
        }
        given |= {"plan_id": plan.plan_id, "expected_revision": plan.revision}
        request = plan_pb2.RevisePlanRequest(**(given | fields))
        return (await self.plans.RevisePlan(request, self.call("PlanService/RevisePlan", by))).plan

    async def answer(self, plan: Plan, *, accept: bool = True, note: str = "", **fields: Any) -> Plan:
        given: dict[str, Any] = {"patient_id": self.patient_id, "request_id": request_id(), "plan_id": plan.plan_id}
        given |= {"revision": plan.revision, "accept": accept, "note": note}
        request = plan_pb2.AnswerPlanRequest(**(given | fields))
        return (await self.plans.AnswerPlan(request, self.call("PlanService/AnswerPlan", self.patient))).plan

    async def in_force(self, said: PlanContent | None = None) -> Plan:
        """A plan, written a second ago and accepted now."""
        self.clock.advance(seconds=-1)
        written = await self.create(said)
        self.clock.advance(seconds=1)
        return await self.answer(written)

    async def active(self, view: View | None = None) -> plan_pb2.GetActivePlanResponse:
        request = plan_pb2.GetActivePlanRequest(patient_id=self.patient_id)
        return await self.plans.GetActivePlan(request, self.call("PlanService/GetActivePlan", view=view))

    async def listed(self, view: View | None = None, **fields: Any) -> plan_pb2.ListPlansResponse:
        request = plan_pb2.ListPlansRequest(patient_id=self.patient_id, **fields)
        return await self.plans.ListPlans(request, self.call("PlanService/ListPlans", view=view))

    async def draft(self, view: View | None = None, same: str = "") -> plan_pb2.PlanDraft:
        request = plan_pb2.DraftPlanRequest(patient_id=self.patient_id, request_id=same or request_id())
        return (await self.plans.DraftPlan(request, self.call("PlanService/DraftPlan", view=view))).draft

    async def adherence(self, view: View | None = None, **fields: Any) -> plan_pb2.GetAdherenceResponse:
        request = plan_pb2.GetAdherenceRequest(patient_id=self.patient_id, **fields)
        return await self.plans.GetAdherence(request, self.call("PlanService/GetAdherence", view=view))

    async def on_day(self, local_date: str = "", view: View | None = None) -> Sequence[plan_pb2.Reminder]:
        request = plan_pb2.ListRemindersRequest(patient_id=self.patient_id, local_date=local_date)
        return (await self.plans.ListReminders(request, self.call("PlanService/ListReminders", view=view))).reminders

    async def comment(
        self, text: str, by: UUID | None = None, cause: Cause | None = None, view: View | None = None, **fields: Any
    ) -> TimelineItem:
        given: dict[str, Any] = {"patient_id": self.patient_id, "request_id": request_id(), "text": text}
        request = timeline_pb2.AddCommentRequest(cause=cause, **(given | fields))
        return (await self.timeline.AddComment(request, self.call("TimelineService/AddComment", by, view))).item

    async def steps(self, view: View | None = None, **fields: Any) -> timeline_pb2.ListTimelineResponse:
        request = timeline_pb2.ListTimelineRequest(patient_id=self.patient_id, **fields)
        return await self.timeline.ListTimeline(request, self.call("TimelineService/ListTimeline", view=view))

    async def pushed(self) -> list[str]:
        """The kinds of what was pushed, to the patient alone, in order."""
        rows = await self.fetch(
            "select kind, account_id from push where patient_id = $1 order by create_time, id", self.patient
        )
        assert {row["account_id"] for row in rows} <= {self.patient}
        return [row["kind"] for row in rows]

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        async with self.database.connection() as connection:
            return list(await connection.fetch(statement, *values))


def refused(*reasons: Reason.ValueType) -> AbstractContextManager[dict[str, str]]:
    """The block ends with one of these reasons."""
    return refused_by(ERRORS, *reasons)
