"""The loop's models against the real platform."""

from datetime import UTC, datetime, timedelta

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_PLAN_READ, Scope
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.plan_pb2 import PLAN_STATE_DECLINED
from apricot.glucose.v1.timeline_pb2 import PLAN_STEP_KIND_ACCEPTED, PLAN_STEP_KIND_REVISED

from clients.clinician.models.desk import Desk
from clients.clinician.models.loop.access import AccessModel, Standing
from clients.clinician.models.loop.compare import Difference, Section
from clients.clinician.models.loop.form import form_of
from clients.clinician.models.loop.plans import PlanModel
from clients.clinician.models.loop.timeline import Kind, TimelineModel
from clients.clinician.models.loop.writing import Verdict
from clients.clinician.models.settings import Unit
from clients.sdk import ApricotError
from tests.clinician.conftest import OpenDesk
from tests.clinician.loop.parts import SCOPES, Kept, answer, content, known_patient
from tests.glucose.diaries import HAND, ago, log
from tests.kit.running import until
from tests.people import People, Person


async def opened(open_desk: OpenDesk, clinician: Person, patient: Person) -> Desk:
    """A desk that is live on this patient."""
    desk = await open_desk(clinician)
    await until(lambda: patient.account_id in desk.feed.patients)
    await until(lambda: desk.connection.standing.complete_until is not None)
    return desk


async def planned(desk: Desk, patient: Person, kept: Kept | None = None) -> PlanModel:
    """The patient's plans, loaded."""
    model = PlanModel(desk, patient.account_id, kept or Kept())
    model.load()
    await until(lambda: model.loaded)
    return model


async def first_in_force(model: PlanModel, patient: Person) -> None:
    model.begin()
    model.write(form_of(content(), Unit.MG_PER_DL))
    model.send()
    await until(lambda: model.proposed is not None)
    await answer(patient)
    await until(lambda: model.active is not None and model.proposed is None)


async def test_a_plan_is_written_answered_and_revised(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    patient = await known_patient(people)
    await patient.grant(clinician, *SCOPES)
    desk = await opened(open_desk, clinician, patient)
    model = await planned(desk, patient)
    assert model.latest is None
    await first_in_force(model, patient)
    assert model.writing is None
    assert model.adherence is not None
    assert len(model.adherence.lines) == 6

    model.begin()
    assert model.writing is not None
    assert not model.can_send  # nothing new
    form = model.writing.form
    form.medicines[1].amount = "850"
    model.write(form)
    [line] = model.changes
    assert (line.section, line.difference, line.fields) == (Section.MEDICINES, Difference.CHANGED, ("amount",))
    model.send()
    await until(lambda: model.proposed is not None and model.proposed.revision == 2)
    await answer(patient, accept=False, note="too much")
    await until(lambda: model.proposed is None and model.revisions[0].state == PLAN_STATE_DECLINED)
    assert model.revisions[0].answer_note == "too much"
    assert model.active is not None
    assert model.active.revision == 1


async def test_a_colleague_s_revision_loses_nothing_of_hers(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient, colleague = await known_patient(people), await people.new_clinician()
    await patient.grant(clinician, *SCOPES)
    await patient.grant(colleague, *SCOPES)
    kept, hers_desk = Kept(), await opened(open_desk, clinician, patient)
    hers = await planned(hers_desk, patient, kept)
    await first_in_force(hers, patient)
    theirs = await planned(await opened(open_desk, colleague, patient), patient)
    hers.begin()
    theirs.begin()
    assert hers.writing is not None
    assert theirs.writing is not None
    form = hers.writing.form
    form.notes = "hers"
    hers.write(form)
    other = theirs.writing.form
    other.notes = "theirs"
    theirs.write(other)
    theirs.send()
    await until(lambda: hers.conflict is not None)
    assert hers.conflict is not None
    assert hers.conflict.content.notes == "theirs"
    assert not hers.can_send
    assert "hers" in kept.texts[f"plan/{patient.account_id}"]

    again = await planned(hers_desk, patient, kept)  # the app was started anew
    assert again.writing is not None
    assert again.writing.form.notes == "hers"
    again.keep_mine()
    assert again.conflict is None
    again.send()
    await until(lambda: again.proposed is not None and again.proposed.revision == 3)
    assert again.proposed is not None
    assert again.proposed.content.notes == "hers"
    assert kept.texts == {}


async def test_a_revision_that_comes_too_late_is_refused_and_kept(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient, colleague = await known_patient(people), await people.new_clinician()
    await patient.grant(clinician, *SCOPES)
    await patient.grant(colleague, *SCOPES)
    desk = await opened(open_desk, clinician, patient)
    hers = await planned(desk, patient)
    await first_in_force(hers, patient)
    desk.feed.updated.disconnect(hers._hear)  # what happens meanwhile does not reach her
    problems: list[ApricotError] = []
    desk.problems.told.connect(problems.append)
    hers.begin()
    assert hers.writing is not None
    form = hers.writing.form
    form.notes = "hers"
    hers.write(form)
    theirs = await planned(await opened(open_desk, colleague, patient), patient)
    theirs.begin()
    assert theirs.writing is not None
    other = theirs.writing.form
    other.notes = "theirs"
    theirs.write(other)
    theirs.send()
    await until(lambda: theirs.proposed is not None)
    hers.send()
    await until(lambda: hers.conflict is not None)
    assert [problem.reason for problem in problems] == [Reason.REASON_REVISION_MISMATCH]
    assert hers.writing.form.notes == "hers"


async def test_every_suggestion_is_decided_before_a_plan_is_sent(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await known_patient(people)
    await patient.grant(clinician, *SCOPES)
    model = await planned(await opened(open_desk, clinician, patient), patient)
    model.ask_for_draft()
    await until(lambda: model.writing is not None and model.writing.draft is not None)
    assert model.writing is not None
    assert model.writing.draft is not None
    form = model.writing.form
    form.notes = "Measure more."
    model.write(form)
    [line] = model.writing.draft.lines  # there are too few readings
    assert not model.can_send
    model.decide(line.line_id, Verdict.CHANGED, "")
    assert not model.can_send  # changed, but how?
    model.decide(line.line_id, Verdict.CHANGED, "four a day for a week")
    assert model.can_send
    model.send()
    await until(lambda: model.proposed is not None)
    assert model.proposed is not None
    [decision] = model.proposed.decisions
    assert (decision.accepted, decision.note) == (True, "four a day for a week")


async def test_words_and_plans_come_to_the_timeline_live(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await known_patient(people)
    await patient.grant(clinician, *SCOPES)
    await log(patient, HAND.fingerstick_reading(ago(60), 62))
    desk = await opened(open_desk, clinician, patient)
    kept = Kept()
    model = TimelineModel(desk, patient.account_id, kept)
    model.load()
    await until(lambda: model.loaded)
    model.write("Was there dinner?")
    assert kept.texts
    model.send()
    await until(lambda: model.rowCount() == 1 and not model.words)  # the watch may be quicker than the answer
    assert model.step(0).item.comment.text == "Was there dinner?"

    plans = await planned(desk, patient)
    await first_in_force(plans, patient)
    await until(lambda: model.rowCount() == 3 and model.step(0).item.plan_step.HasField("effect"))
    accepted, revised = model.step(0), model.step(1)
    assert accepted.item.plan_step.kind == PLAN_STEP_KIND_ACCEPTED
    assert revised.item.plan_step.kind == PLAN_STEP_KIND_REVISED
    assert accepted.cause == revised.item
    assert accepted.item.plan_step.effect.before_count == 1
    assert [(link.effect, link.cause) for link in model.links] == [(0, 1)]

    model.answer(1)
    model.write("She agreed.")
    model.send()
    await until(lambda: model.rowCount() == 4)
    assert model.step(0).cause == revised.item
    model.show([Kind.WORDS])
    assert [model.step(row).item.comment.text for row in range(model.rowCount())] == [
        "She agreed.",
        "Was there dinner?",
    ]


async def test_an_alert_s_steps_hang_together(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    patient = await known_patient(people)
    await patient.grant(clinician, *SCOPES)
    desk = await opened(open_desk, clinician, patient)
    model = TimelineModel(desk, patient.account_id, Kept())
    model.load()
    await until(lambda: model.loaded)
    await log(patient, HAND.fingerstick_reading(ago(0), 48))
    await until(lambda: model.rowCount() > 0 and model.step(0).alert is not None)
    alert = model.step(model.rowCount() - 1).alert
    assert alert is not None
    assert alert.glucose.value == 48


async def test_a_grant_that_the_patient_ends_is_shown_as_ended(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await known_patient(people)
    soon = datetime.now(UTC) + timedelta(hours=5)
    given = await patient.grant(clinician, *SCOPES, expire_time=soon)
    desk = await opened(open_desk, clinician, patient)
    model = AccessModel(desk, patient.account_id)
    model.load()
    await until(lambda: model.loaded)
    [grant] = model.grants
    assert (grant.grant_id, model.standing(grant)) == (given, Standing.ENDS_SOON)
    assert {opening.scope for opening in model.openings() if opening.grants} == set(SCOPES)
    assert len(model.openings()) == len(Scope.values()) - 1
    await patient.revoke(given)
    await until(lambda: model.standing(model.grants[0]) is Standing.REVOKED)
    assert not any(opening.grants for opening in model.openings())


async def test_she_gives_a_grant_back(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    patient = await known_patient(people)
    given = await patient.grant(clinician, SCOPE_GLUCOSE_READ)
    await patient.grant(clinician, SCOPE_PLAN_READ)
    model = AccessModel(await opened(open_desk, clinician, patient), patient.account_id)
    model.load()
    await until(lambda: model.loaded)
    model.give_back(given)
    await until(lambda: not model.giving_back)
    assert [(grant.grant_id == given, model.standing(grant)) for grant in model.grants] == [
        (False, Standing.LIVE),
        (True, Standing.REVOKED),
    ]
