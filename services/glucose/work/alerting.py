"""Looks at readings for alerts: when entries come, and when time alone changes something. Any number of workers share
it.

What is decided, in `domain/alerts`, depends on what is stored and on the clock; a patient's lock lets one worker at a
time decide, so that nothing is raised twice.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ
from prometheus_client import Counter
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import telemetry
from kit.bus import Event
from kit.clock import Clock
from kit.database import Database
from kit.outages import is_outage
from kit.outbox import Relay
from kit.pushes import add_pushes
from kit.rounds import every
from kit.service_identity import ServiceIdentity
from services.glucose import events
from services.glucose.domain.alerts.evaluate import Evaluation, evaluate
from services.glucose.domain.alerts.judge import WINDOW_MINUTES
from services.glucose.domain.alerts.model import Carer, RecipientKind, Rule, StepKind, Urgency
from services.glucose.domain.alerts.pace import Pace
from services.glucose.store import alerts as store

log = structlog.get_logger()

RAISED = Counter("apricot_alerts_raised", "Alerts raised, by rule.", ["rule"])
for _rule in Rule:
    RAISED.labels(_rule.name.lower())  # a counter that begins with its first alert hides it from every rate

_LOOK_SECONDS = 0.5
"""Between two looks at who is due."""
_DUE_BATCH = 100
_RETRY = timedelta(seconds=5)
"""Until identity is asked again whom to tell."""
_RETRY_FAILED = timedelta(minutes=1)
"""Until a patient whose evaluation failed is looked at again."""

type Carers = Mapping[UUID, Sequence[Carer]]


class Alerting:
    """The evaluation of alerts."""

    def __init__(
        self, database: Database, relay: Relay, identity: ServiceIdentity, clock: Clock, pace: Pace, *, pushing: bool
    ) -> None:
        self._database = database
        self._relay = relay
        self._identity = identity
        self._clock = clock
        self._pace = pace
        self._pushing = pushing

    async def look(self, session: AsyncSession, entry_events: Sequence[Event]) -> None:
        """At the patients of these events; the handler of a `kit.consumer.Consumer`."""
        due_times = await store.lock(session, {UUID(event.key) for event in entry_events})
        await self._evaluate(session, due_times)

    async def run_due(self) -> None:
        """Look at whom time alone may have changed, until cancelled; an outage is waited out."""
        await every(min(_LOOK_SECONDS, self._pace.seconds_per_minute), self._look_at_all_due, "the timer of alerts")

    async def _look_at_all_due(self) -> None:
        while await self._look_at_due():
            pass

    async def _look_at_due(self) -> bool:
        """Whether there may be more."""
        async with self._database.connection() as connection:
            patients = await store.due_patients(connection, self._clock(), _DUE_BATCH)
        if not patients:
            return False
        carers = await self._carers_of(patients)
        try:
            await self._evaluate_due(patients, carers)
        except Exception as error:
            if is_outage(error):
                raise
            for patient in patients:
                await self._evaluate_alone(patient, carers)
        await self._relay.wake()
        return len(patients) == _DUE_BATCH

    async def _evaluate_due(self, patients: Sequence[UUID], carers: Carers) -> None:
        async with self._database.transaction() as session:
            due_times = await store.lock_due(session, patients, self._clock())
            if due_times:
                await self._evaluate(session, due_times, carers)

    async def _evaluate_alone(self, patient: UUID, carers: Carers) -> None:
        """One patient whose evaluation fails must not hold up the others; they are tried again in a minute."""
        try:
            await self._evaluate_due([patient], carers)
        except Exception as error:
            if is_outage(error):
                raise
            log.error("an evaluation failed", error=type(error).__name__, places=telemetry.places(error))
            async with self._database.transaction() as session:
                await store.lock(session, [patient])
                await store.set_due(session, {patient: self._clock() + _RETRY_FAILED})

    async def _carers_of(self, patients: Sequence[UUID]) -> Carers:
        """Whom to tell of those patients' alerts that are to be passed on; a patient for whom nobody can say is left
        out, and asked for again."""
        async with self._database.connection() as connection:
            escalating = await store.escalating(connection, patients, self._clock())
        found = await asyncio.gather(
            *(self._identity.carers(patient, SCOPE_ALERT_READ) for patient in escalating), return_exceptions=True
        )
        carers: dict[UUID, Sequence[Carer]] = {}
        for patient, answer in zip(escalating, found, strict=True):
            if isinstance(answer, BaseException):
                log.warning("nobody can say whom to tell", error=type(answer).__name__)
                continue
            carers[patient] = [
                Carer(UUID(carer.account_id), RecipientKind.CLINICIAN if carer.clinical else RecipientKind.FOLLOWER)
                for carer in answer
            ]
        return carers

    async def _evaluate(
        self, session: AsyncSession, due_times: Mapping[UUID, datetime | None], carers: Carers | None = None
    ) -> None:
        """Of patients whose lock is held. Without `carers`, what is to be passed on waits for `run_due`."""
        now = self._clock()
        window = self._pace.span(WINDOW_MINUTES)
        next_times: dict[UUID, datetime | None] = {}
        for patient, situation in (await store.situations(session, due_times, window, now)).items():
            evaluation = evaluate(situation, (carers or {}).get(patient), now, self._pace)
            await self._keep(session, patient, evaluation, now)
            next_time = evaluation.due_time
            if evaluation.carers_needed and carers is not None:
                next_time = now + _RETRY
            if _is_to_be_set(due_times[patient], next_time, now):
                next_times[patient] = next_time
        if next_times:
            await store.set_due(session, next_times)

    async def _keep(self, session: AsyncSession, patient: UUID, evaluation: Evaluation, now: datetime) -> None:
        if not evaluation.changed:
            return
        await store.save(session, evaluation.changed)
        for alert in evaluation.changed:
            events.alert_changed(session, alert)
            if self._pushing and (accounts := evaluation.told.get(alert.alert_id)):
                is_urgent = alert.urgency is Urgency.URGENT
                add_pushes(
                    session,
                    accounts,
                    patient=patient,
                    kind="alert",
                    reference=alert.alert_id,
                    urgent=is_urgent,
                    now=now,
                )
        for step in evaluation.steps:
            events.add_alert_step(session, step, now)
            if step.kind is StepKind.RAISED:
                RAISED.labels(step.alert.rule.name.lower()).inc()


def _is_to_be_set(stored: datetime | None, wanted: datetime | None, now: datetime) -> bool:
    """A stored time that comes before it is needed stays: it costs a look, not a write at every reading."""
    if stored is not None and stored > now:
        return wanted is not None and wanted < stored
    return wanted != stored
