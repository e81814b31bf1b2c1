"""The alerts of her patients as the real platform tells them, and what she does about them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_GLUCOSE_READ
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import alert_pb2 as pb
from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.diary_pb2 import DeleteEntryRequest
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse

from clients.clinician.models.alerts.ringing import Ringing, situation
from clients.clinician.models.alerts.sounding import Tone
from clients.clinician.models.alerts.standing import Who, instant, keeper, own, snooze_choices, who
from clients.sdk import Apricot, ApricotError, Phase
from stack.platform import Platform
from tests.clinician.alerts.happening import (
    acknowledged_for,
    alerts_of,
    goes_low,
    measures,
    own_view,
    patient_of,
    watched,
)
from tests.clinician.conftest import OpenDesk
from tests.consult.calls.wire import Wire, wire_to
from tests.kit.running import until
from tests.people import PASSWORD, People, Person


@pytest.fixture
async def wire(platform: Platform) -> AsyncIterator[Wire]:
    """Her way to the gateway, which can be cut."""
    async with wire_to(platform.gateway_address) as made:
        yield made


@pytest.fixture
async def wired_clinician(wire: Wire, clinician: Person) -> AsyncIterator[Person]:
    """The clinician, at the end of that wire."""
    assert clinician.authenticator is not None
    async with Apricot(wire.address) as apricot:
        totp = clinician.authenticator.code()
        session = await apricot.sign_in_with_password(clinician.phone, PASSWORD, totp=totp)
        yield Person(session, clinician.account_id, clinician.phone)


async def test_an_urgent_low_comes_is_told_once_and_its_patient_is_named(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    raised: list[Alert] = []
    alerts.raised.connect(raised.append)
    alert = await goes_low(alerts, patient)
    assert alert.rule == pb.ALERT_RULE_URGENT_LOW
    assert alerts.most_urgent == alert
    assert (alerts.count, [found.alert_id for found in alerts.pressing]) == (1, [alert.alert_id])
    assert [found.alert_id for found in raised] == [alert.alert_id]
    assert alerts.identity(alert).patient_id == patient.account_id
    assert alert.escalate_to == pb.RECIPIENT_KIND_FOLLOWER


async def test_what_was_before_she_came_is_there_and_what_is_over_is_below(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    first, second = await patient_of(people, clinician), await patient_of(people, clinician)
    await measures(first, 50)
    await measures(second, 50)
    for patient in first, second:
        await until(lambda patient=patient: _has_alerts(patient))  # type: ignore[misc]
    (over,) = await own_view(second)
    entries = [entry async for entry in second.session.entries(second.account_id)]
    await _delete(second, entries[0].entry_id, entries[0].revision)
    await until(lambda: _all_over(second))
    alerts = alerts_of(await open_desk(clinician))
    await until(lambda: len(alerts.active) == 1 and len(alerts.resolved) == 1)
    assert alerts.active[0].patient_id == first.account_id
    assert [found.alert_id for found in alerts.resolved] == [over.alert_id]
    assert alerts.resolved[0].resolution == pb.ALERT_RESOLUTION_CORRECTED


async def test_her_acknowledgement_is_seen_by_the_patient_and_hers_by_her(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    alert = await goes_low(alerts, patient)
    alerts.acknowledge(alert.alert_id)
    assert alerts.is_unsent(alert)
    await until(acknowledged_for(patient, clinician))
    await until(lambda: not alerts.is_unsent(alert) and alerts.count == 0)
    having = keeper(alerts.active[0])
    assert having is not None
    assert who(having, alerts.me) is Who.YOU
    assert instant(alerts.active[0].escalate_time) == instant(having.acknowledge_time) + timedelta(minutes=30)


async def test_what_the_patient_does_is_shown(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    alert = await goes_low(alerts, patient)
    request = pb.AcknowledgeAlertRequest(patient_id=patient.account_id, alert_id=alert.alert_id)
    await patient.session.alerts.AcknowledgeAlert(request)
    await until(lambda: keeper(alerts.active[0]) is not None)
    having = keeper(alerts.active[0])
    assert having is not None
    assert who(having, alerts.me) is Who.PATIENT
    assert not alerts.pressing


async def test_an_old_change_overwrites_nothing(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    alert = await goes_low(alerts, patient)
    alerts.acknowledge(alert.alert_id)
    await until(lambda: alerts.count == 0)
    old = WatchPatientsResponse()
    old.alert_changed.alert.CopyFrom(alert)
    alerts.desk.feed.updated.emit(old)
    shown: list[None] = []
    alerts.changed.connect(lambda: shown.append(None))
    alerts.desk.connection.changed.emit()  # something else to show
    await until(lambda: bool(shown))
    assert alerts.count == 0
    assert keeper(alerts.active[0]) is not None


async def test_a_snooze_leaves_her_alone_and_its_end_tells_her_again(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    tones: list[Tone] = []
    ringing = Ringing(alerts)
    ringing.rang.connect(tones.append)
    alert = await goes_low(alerts, patient)
    await until(lambda: Tone.HIGH in tones)
    alerts.begin_snooze(alert.alert_id, 15)
    await until(lambda: alerts.snooze(alerts.active[0]) is not None)
    assert not situation(alerts).urgent_lows
    assert not alerts.pressing
    assert alerts.count == 1, "nobody has it"
    tones.clear()
    alerts.cancel_snooze(alert.alert_id)
    await until(lambda: alerts.snooze(alerts.active[0]) is None)
    await until(lambda: tones == [Tone.HIGH])


async def test_the_platform_takes_each_choice_and_refuses_what_is_too_long(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    problems: list[ApricotError] = []
    alerts.desk.problems.told.connect(problems.append)
    alert = await goes_low(alerts, patient)
    for minutes in snooze_choices(alert.rule):
        before = alerts.active[0].revision
        alerts.begin_snooze(alert.alert_id, minutes)
        await until(lambda before=before: alerts.active[0].revision > before)  # type: ignore[misc]
        end = alerts.snooze(alerts.active[0])
        assert end is not None
        assert abs((end - alerts.now).total_seconds() - 60 * minutes) < 20
    assert not problems
    alerts.begin_snooze(alert.alert_id, 31)
    await until(lambda: bool(problems))
    assert problems[0].reason == Reason.REASON_SNOOZE_TOO_LONG


async def test_that_she_has_looked_is_seen(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    alerts, patient = await watched(people, clinician, open_desk)
    alert = await goes_low(alerts, patient)
    mine = own(alert, alerts.me)
    assert mine is None or not mine.HasField("see_time")
    alerts.look(alert.alert_id)
    alerts.look(alert.alert_id)

    async def seen() -> bool:
        found = own((await own_view(patient))[0], clinician.account_id)
        return found is not None and found.HasField("see_time")

    await until(seen)
    assert alerts.count == 1, "to look is not to have it"


async def test_an_acknowledgement_without_a_connection_is_kept_and_delivered(
    people: People, wire: Wire, wired_clinician: Person, open_desk: OpenDesk
) -> None:
    alerts, patient = await watched(people, wired_clinician, open_desk)
    problems: list[ApricotError] = []
    alerts.desk.problems.told.connect(problems.append)
    alert = await goes_low(alerts, patient)
    wire.cut()
    await until(lambda: alerts.desk.connection.standing.phase is Phase.STALE)
    alerts.acknowledge(alert.alert_id)
    assert alerts.is_unsent(alert)
    passed: list[None] = []
    alerts.desk.second.connect(lambda: passed.append(None))
    await until(lambda: len(passed) >= 2)  # some tries come to nothing
    assert alerts.is_unsent(alert)
    assert alerts.count == 1, "the platform does not know yet"
    assert not situation(alerts).urgent_lows, "she takes care of it: her desk rests"
    assert not await acknowledged_for(patient, wired_clinician)()
    wire.mend()
    await until(acknowledged_for(patient, wired_clinician))
    await until(lambda: not alerts.is_unsent(alert) and alerts.count == 0)
    assert not problems


async def test_what_is_resolved_behind_her_back_is_found_again(
    people: People, wire: Wire, wired_clinician: Person, open_desk: OpenDesk
) -> None:
    """A new watch begins with snapshots, which have active alerts alone: how the others ended is asked for."""
    alerts, patient = await watched(people, wired_clinician, open_desk)
    alert = await goes_low(alerts, patient)
    empty = WatchPatientsResponse()
    empty.snapshot.patient_id = patient.account_id
    entries = [entry async for entry in patient.session.entries(patient.account_id)]
    wire.cut()
    await _delete(patient, entries[0].entry_id, entries[0].revision)
    await until(lambda: _all_over(patient))
    alerts.desk.feed.updated.emit(empty)
    await until(lambda: not alerts.active)
    wire.mend()
    await until(lambda: [found.alert_id for found in alerts.resolved] == [alert.alert_id])


async def test_whose_grant_has_ended_is_gone(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    staying = await patient_of(people, clinician)
    leaving = await people.patient()
    grant = await leaving.grant(clinician, SCOPE_ALERT_READ, SCOPE_GLUCOSE_READ)
    alerts = alerts_of(await open_desk(clinician))
    await until(lambda: alerts.is_live and len(alerts.desk.feed.patients) == 2)
    await goes_low(alerts, staying)
    await goes_low(alerts, leaving)
    await leaving.revoke(grant)
    await until(lambda: [found.patient_id for found in alerts.active] == [staying.account_id])


async def test_that_nobody_looks_for_alerts_is_told_until_a_heartbeat_says_otherwise(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    """A stream that begins after the fact says nothing of its end: its heartbeats do."""
    alerts, _ = await watched(people, clinician, open_desk)
    told = WatchPatientsResponse()
    told.alerts_interrupted.interrupted = True
    told.alerts_interrupted.since.FromDatetime(alerts.now)
    alerts.desk.feed.updated.emit(told)
    assert alerts.interrupted_since is not None
    assert situation(alerts).interrupted
    await until(lambda: alerts.interrupted_since is None)


async def _has_alerts(patient: Person) -> bool:
    return bool(await own_view(patient))


async def _all_over(patient: Person) -> bool:
    found = await own_view(patient)
    return bool(found) and all(alert.HasField("resolve_time") for alert in found)


async def _delete(patient: Person, entry_id: str, revision: int) -> None:
    request = DeleteEntryRequest(patient_id=patient.account_id, entry_id=entry_id, expected_revision=revision)
    await patient.session.diary.DeleteEntry(request)
