"""`apricot.glucose.v1.AlertService`."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_ALERT_WRITE
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import alert_pb2
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging, wire
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, invalid_field, not_allowed, not_found
from kit.idempotency import answer_once
from kit.outbox import Relay
from kit.times import to_datetime
from services.glucose import events
from services.glucose.domain.alerts import tell
from services.glucose.domain.alerts.model import Alert, Recipient, RecipientKind, Step, StepKind
from services.glucose.domain.alerts.pace import Pace
from services.glucose.domain.alerts.rules import Rules, SnoozeLengthError, require_safe, require_snooze
from services.glucose.domain.entries import EARLIEST, UnknownZoneError, require_revision
from services.glucose.rpc.shown import require_present
from services.glucose.store import alerts as store
from services.glucose.store.alert_bodies import alert_message, read_rules, rules_message

_LISTED = alert_pb2.ListAlertsResponse.ALERTS_FIELD_NUMBER


class _OneAlert(Protocol):
    """A request about one alert."""

    @property
    def patient_id(self) -> str: ...
    @property
    def alert_id(self) -> str: ...


class Alerts:
    """What the readings make urgent, who was told, and what each of them did."""

    def __init__(self, database: Database, relay: Relay, clock: Clock, pace: Pace) -> None:
        self._database = database
        self._relay = relay
        self._clock = clock
        self._pace = pace

    async def GetAlertRules(
        self, request: alert_pb2.GetAlertRulesRequest, call: Call
    ) -> alert_pb2.GetAlertRulesResponse:
        patient = UUID(request.patient_id)
        require_present(call, patient, SCOPE_ALERT_READ, self._clock())
        async with self._database.transaction() as session:
            rules = await store.rules_in_force(session, patient)
        return alert_pb2.GetAlertRulesResponse(rules=rules_message(rules))

    async def UpdateAlertRules(
        self, request: alert_pb2.UpdateAlertRulesRequest, call: Call
    ) -> alert_pb2.UpdateAlertRulesResponse:
        patient, wanted = UUID(request.patient_id), read_rules(request.rules)
        require_present(call, patient, SCOPE_ALERT_WRITE, self._clock())
        async with self._database.transaction() as session:

            async def update() -> alert_pb2.UpdateAlertRulesResponse:
                now = self._clock()
                _require_safe(wanted)
                await store.lock(session, [patient])
                in_force = await store.rules_in_force(session, patient)
                require_revision(in_force.revision, request.expected_revision)
                rules = replace(
                    wanted, revision=in_force.revision + 1, author_id=call.caller.account_id, update_time=now
                )
                await store.add_rules(session, patient, rules)
                await store.set_due(session, {patient: now})
                return alert_pb2.UpdateAlertRulesResponse(rules=rules_message(rules))

            return await answer_once(session, call, request, alert_pb2.UpdateAlertRulesResponse, update)

    async def ListAlerts(self, request: alert_pb2.ListAlertsRequest, call: Call) -> alert_pb2.ListAlertsResponse:
        size = paging.page_size(request.page_size)
        start = to_datetime(request.start_time) if request.HasField("start_time") else EARLIEST
        end = to_datetime(request.end_time) if request.HasField("end_time") else store.FOR_EVER
        ranges = [
            (patient, max(opened, start), min(closed, end))
            for patient in map(UUID, request.patient_ids)
            for opened, closed in call.view(patient).ranges(SCOPE_ALERT_READ)
        ]
        async with self._database.connection() as connection:
            wanted = store.AlertList(ranges, request.active_only, size + 1, _behind(request))
            found = await store.list_alerts(connection, wanted)
        bodies = wire.repeated(_LISTED, [listed.body for listed in found[:size]])
        response = alert_pb2.ListAlertsResponse.FromString(bodies)
        if len(found) > size:
            last = found[size - 1]
            response.next_page_token = paging.encode((last.raise_time.isoformat(), str(last.alert_id)), request)
        return response

    async def MarkAlertSeen(
        self, request: alert_pb2.MarkAlertSeenRequest, call: Call
    ) -> alert_pb2.MarkAlertSeenResponse:
        async with self._database.transaction() as session:

            async def mark() -> alert_pb2.MarkAlertSeenResponse:
                alert = await self._find(session, request, call)
                alert = await self._change(session, alert, tell.seen(self._caller(alert, call), self._clock()))
                return alert_pb2.MarkAlertSeenResponse(alert=alert_message(alert))

            response = await answer_once(session, call, request, alert_pb2.MarkAlertSeenResponse, mark)
        await self._relay.wake()
        return response

    async def AcknowledgeAlert(
        self, request: alert_pb2.AcknowledgeAlertRequest, call: Call
    ) -> alert_pb2.AcknowledgeAlertResponse:
        async with self._database.transaction() as session:

            async def acknowledge() -> alert_pb2.AcknowledgeAlertResponse:
                now = self._clock()
                alert = await self._find(session, request, call)
                alert = await self._change(session, alert, tell.acknowledged(self._caller(alert, call), now))
                step = Step(alert, StepKind.ACKNOWLEDGED, call.caller.account_id)
                events.add_alert_step(session, step, now)
                return alert_pb2.AcknowledgeAlertResponse(alert=alert_message(alert))

            response = await answer_once(session, call, request, alert_pb2.AcknowledgeAlertResponse, acknowledge)
        await self._relay.wake()
        return response

    async def SnoozeAlert(self, request: alert_pb2.SnoozeAlertRequest, call: Call) -> alert_pb2.SnoozeAlertResponse:
        async with self._database.transaction() as session:

            async def snooze() -> alert_pb2.SnoozeAlertResponse:
                alert = await self._find(session, request, call)
                recipient = self._silenced(alert, call, for_patient=request.for_patient)
                if not alert.active:
                    raise ApricotError(Reason.REASON_WRONG_STATE, "the alert is resolved")
                try:
                    require_snooze(alert.rule, request.minutes)
                except SnoozeLengthError as error:
                    raise invalid_field("minutes", str(error)) from error
                until = self._clock() + self._pace.span(request.minutes)
                alert = await self._change(session, alert, tell.snoozed(recipient, until, call.caller.account_id))
                return alert_pb2.SnoozeAlertResponse(alert=alert_message(alert))

            response = await answer_once(session, call, request, alert_pb2.SnoozeAlertResponse, snooze)
        await self._relay.wake()
        return response

    async def CancelSnooze(self, request: alert_pb2.CancelSnoozeRequest, call: Call) -> alert_pb2.CancelSnoozeResponse:
        async with self._database.transaction() as session:

            async def cancel() -> alert_pb2.CancelSnoozeResponse:
                alert = await self._find(session, request, call)
                recipient = self._silenced(alert, call, for_patient=request.for_patient)
                alert = await self._change(session, alert, tell.snooze_cancelled(recipient, self._clock()))
                return alert_pb2.CancelSnoozeResponse(alert=alert_message(alert))

            response = await answer_once(session, call, request, alert_pb2.CancelSnoozeResponse, cancel)
        await self._relay.wake()
        return response

    async def _find(self, session: AsyncSession, request: _OneAlert, call: Call) -> Alert:
        """The alert, its patient's lock held. Errors: NOT_FOUND."""
        patient = UUID(request.patient_id)
        await store.lock(session, [patient])
        alert = await store.find(session, patient, UUID(request.alert_id))
        if alert is None or not call.view(patient).shows(SCOPE_ALERT_READ, alert.raise_time):
            raise not_found("alert")
        return alert

    def _caller(self, alert: Alert, call: Call) -> Recipient:
        """The caller as a recipient, told or not."""
        account = call.caller.account_id
        if account == alert.patient_id:
            kind = RecipientKind.PATIENT
        else:
            kind = RecipientKind.CLINICIAN if call.caller.has("clinician") else RecipientKind.FOLLOWER
        return tell.met(alert, account, kind)

    def _silenced(self, alert: Alert, call: Call, *, for_patient: bool) -> Recipient:
        """Whose snooze it is. Errors: NOT_ALLOWED."""
        if not for_patient:
            return self._caller(alert, call)
        if not call.view(alert.patient_id).shows(SCOPE_ALERT_WRITE, alert.raise_time):
            raise not_allowed("to snooze an alert for the patient needs ALERT_WRITE")
        return tell.met(alert, alert.patient_id, RecipientKind.PATIENT)

    async def _change(self, session: AsyncSession, alert: Alert, recipient: Recipient) -> Alert:
        """Keep and tell what a recipient did; a worker looks what follows."""
        changed = tell.held(tell.with_recipient(alert, recipient), self._pace)
        if changed == alert:
            return alert
        changed = replace(changed, revision=alert.revision + 1)
        await store.save(session, [changed])
        events.alert_changed(session, changed)
        await store.set_due(session, {alert.patient_id: self._clock()})
        return changed


def _require_safe(rules: Rules) -> None:
    """Errors: UNSAFE_THRESHOLDS, INVALID_FIELD."""
    try:
        require_safe(rules)
    except UnknownZoneError as error:
        raise invalid_field("rules.quiet_hours.time_zone", "is not in the IANA database") from error


def _behind(request: alert_pb2.ListAlertsRequest) -> tuple[datetime, UUID] | None:
    """Raise time and id of the last alert already listed. Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, (str, str))
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]).astimezone(UTC), UUID(key[1])
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error
