"""What glucose publishes: the contract's messages of `events.proto`, on `apricot.glucose.<noun>.<event>.<patient>`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from apricot.glucose.v1 import events_pb2
from apricot.glucose.v1.alert_pb2 import AlertResolution, AlertRule, RecipientKind
from apricot.glucose.v1.timeline_pb2 import AlertStep, AlertStepKind, TimelineItem
from apricot.identity.v1.events_pb2 import AccessUsed
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import wire
from kit.bus import Event
from kit.outbox import add_event
from kit.times import to_datetime, to_timestamp
from services.glucose.domain.alerts.model import Alert, Step, StepKind
from services.glucose.store.alert_bodies import alert_message
from services.glucose.store.tables import TimelineItemRow

ENTRY_LOGGED = "entry.logged"
ENTRY_AMENDED = "entry.amended"
ENTRY_DELETED = "entry.deleted"
ALERT_CHANGED = "alert.changed"
ALERTS_EVALUATED = "alert.evaluated"
"""How far the readings were looked at: a Timestamp, for the key "all"."""
TIMELINE_ADDED = "timeline.added"

WATCHED = "entry", "alert", "timeline"
"""The nouns whose events a watch tells."""

type WatchedEvent = (
    events_pb2.EntriesLogged
    | events_pb2.EntryAmended
    | events_pb2.EntryDeleted
    | events_pb2.AlertChanged
    | events_pb2.TimelineItemAdded
)

_ENTRIES = events_pb2.EntriesLogged.ENTRIES_FIELD_NUMBER
_MESSAGES: dict[str, type[WatchedEvent]] = {
    ENTRY_LOGGED: events_pb2.EntriesLogged,
    ENTRY_AMENDED: events_pb2.EntryAmended,
    ENTRY_DELETED: events_pb2.EntryDeleted,
    ALERT_CHANGED: events_pb2.AlertChanged,
    TIMELINE_ADDED: events_pb2.TimelineItemAdded,
}


def subject(kind: str, patient: UUID | str) -> str:
    """Where events of a kind about a patient go."""
    return f"apricot.glucose.{kind}.{patient}"


def watched_subjects(patient: UUID | str) -> list[str]:
    """All events of a patient that a watch tells."""
    return [f"apricot.glucose.{noun}.*.{patient}" for noun in WATCHED]


def entries_logged(patient: UUID, bodies: Sequence[bytes]) -> tuple[str, bytes]:
    """The event of a patient's new entries, from the bodies as stored."""
    event = events_pb2.EntriesLogged(patient_id=str(patient)).SerializeToString()
    return subject(ENTRY_LOGGED, patient), event + wire.repeated(_ENTRIES, bodies)


def access_used(use: AccessUsed) -> tuple[str, bytes]:
    """The event of somebody else's use of a patient's data; identity chains it into the audit."""
    return f"apricot.glucose.access.used.{use.patient_id}", use.SerializeToString()


def add_timeline_item(session: AsyncSession, item: TimelineItem) -> None:
    """A new step of a patient's timeline, kept and told if, and only if, the session's transaction commits."""
    patient = UUID(item.patient_id)
    session.add(
        TimelineItemRow(
            patient_id=patient,
            item_id=UUID(item.item_id),
            time=to_datetime(item.time),
            step=item.DESCRIPTOR.fields_by_name[item.WhichOneof("step") or ""].number,
            actor_id=UUID(item.actor_id) if item.actor_id else None,
            body=item.SerializeToString(),
        )
    )
    event = events_pb2.TimelineItemAdded(patient_id=item.patient_id, item=item)
    add_event(session, subject(TIMELINE_ADDED, patient), event)


def alert_changed(session: AsyncSession, alert: Alert) -> None:
    """The event of an alert as it now stands."""
    patient = str(alert.patient_id)
    event = events_pb2.AlertChanged(patient_id=patient, alert=alert_message(alert))
    add_event(session, subject(ALERT_CHANGED, patient), event)


def add_alert_step(session: AsyncSession, step: Step, now: datetime) -> None:
    """A step of an alert on the timeline, by what caused it: what raised it, or the alert itself."""
    alert, is_raised = step.alert, step.kind is StepKind.RAISED
    item = TimelineItem(
        item_id=str(uuid4()),
        patient_id=str(alert.patient_id),
        time=to_timestamp(now),
        actor_id=str(step.actor_id or ""),
        alert_step=AlertStep(
            alert_id=str(alert.alert_id),
            rule=AlertRule.ValueType(alert.rule),
            kind=AlertStepKind.ValueType(step.kind),
            escalated_to=RecipientKind.ValueType(step.escalated_to or 0),
            resolution=AlertResolution.ValueType((step.kind is StepKind.RESOLVED and alert.resolution) or 0),
        ),
    )
    if not is_raised:
        item.cause.alert_id = str(alert.alert_id)
    elif alert.cause_entry_id is not None:
        item.cause.entry_id = str(alert.cause_entry_id)
    add_timeline_item(session, item)


def read_event(event: Event) -> WatchedEvent:
    """The message of an event that a watch tells."""
    return _MESSAGES[event.kind].FromString(event.payload)
