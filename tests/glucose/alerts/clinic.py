"""The evaluation of alerts in this process, by a clock that the test moves: only PostgreSQL is real."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, Scope
from apricot.glucose.v1 import alert_pb2 as pb
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.events_pb2 import AlertChanged, TimelineItemAdded
from apricot.glucose.v1.timeline_pb2 import AlertStep, TimelineItem
from apricot.identity.v1.care_pb2 import Carer

from clients.sdk import Recorder
from kit.bus import Event
from kit.call import Call, Caller
from kit.contract import methods
from kit.database import Database
from kit.outbox import Relay
from kit.service_identity import ServiceIdentity
from kit.views import View, Window
from services.glucose import events
from services.glucose.domain.alerts.pace import Pace
from services.glucose.rpc.alerts import Alerts
from services.glucose.rpc.intake import Intake
from services.glucose.store.entries import amend, delete, find_to_change
from services.glucose.store.group import NewEntry
from services.glucose.store.journal import Journal
from services.glucose.work.alerting import Alerting
from tests.in_process import KEYS

ZONE = "Asia/Shanghai"
BEGIN = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
SENSOR = Recorder.by_hand("sensor", ZONE)
METER = Recorder.by_hand("meter", ZONE)


class Quiet:
    """Stands for a relay that nobody waits for."""

    async def wake(self) -> None:
        pass


class Circle:
    """Stands for identity: who may be told, or that nobody can say."""

    def __init__(self) -> None:
        self.carers_of: dict[UUID, list[Carer]] = {}
        self.is_out = False

    async def carers(self, patient: UUID, scope: Scope.ValueType) -> Sequence[Carer]:
        if self.is_out:
            raise ConnectionError
        return self.carers_of.get(patient, [])


class Clinic:
    """One worker and one replica."""

    def __init__(self, database: Database, pace: Pace, *, pushing: bool) -> None:
        self.now = BEGIN
        self.database = database
        self.circle = Circle()
        self.pace = pace
        relay = cast(Relay, Quiet())
        self.alerting = self.worker(pushing=pushing)
        self.rpc = Alerts(database, relay, self.clock, pace)
        self._journal = Journal(database, events.entries_logged, Quiet().wake)

    def worker(self, *, pushing: bool = False) -> Alerting:
        """One more."""
        identity, relay = cast(ServiceIdentity, self.circle), cast(Relay, Quiet())
        return Alerting(self.database, relay, identity, self.clock, self.pace, pushing=pushing)

    def clock(self) -> datetime:
        return self.now

    def at(self, minutes: float) -> datetime:
        """So many minutes after the begin."""
        return BEGIN + self.pace.span(minutes)

    # What happens

    async def sensor(self, patient: UUID, minutes: float, value: float, device: str = "sensor") -> Entry:
        """A sensor's reading comes as it is measured, and is looked at."""
        return await self.comes(
            patient, minutes, Recorder.by_hand(device, ZONE).sensor_reading(self.at(minutes), value)
        )

    async def fingerstick(self, patient: UUID, minutes: float, value: float) -> Entry:
        return await self.comes(patient, minutes, METER.fingerstick_reading(self.at(minutes), value))

    async def comes(self, patient: UUID, minutes: float, *entries: Entry) -> Entry:
        """Entries come at that moment; time has passed until then."""
        await self.pass_to(minutes)
        await self.log(patient, *entries)
        await self.look()
        return entries[-1]

    async def log(self, patient: UUID, *entries: Entry) -> None:
        """Stored, and not looked at yet."""
        intake = Intake(patient, patient, self.now)
        admitted = [intake.admit(entry) for entry in entries]
        await self._journal.write([found for found in admitted if isinstance(found, NewEntry)])

    async def amend(self, patient: UUID, entry: Entry) -> None:
        async with self.database.transaction() as session:
            row = await find_to_change(session, patient, UUID(entry.entry_id))
            amended = Intake(patient, patient, self.now, 2).admit(entry)
            assert row is not None
            assert isinstance(amended, NewEntry)
            await amend(session, row, amended, "")
        await self.look(patient)

    async def delete(self, patient: UUID, entry: Entry) -> None:
        async with self.database.transaction() as session:
            row = await find_to_change(session, patient, UUID(entry.entry_id))
            assert row is not None
            await delete(session, row, "")
        await self.look(patient)

    async def waiting(self) -> list[Event]:
        """The events of entries that wait in the outbox; they are taken out."""
        async with self.database.connection() as connection:
            rows = await connection.fetch(
                "delete from outbox where subject like 'apricot.glucose.entry.%' returning id, subject, payload"
            )
        return [_event(row["id"], row["subject"], row["payload"]) for row in sorted(rows, key=lambda row: row["id"])]

    async def look(self, patient: UUID | None = None) -> None:
        """The worker handles what waits; a patient's event comes again even if nothing waits."""
        found = await self.waiting()
        if patient is not None:
            found.append(_event(0, events.subject(events.ENTRY_AMENDED, patient), b""))
        await self.handle(found)

    async def handle(self, found: Sequence[Event], worker: Alerting | None = None) -> None:
        async with self.database.transaction() as session:
            await (worker or self.alerting).look(session, found)

    async def pass_to(self, minutes: float) -> None:
        """Time passes, minute by minute; the worker does what is due."""
        while self.now < self.at(minutes):
            self.now = min(self.now + self.pace.span(1), self.at(minutes))
            await self.due()

    async def due(self) -> None:
        """The worker does what is due at this instant."""
        await self.alerting._look_at_due()

    # What is found

    async def alerts(self, patient: UUID) -> list[pb.Alert]:
        """All there ever were, the first one first."""
        async with self.database.connection() as connection:
            rows = await connection.fetch(
                "select body from alert where patient_id = $1 order by raise_time, alert_id", patient
            )
        return [pb.Alert.FromString(row["body"]) for row in rows]

    async def active(self, patient: UUID) -> dict[pb.AlertRule.ValueType, pb.Alert]:
        return {alert.rule: alert for alert in await self.alerts(patient) if not alert.HasField("resolve_time")}

    async def one(self, patient: UUID, rule: pb.AlertRule.ValueType) -> pb.Alert:
        """The one alert of a rule that there ever was."""
        (found,) = [alert for alert in await self.alerts(patient) if alert.rule == rule]
        return found

    async def told(self, patient: UUID) -> list[pb.Alert]:
        """Every event of alerts, in order."""
        async with self.database.connection() as connection:
            subject = events.subject(events.ALERT_CHANGED, patient)
            rows = await connection.fetch("select payload from outbox where subject = $1 order by id", subject)
        return [AlertChanged.FromString(row["payload"]).alert for row in rows]

    async def steps(self, patient: UUID) -> list[AlertStep]:
        return [item.alert_step for item in await self.timeline(patient)]

    async def timeline(self, patient: UUID) -> list[TimelineItem]:
        async with self.database.connection() as connection:
            subject = events.subject(events.TIMELINE_ADDED, patient)
            rows = await connection.fetch("select payload from outbox where subject = $1 order by id", subject)
        return [TimelineItemAdded.FromString(row["payload"]).item for row in rows]

    async def forget(self) -> None:
        """What earlier tests left: nobody of theirs is due, nothing waits."""
        async with self.database.connection() as connection:
            await connection.execute("delete from alert_state")
            await connection.execute("delete from outbox")

    # What people do

    def call(
        self, method: str, account: UUID, patient: UUID, *scopes: Scope.ValueType, clinician: bool = False
    ) -> Call:
        """A call let in by the chain; none of the scopes means: to read alerts."""
        call = Call(methods()[f"/apricot.glucose.v1.AlertService/{method}"], request_id="r")
        roles = {"patient", "clinician"} if clinician else {"patient"}
        call.signed_in = Caller(account, uuid4(), frozenset(roles), self.now + timedelta(minutes=10))
        call.views[patient] = View(frozenset(Window(scope) for scope in scopes or (SCOPE_ALERT_READ,)))
        return call

    async def acknowledge(self, alert: pb.Alert, account: UUID, *, clinician: bool = False) -> pb.Alert:
        patient = UUID(alert.patient_id)
        request = pb.AcknowledgeAlertRequest(
            patient_id=alert.patient_id, alert_id=alert.alert_id, request_id=str(uuid4())
        )
        call = self.call("AcknowledgeAlert", account, patient, clinician=clinician)
        return (await self.rpc.AcknowledgeAlert(request, call)).alert

    async def see(self, alert: pb.Alert, account: UUID) -> pb.Alert:
        request = pb.MarkAlertSeenRequest(patient_id=alert.patient_id, alert_id=alert.alert_id, request_id=str(uuid4()))
        return (
            await self.rpc.MarkAlertSeen(request, self.call("MarkAlertSeen", account, UUID(alert.patient_id)))
        ).alert

    async def snooze(
        self, alert: pb.Alert, account: UUID, minutes: int, *scopes: Scope.ValueType, for_patient: bool = False
    ) -> pb.Alert:
        request = pb.SnoozeAlertRequest(
            patient_id=alert.patient_id,
            alert_id=alert.alert_id,
            request_id=str(uuid4()),
            minutes=minutes,
            for_patient=for_patient,
        )
        call = self.call("SnoozeAlert", account, UUID(alert.patient_id), *scopes)
        return (await self.rpc.SnoozeAlert(request, call)).alert

    async def cancel_snooze(
        self, alert: pb.Alert, account: UUID, *scopes: Scope.ValueType, for_patient: bool = False
    ) -> pb.Alert:
        request = pb.CancelSnoozeRequest(
            patient_id=alert.patient_id, alert_id=alert.alert_id, request_id=str(uuid4()), for_patient=for_patient
        )
        call = self.call("CancelSnooze", account, UUID(alert.patient_id), *scopes)
        return (await self.rpc.CancelSnooze(request, call)).alert

    async def set_rules(self, patient: UUID, **changes: object) -> pb.AlertRules:
        """Change some of the rules in force."""
        get = pb.GetAlertRulesRequest(patient_id=str(patient))
        rules = (await self.rpc.GetAlertRules(get, self.call("GetAlertRules", patient, patient))).rules
        revision = rules.revision
        rules.MergeFrom(pb.AlertRules(**changes))  # type: ignore[arg-type]
        request = pb.UpdateAlertRulesRequest(
            patient_id=str(patient), request_id=str(uuid4()), rules=rules, expected_revision=revision
        )
        return (await self.rpc.UpdateAlertRules(request, self.call("UpdateAlertRules", patient, patient))).rules


def recipient(alert: pb.Alert, account: UUID) -> pb.AlertRecipient:
    """Somebody's state."""
    (found,) = [found for found in alert.recipients if found.account_id == str(account)]
    return found


def follower(account: UUID) -> Carer:
    return Carer(account_id=str(account))


def clinician(account: UUID) -> Carer:
    return Carer(account_id=str(account), clinical=True)


@asynccontextmanager
async def opened(database_url: str, pace: Pace, *, pushing: bool = False) -> AsyncIterator[Clinic]:
    """A clinic on a database of its own."""
    database = Database(database_url, "glucose", KEYS, pool_size=4)
    yield Clinic(database, pace, pushing=pushing)
    await database.close()


def _event(number: int, subject: str, payload: bytes) -> Event:
    _, _, noun, event, key = subject.split(".", 4)
    return Event(number, f"glucose-{number}", noun, event, key, payload, 0)
