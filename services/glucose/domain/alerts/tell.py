"""Who is told of an alert, and when: the patient at once, then the others; again while nobody has it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.glucose.domain.alerts.model import (
    Alert,
    Carer,
    Recipient,
    RecipientKind,
    RecipientState,
    Rule,
    Step,
    StepKind,
    Urgency,
)
from services.glucose.domain.alerts.pace import Pace

FOLLOWERS_AFTER_MINUTES = 10.0
CLINICIANS_AFTER_MINUTES = 20.0
"""After the followers."""
REPEAT_MINUTES = 5.0
"""An urgent low is repeated to those who have not acknowledged it (Dexcom G5 manual)."""
AGAIN_MINUTES = 30.0
"""For so long an acknowledgement of an urgent low holds, unless glucose falls further; then a low that lasts is told
again (the same), and escalated to the next recipients. Of another alert it holds for good."""


@dataclass(frozen=True, slots=True)
class Telling:
    """An alert after what the present instant asks for."""

    alert: Alert
    told: Sequence[UUID]
    """The accounts to be told now."""
    steps: Sequence[Step]
    due_time: datetime | None
    """When there is more to tell."""
    carers_needed: bool = False
    """Whether it is to be passed on, and nobody knows to whom."""


@dataclass(frozen=True, slots=True)
class Present:
    """What telling depends on besides the alert."""

    now: datetime
    pace: Pace
    quiet_until: datetime | None
    """Warnings are held back until then."""
    carers: Sequence[Carer] | None
    """Who may be told; none: not known."""
    snoozed: Sequence[Recipient]
    """Those who snoozed an earlier alert of the rule, and may not be disturbed yet."""
    still: bool
    """Whether a fresh reading is not back: what is stale is not told again."""
    grown: bool = False
    """Whether it has just become urgent."""
    fallen: bool = False
    """Whether glucose has fallen further since an urgent low was acknowledged."""


def tell(alert: Alert, present: Present) -> Telling:
    """An active alert, told to whom it is due."""
    if alert.urgency is Urgency.WARNING and present.quiet_until is not None:
        return Telling(alert, (), (), present.quiet_until)
    alert = _begun(alert, present)
    alert, steps, carers_needed = _escalated(alert, present)
    told: list[UUID] = []
    moments: list[datetime] = []
    recipients = []
    for recipient in alert.recipients:
        moment = _next_telling(alert, recipient, present)
        if moment is not None and moment <= present.now and (present.still or _is_unheard(alert, recipient)):
            recipient = replace(recipient, told_count=recipient.told_count + 1, tell_time=present.now)
            told.append(recipient.account_id)
            moment = _next_telling(alert, recipient, present)
        recipients.append(recipient)
        moments += [moment] if moment is not None and moment > present.now else []
    if alert.escalate_time and (carers_needed or alert.escalate_time > present.now):
        moments.append(alert.escalate_time)
    due_time = min(moments, default=None)
    return Telling(replace(alert, recipients=recipients), told, steps, due_time, carers_needed)


def _is_unheard(alert: Alert, recipient: Recipient) -> bool:
    """Return whether nobody has answered for the recipient, who is told then as long as the alert is active."""
    if _acknowledge_time(alert, recipient) is not None:
        return False
    return recipient.snooze_end_time is None or recipient.told_count == 0


def _acknowledge_time(alert: Alert, recipient: Recipient) -> datetime | None:
    """Return the newest acknowledgement that holds for a recipient: anybody's for a carer. The patient's own alarm
    wakes the one who is low, so a carer's acknowledgement leaves it on; a carer with ALERT_WRITE may snooze it."""
    return recipient.acknowledge_time if recipient.kind is RecipientKind.PATIENT else alert.acknowledge_time


def _begun(alert: Alert, present: Present) -> Alert:
    """The patient is the first to be told."""
    alert = _raised_to(alert, [Carer(alert.patient_id, RecipientKind.PATIENT)], present)
    if alert.escalate_to is not None or alert.acknowledged:
        return alert
    escalate_time = present.now + present.pace.span(FOLLOWERS_AFTER_MINUTES)
    return replace(alert, escalate_time=escalate_time, escalate_to=RecipientKind.FOLLOWER)


def _escalated(alert: Alert, present: Present) -> tuple[Alert, Sequence[Step], bool]:
    steps: list[Step] = []
    if present.fallen and alert.escalate_time == _hold_end(alert, present.pace):
        alert = replace(alert, escalate_time=present.now)
    if alert.acknowledged and not present.still:
        return alert, steps, False
    while alert.escalate_time is not None and alert.escalate_to is not None and alert.escalate_time <= present.now:
        if present.carers is None:
            return alert, steps, True
        kind, before, then = alert.escalate_to, alert.recipients, alert.escalate_time
        alert = _raised_to(alert, [carer for carer in present.carers if carer.kind is kind], present)
        if alert.recipients != before:
            steps.append(Step(alert, StepKind.ESCALATED, escalated_to=kind))
        if kind is RecipientKind.FOLLOWER:
            later = then + present.pace.span(CLINICIANS_AFTER_MINUTES)
            alert = replace(alert, escalate_time=later, escalate_to=RecipientKind.CLINICIAN)
        else:
            alert = replace(alert, escalate_time=None)
    return alert, steps, False


def _raised_to(alert: Alert, carers: Sequence[Carer], present: Present) -> Alert:
    """The alert raised to these too. Who looked after it unasked is a recipient already; a snooze of theirs still
    holds."""
    recipients = {recipient.account_id: recipient for recipient in alert.recipients}
    snoozes = {recipient.account_id: recipient for recipient in present.snoozed}
    for account, kind in carers:
        recipient = recipients.get(account) or Recipient(account, kind)
        if recipient.raise_time is not None:
            continue
        recipient = replace(recipient, raise_time=present.now)
        if (snooze := snoozes.get(account)) and recipient.snooze_end_time is None:
            recipient = replace(recipient, snooze_end_time=snooze.snooze_end_time, snoozer_id=snooze.snoozer_id)
        recipients[account] = recipient
    return replace(alert, recipients=list(recipients.values()))


def _next_telling(alert: Alert, recipient: Recipient, present: Present) -> datetime | None:
    """When a recipient is to be told next; none: not by the passing of time."""
    told, snooze_end = recipient.tell_time, recipient.snooze_end_time
    moments: list[datetime] = []
    if told is None:
        if recipient.acknowledge_time is None and recipient.raise_time is not None:
            moments.append(recipient.raise_time)
    elif alert.rule is Rule.URGENT_LOW:
        moments.append(told + present.pace.span(REPEAT_MINUTES))
    elif present.grown and recipient.acknowledge_time is None and told < present.now:
        moments.append(present.now)
    acknowledged = _acknowledge_time(alert, recipient)
    if alert.rule is Rule.URGENT_LOW and acknowledged is not None and not present.fallen:
        moments.append(acknowledged + present.pace.span(AGAIN_MINUTES))
    moment = max(moments, default=None)
    if snooze_end is None or (told is not None and told >= snooze_end):
        return moment
    if recipient.raise_time is None:
        return moment
    return max(moment, snooze_end) if moment else snooze_end


# What somebody does


def met(alert: Alert, account_id: UUID, kind: RecipientKind) -> Recipient:
    """The recipient of that account; one who looks after an alert unasked becomes one."""
    return alert.recipient(account_id) or Recipient(account_id, kind)


def delivered(recipient: Recipient, now: datetime) -> Recipient:
    """It reached a device of theirs; the first time counts."""
    return replace(_forward(recipient, RecipientState.DELIVERED), deliver_time=recipient.deliver_time or now)


def not_pushed(recipient: Recipient, *, given_up: bool) -> Recipient:
    """A push to them failed."""
    return replace(
        recipient,
        failed_push_count=recipient.failed_push_count + 1,
        push_failed=recipient.push_failed or given_up,
    )


def seen(recipient: Recipient, now: datetime) -> Recipient:
    """They looked; the first time counts."""
    return replace(_forward(recipient, RecipientState.SEEN), see_time=recipient.see_time or now)


def acknowledged(recipient: Recipient, now: datetime) -> Recipient:
    """They take care of it; the last time counts, and ends a snooze of theirs."""
    recipient = _forward(recipient, RecipientState.ACKNOWLEDGED)
    return replace(recipient, acknowledge_time=now, snooze_end_time=None, snoozer_id=None)


def snoozed(recipient: Recipient, until: datetime, by: UUID) -> Recipient:
    """They are left alone until then."""
    return replace(recipient, snooze_end_time=until, snoozer_id=by)


def snooze_cancelled(recipient: Recipient, now: datetime) -> Recipient:
    """They may be told again from now on."""
    if recipient.snooze_end_time is None or recipient.snooze_end_time <= now:
        return recipient
    return replace(recipient, snooze_end_time=now)


def with_recipient(alert: Alert, recipient: Recipient) -> Alert:
    """The alert with that recipient as they now stand."""
    others = [found for found in alert.recipients if found.account_id != recipient.account_id]
    place = next(
        (n for n, found in enumerate(alert.recipients) if found.account_id == recipient.account_id), len(others)
    )
    return replace(alert, recipients=[*others[:place], recipient, *others[place:]])


def held(alert: Alert, pace: Pace) -> Alert:
    """The alert while somebody takes care of it: an urgent low is not passed on before the acknowledgement holds no
    longer, any other never."""
    if alert.escalate_time is None or not alert.acknowledged:
        return alert
    if (hold_end := _hold_end(alert, pace)) is None:
        return replace(alert, escalate_time=None)
    return replace(alert, escalate_time=max(alert.escalate_time, hold_end))


def _hold_end(alert: Alert, pace: Pace) -> datetime | None:
    """When the newest acknowledgement of an urgent low holds no longer; none: not by the passing of time."""
    if alert.rule is not Rule.URGENT_LOW or alert.acknowledge_time is None:
        return None
    return alert.acknowledge_time + pace.span(AGAIN_MINUTES)


def _forward(recipient: Recipient, state: RecipientState) -> Recipient:
    return replace(recipient, state=max(recipient.state, state))
