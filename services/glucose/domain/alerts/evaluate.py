"""What becomes of a patient's alerts: a pure function of what is stored and of the present instant.

Events only say that it is time to look. Redelivered, out of order or handled by two workers, they lead to the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from services.glucose.domain.alerts.judge import Finding, Judge
from services.glucose.domain.alerts.model import (
    Alert,
    Carer,
    Reading,
    Recipient,
    RecipientState,
    Resolution,
    Rule,
    Step,
    StepKind,
    Urgency,
)
from services.glucose.domain.alerts.pace import Pace
from services.glucose.domain.alerts.rules import DEFAULTS, Rules
from services.glucose.domain.alerts.tell import Present, tell


@dataclass(slots=True)
class Situation:
    """What is stored of one patient."""

    patient_id: UUID
    readings: list[Reading] = field(default_factory=list)
    """Of the last two hours, oldest first."""
    alerts: list[Alert] = field(default_factory=list)
    """The active ones, and resolved ones of which somebody's snooze still holds."""
    causes: dict[UUID, Reading] = field(default_factory=dict)
    """By active alert, the reading that raised it as it now stands; a deleted one is not in it."""
    rules: Rules = DEFAULTS


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What follows."""

    changed: Sequence[Alert]
    """Alerts that are new or other than they were, the resolved ones first."""
    steps: Sequence[Step]
    told: Mapping[UUID, Sequence[UUID]]
    """By alert, the accounts to be told now."""
    due_time: datetime | None
    """When to look again though nothing came."""
    carers_needed: bool
    """Whether an alert is to be passed on, and nobody knows to whom."""


def evaluate(
    situation: Situation,
    carers: Sequence[Carer] | None,
    now: datetime,
    pace: Pace,
    new_id: Callable[[], UUID] = uuid4,
) -> Evaluation:
    """`carers` may be told besides the patient; none: not known at present."""
    judge = Judge(situation.readings, situation.rules, now, pace)
    active = {alert.rule: alert for alert in situation.alerts if alert.active}
    causes = {rule: cause for rule, alert in active.items() if (cause := situation.causes.get(alert.alert_id))}
    verdict = judge.verdict(active, causes)

    resolved = [_resolved(active[rule], resolution, now) for rule, resolution in verdict.resolved.items()]
    raised = [_raised(situation.patient_id, finding, judge.rate, now, new_id()) for finding in verdict.raised]
    steps = [Step(alert, StepKind.RESOLVED) for alert in resolved] + [Step(alert, StepKind.RAISED) for alert in raised]
    changed = resolved
    told: dict[UUID, Sequence[UUID]] = {}
    moments = [verdict.due_time] if verdict.due_time else []
    carers_needed = False
    lasting = [alert for rule, alert in active.items() if rule not in verdict.resolved]
    for before in *lasting, *raised:
        grown = before.rule is Rule.MISSING_DATA and before.urgency is Urgency.WARNING
        grown = grown and verdict.missing_urgency is Urgency.URGENT
        present = Present(
            now=now,
            pace=pace,
            quiet_until=situation.rules.quiet_until(now),
            carers=carers,
            snoozed=_snoozed(situation.alerts, before.rule, now),
            still=judge.is_still(before.rule),
            grown=grown,
            fallen=judge.has_fallen(before),
        )
        telling = tell(replace(before, urgency=Urgency.URGENT) if grown else before, present)
        if telling.alert != before or before.revision == 0:
            changed.append(replace(telling.alert, revision=before.revision + 1))
        steps += telling.steps
        if telling.told:
            told[before.alert_id] = telling.told
        carers_needed = carers_needed or telling.carers_needed
        moments += [telling.due_time] if telling.due_time else []
    return Evaluation(changed, steps, told, min(moments, default=None), carers_needed)


def _raised(patient_id: UUID, finding: Finding, rate: float | None, now: datetime, alert_id: UUID) -> Alert:
    is_silence = finding.rule is Rule.MISSING_DATA
    return Alert(
        alert_id=alert_id,
        patient_id=patient_id,
        rule=finding.rule,
        urgency=finding.urgency,
        raise_time=now,
        cause_time=finding.cause.time,
        cause_entry_id=None if is_silence else finding.cause.entry_id,
        measured=None if is_silence else finding.cause.measured,
        rate_mg_per_dl_per_minute=None if is_silence else rate,
        predicted_mg_per_dl=finding.predicted_mg_per_dl,
    )


def _resolved(alert: Alert, resolution: Resolution, now: datetime) -> Alert:
    recipients = [
        recipient
        if recipient.state is RecipientState.ACKNOWLEDGED
        else replace(recipient, state=RecipientState.RESOLVED)
        for recipient in alert.recipients
    ]
    return replace(
        alert,
        resolve_time=now,
        resolution=resolution,
        recipients=recipients,
        escalate_time=None,
        revision=alert.revision + 1,
    )


def _snoozed(alerts: Sequence[Alert], rule: Rule, now: datetime) -> list[Recipient]:
    return [
        recipient
        for alert in alerts
        if alert.rule is rule and not alert.active
        for recipient in alert.recipients
        if recipient.snooze_end_time is not None and recipient.snooze_end_time > now
    ]
