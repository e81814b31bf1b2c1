"""A step of the timeline in words."""

from datetime import UTC

from apricot.glucose.v1.alert_pb2 import (
    ALERT_RESOLUTION_CORRECTED,
    ALERT_RESOLUTION_RECOVERED,
    ALERT_RESOLUTION_RULE_CHANGED,
    ALERT_RESOLUTION_STALE,
    ALERT_RESOLUTION_SUPERSEDED,
    ALERT_RULE_URGENT_LOW,
    ALERT_RULE_URGENT_LOW_SOON,
    RECIPIENT_KIND_CLINICIAN,
    RECIPIENT_KIND_FOLLOWER,
    RECIPIENT_KIND_PATIENT,
    AlertResolution,
    RecipientKind,
)
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.timeline_pb2 import (
    ALERT_STEP_KIND_ACKNOWLEDGED,
    ALERT_STEP_KIND_ESCALATED,
    ALERT_STEP_KIND_RAISED,
    PLAN_STEP_KIND_ACCEPTED,
    PLAN_STEP_KIND_DECLINED,
    PlanEffect,
    TimelineItem,
)
from PySide6.QtCore import QCoreApplication

from clients.clinician.models.loop.names import Names, Who
from clients.clinician.models.loop.timeline import Kind, Step
from clients.clinician.models.settings import Unit
from clients.clinician.views import words
from clients.clinician.views.loop.icons import Icon
from clients.clinician.views.loop.plan_words import local_time, time_here
from clients.clinician.views.words import value
from clients.readings.trend import glucose_of

_URGENT = {ALERT_RULE_URGENT_LOW, ALERT_RULE_URGENT_LOW_SOON}


def icon(item: TimelineItem) -> tuple[Icon, str]:
    """Its shape, and its colour by the theme's name."""
    if item.HasField("comment"):
        return Icon.WORDS, "accent"
    if item.HasField("plan_step"):
        if item.plan_step.kind == PLAN_STEP_KIND_ACCEPTED:
            return Icon.ACCEPTED, "good"
        return (Icon.DECLINED, "warning") if item.plan_step.kind == PLAN_STEP_KIND_DECLINED else (Icon.PLAN, "accent")
    match item.alert_step.kind:
        case _ if item.alert_step.kind == ALERT_STEP_KIND_RAISED:
            return Icon.ALERT, "urgent" if item.alert_step.rule in _URGENT else "warning"
        case _ if item.alert_step.kind == ALERT_STEP_KIND_ACKNOWLEDGED:
            return Icon.DONE, "accent"
        case _ if item.alert_step.kind == ALERT_STEP_KIND_ESCALATED:
            return Icon.PASSED_ON, "warning"
    return Icon.RESOLVED, "good"


def kind(of: Kind) -> str:
    """Of the filter."""
    return {
        Kind.ALERT: QCoreApplication.translate("Words", "Alerts"),
        Kind.WORDS: QCoreApplication.translate("Words", "Messages"),
        Kind.PLAN: QCoreApplication.translate("Words", "Plans"),
    }[of]


def who(account_id: str, names: Names) -> str:
    """ "You", "Wang Fang (patient)", "a colleague or family member" where no name is known."""
    match names.who(account_id):
        case Who.PLATFORM:
            return QCoreApplication.translate("Words", "Apricot")
        case Who.ME:
            return QCoreApplication.translate("Words", "You")
        case Who.PATIENT:
            return QCoreApplication.translate("Words", "{name} (patient)").format(name=names.name(account_id))
    return names.name(account_id) or QCoreApplication.translate("Words", "Somebody else with access")


def headline(item: TimelineItem) -> str:
    """What happened, without who."""
    if item.HasField("comment"):
        return QCoreApplication.translate("Words", "wrote")
    if item.HasField("plan_step"):
        revision = item.plan_step.revision
        if item.plan_step.kind == PLAN_STEP_KIND_ACCEPTED:
            text = QCoreApplication.translate("Words", "accepted revision {revision} of the plan; it is in force")
        elif item.plan_step.kind == PLAN_STEP_KIND_DECLINED:
            text = QCoreApplication.translate("Words", "declined revision {revision} of the plan")
        else:
            text = QCoreApplication.translate("Words", "wrote revision {revision} of the plan")
        return text.format(revision=revision)
    step = item.alert_step
    if step.kind == ALERT_STEP_KIND_RAISED:
        return QCoreApplication.translate("Words", "raised an alert: {rule}").format(rule=words.rule(step.rule))
    if step.kind == ALERT_STEP_KIND_ACKNOWLEDGED:
        return QCoreApplication.translate("Words", "acknowledged {rule}").format(rule=words.rule(step.rule))
    if step.kind == ALERT_STEP_KIND_ESCALATED:
        text = QCoreApplication.translate("Words", "escalated {rule} to {whom}")
        return text.format(rule=words.rule(step.rule), whom=_recipients(step.escalated_to))
    text = QCoreApplication.translate("Words", "closed {rule}: {why}")
    return text.format(rule=words.rule(step.rule), why=_resolution(step.resolution))


def lines(step: Step, unit: Unit, zone: str) -> list[str]:
    """What else is known: the words, the reading behind it, what came of it."""
    found = []
    if step.item.HasField("comment"):
        found.append(step.item.comment.text)
    if step.item.alert_step.kind == ALERT_STEP_KIND_RAISED and step.alert and step.alert.HasField("glucose"):
        text = QCoreApplication.translate("Words", "Reading {value} {unit} at {time}")
        time = local_time(step.alert.cause_time.ToDatetime(UTC), zone)
        found.append(text.format(value=value(step.alert.glucose, unit), unit=unit.value, time=time))
    if step.reading is not None:
        found.append(_entry(step.reading, unit, zone))
    if step.item.plan_step.HasField("effect"):
        found.extend(effect(step.item.plan_step.effect))
    return found


def about(step: Step, names: Names) -> str:
    """What it answers; "" where nothing is known."""
    if step.cause is None:
        return ""
    cause = step.cause
    text = cause.comment.text if cause.HasField("comment") else headline(cause)
    text = text if len(text) <= 60 else f"{text[:59]}…"
    return QCoreApplication.translate("Words", "In response to: {who} {what}").format(
        who=who(cause.actor_id, names), what=text
    )


def effect(of: PlanEffect) -> list[str]:
    """Before and after: time in range, then time below."""
    if not of.before_count and not of.after_count:
        return [QCoreApplication.translate("Words", "Effect unknown: no readings before or after")]
    text = QCoreApplication.translate(
        "Words", "In range {before} before, {after} since; below {low_before}, then {low_after}"
    )
    shares = {
        "before": _percent(of, "before_in_range_percent"),
        "after": _percent(of, "after_in_range_percent"),
        "low_before": _percent(of, "before_below_range_percent"),
        "low_after": _percent(of, "after_below_range_percent"),
    }
    counts = QCoreApplication.translate("Words", "From {before} readings before and {after} since, up to 14 days each")
    return [text.format(**shares), counts.format(before=of.before_count, after=of.after_count)]


def spoken(step: Step, names: Names, unit: Unit, zone: str) -> str:
    """The whole row, for a screen reader."""
    at = step.item.time.ToDatetime(UTC)
    times = " ".join(filter(None, [local_time(at, zone), time_here(at, zone)]))
    head = f"{times} {who(step.item.actor_id, names)} {headline(step.item)}"
    return ". ".join(filter(None, [head, *lines(step, unit, zone), about(step, names)]))


def _percent(of: PlanEffect, name: str) -> str:
    if not of.HasField(name):  # type: ignore[arg-type]
        return QCoreApplication.translate("Words", "unknown")
    return f"{getattr(of, name):.0f} %"


def _entry(entry: Entry, unit: Unit, zone: str) -> str:
    time = local_time(entry.time.ToDatetime(UTC), zone)
    if entry.WhichOneof("content") in ("sensor_reading", "fingerstick_reading"):
        glucose = glucose_of(entry)
        shown = f"{value(glucose, unit)} {unit.value}"
        return QCoreApplication.translate("Words", "About the reading {value} at {time}").format(value=shown, time=time)
    return QCoreApplication.translate("Words", "About an entry of {time}").format(time=time)


def _recipients(of: RecipientKind.ValueType) -> str:
    return {
        RECIPIENT_KIND_PATIENT: QCoreApplication.translate("Words", "the patient"),
        RECIPIENT_KIND_FOLLOWER: QCoreApplication.translate("Words", "family and friends"),
        RECIPIENT_KIND_CLINICIAN: QCoreApplication.translate("Words", "clinicians"),
    }.get(of, QCoreApplication.translate("Words", "somebody"))


def _resolution(of: AlertResolution.ValueType) -> str:
    return {
        ALERT_RESOLUTION_RECOVERED: QCoreApplication.translate("Words", "it is over"),
        ALERT_RESOLUTION_CORRECTED: QCoreApplication.translate("Words", "its reading was corrected"),
        ALERT_RESOLUTION_SUPERSEDED: QCoreApplication.translate("Words", "a more urgent one took its place"),
        ALERT_RESOLUTION_RULE_CHANGED: QCoreApplication.translate("Words", "its rule was changed"),
        ALERT_RESOLUTION_STALE: QCoreApplication.translate("Words", "its readings are too old"),
    }.get(of, QCoreApplication.translate("Words", "for no reason that is known"))
