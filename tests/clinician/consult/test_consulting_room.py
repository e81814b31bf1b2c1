"""The consulting room's models on the real platform."""

from pathlib import Path
from uuid import uuid4

from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_STATE_CANCELLED,
    CONSULTATION_STATE_CLOSED,
    ClaimConsultationRequest,
)

from clients.clinician.models.consult.closing import ClosingModel, Ending
from clients.clinician.models.consult.closing import Need as ClosingNeed
from clients.clinician.models.consult.colleagues import Colleagues
from clients.clinician.models.consult.eligibility import Decision, EligibilityModel, Need
from clients.clinician.models.consult.inbox_list import Section
from clients.clinician.models.consult.messages import Delivery
from clients.clinician.views.consult.cards import plan_card
from clients.sdk import ApricotError, Reason
from tests.clinician.conftest import DEPARTMENT
from tests.clinician.consult.arranged_talks import as_seen_by, ask, in_section, taken, tell_birth_date
from tests.clinician.consult.conftest import OpenRoom
from tests.consult.doctors import listed_doctor
from tests.consult.talk.ear import Ear, listening
from tests.kit.running import until
from tests.people import People, Person
from tests.pictures import picture


async def test_a_question_comes_into_the_pool_and_is_taken(people: People, doctor: Person, open_room: OpenRoom) -> None:
    room, patient = await open_room(doctor), await people.patient()
    consultation_id = await ask(patient, department=DEPARTMENT)
    await in_section(room, consultation_id, Section.POOL)
    room.choose(consultation_id)
    assert room.talk is None
    await taken(room, consultation_id)
    await in_section(room, consultation_id, Section.ACTIVE)
    assert (await as_seen_by(patient, consultation_id)).doctor_id == doctor.account_id


async def test_of_two_doctors_one_gets_it_and_the_other_is_told(
    people: People, doctor: Person, open_room: OpenRoom
) -> None:
    other, patient = await listed_doctor(people, DEPARTMENT), await people.patient()
    room, theirs = await open_room(doctor), await open_room(other)
    lost, claimed = list[str](), list[str]()
    for each in (room, theirs):
        each.lost.connect(lambda consultation: lost.append(consultation.consultation_id))
        each.inbox.claimed.connect(claimed.append)
    consultation_id = await ask(patient, department=DEPARTMENT)
    for each in (room, theirs):
        await in_section(each, consultation_id, Section.POOL)
        each.choose(consultation_id)
    room.inbox.claim(consultation_id)
    theirs.inbox.claim(consultation_id)
    await until(lambda: consultation_id in lost and claimed == [consultation_id])
    loser = theirs if (await as_seen_by(patient, consultation_id)).doctor_id == doctor.account_id else room
    await until(lambda: loser.inbox.list.row_of(consultation_id) == -1)
    assert loser.chosen is None


async def test_texts_pictures_and_marks_go_both_ways(people: People, doctor: Person, open_room: OpenRoom) -> None:
    room, patient = await open_room(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    talk = room.talk
    assert talk is not None
    async with listening(patient, consultation_id) as ear:
        talk.say("早上空腹多少？")
        assert talk.messages.lines[-1].delivery is Delivery.SENDING  # shown at once
        await until(lambda: talk.messages.lines[-1].delivery is Delivery.DELIVERED)
        await until(lambda: talk.patient_is_there)
        ear.talk.typing()
        await until(lambda: bool(talk.who_types))
        await ear.talk.say("8.1")
        await until(lambda: talk.messages.lines[-1].content.text == "8.1")
        assert not talk.who_types
        ear.talk.read_up_to(ear.messages[-1].sequence)
        await until(lambda: any(line.delivery is Delivery.READ for line in talk.messages.lines))
        talk.mark_read()
        await until(lambda: any(u.receipt.read_sequence == talk.messages.lines[-1].sequence for u in ear.updates))
        talk.show_file(picture())
        await until(lambda: bool(ear.messages[-1].content.picture_attachment_id))
        await ear.talk.show_picture(picture(seed=7))
        await until(lambda: len({each.content.picture_attachment_id for each in talk.messages.lines}) == 3)
        theirs = talk.messages.lines[-1].content.picture_attachment_id
        await until(lambda: talk.attachments.content(theirs) is not None)


async def test_what_was_refused_stays_with_its_reason(people: People, doctor: Person, open_room: OpenRoom) -> None:
    room, patient = await open_room(doctor), await people.patient()
    await taken(room, await ask(patient, doctor=doctor))
    talk = room.talk
    assert talk is not None
    talk.show_file(b"no picture at all")
    await until(lambda: talk.messages.lines[-1].delivery is Delivery.FAILED)
    failure = talk.messages.lines[-1].failure
    assert failure is not None
    assert failure.reason == Reason.REASON_MEDIA_NOT_SUPPORTED
    talk.discard(talk.messages.lines[-1].client_id)
    assert all(line.delivery is not Delivery.FAILED for line in talk.messages.lines)


async def test_what_was_typed_survives_a_restart(people: People, doctor: Person, open_room: OpenRoom) -> None:
    room, patient = await open_room(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    assert room.talk is not None
    room.talk.say("said as the app died")
    room.talk.type("half a sent")
    await room.desk.close()
    again = await open_room(doctor)
    await until(lambda: again.inbox.list.row_of(consultation_id) >= 0)
    again.choose(consultation_id)
    assert again.talk is not None
    assert again.talk.text == "half a sent"
    async with listening(patient, consultation_id) as ear:
        await until(lambda: "said as the app died" in ear.texts())
        again.talk.say("and on")
        await until(lambda: "and on" in ear.texts())
        assert ear.texts().count("said as the app died") == 1


async def test_cards_and_files_survive_a_restart(
    people: People, doctor: Person, open_room: OpenRoom, tmp_path: Path
) -> None:
    room, patient = await open_room(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    talk = room.talk
    assert talk is not None
    waiting = plan_card(str(uuid4()), 3)
    talk.tray.add(waiting)
    talk.tray.add(waiting)  # once is enough
    here, gone, changed = (tmp_path / f"{name}.jpg" for name in ("here", "gone", "changed"))
    for place, file in enumerate((here, gone, changed)):
        file.write_bytes(picture(seed=place))
    await room.desk.close()  # nothing goes out any more
    for file in here, gone, changed:
        talk.show_file(file.read_bytes(), str(file))
    talk.show_file(picture(seed=9))  # pasted: it lies nowhere
    talk.say("and a word")
    gone.unlink()
    changed.write_bytes(picture(seed=8))
    again = await open_room(doctor)
    await until(lambda: again.inbox.list.row_of(consultation_id) >= 0)
    again.choose(consultation_id)
    talk = again.talk
    assert talk is not None
    assert talk.tray.cards == (waiting,)
    async with listening(patient, consultation_id) as ear:
        await until(lambda: "and a word" in ear.texts())
        await until(lambda: talk.sending == 0)
        await until(lambda: _pictures(ear) > 0)
        assert _pictures(ear) == 1  # the one that is there; no other in the place of one
    failed = [line for line in talk.messages.lines if line.delivery is Delivery.FAILED]
    assert [line.file_is_gone for line in failed] == [True] * 3
    for line in failed:
        talk.discard(line.client_id)
    await again.desk.close()
    once_more = await open_room(doctor)
    await until(lambda: once_more.inbox.list.row_of(consultation_id) >= 0)
    once_more.choose(consultation_id)
    later = once_more.talk
    assert later is not None
    await until(lambda: later.talk is not None)
    assert all(line.delivery is not Delivery.FAILED for line in later.messages.lines)


async def test_unread_messages_are_counted_until_they_are_read(
    people: People, doctor: Person, open_room: OpenRoom
) -> None:
    room, patient = await open_room(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    async with listening(patient, consultation_id) as ear:
        await ear.talk.say("one")
        await ear.talk.say("two")
        await until(lambda: room.inbox.unread == 2)
        talk = room.talk
        await until(lambda: talk is not None and talk.messages.lines[-1].content.text == "two")
        assert talk is not None
        talk.mark_read()
        await until(lambda: room.inbox.unread == 0)


async def test_declined_with_a_note(people: People, doctor: Person, open_room: OpenRoom) -> None:
    room, patient = await open_room(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await in_section(room, consultation_id, Section.FOR_HER)
    room.inbox.decline(consultation_id, "今天停诊")
    await until(lambda: all(item.section is not Section.FOR_HER for item in room.inbox.list.items))
    assert (await as_seen_by(patient, consultation_id)).state == CONSULTATION_STATE_CANCELLED


async def test_eligibility_needs_evidence_and_is_decided(people: People, doctor: Person, open_room: OpenRoom) -> None:
    room, patient = await open_room(doctor), await people.patient()
    await tell_birth_date(patient, "1970-05-01")
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    talk = room.talk
    assert talk is not None
    assert room.chosen is not None
    async with listening(patient, consultation_id) as ear:
        await ear.talk.show_picture(picture())
    await until(lambda: bool(talk.messages.lines[-1].content.picture_attachment_id))
    model = EligibilityModel(room.desk, room.chosen, talk.messages)
    refusals, decided = list[ApricotError](), list[object]()
    model.refused.connect(refusals.append)
    model.decided.connect(decided.append)
    assert model.needs(Decision()) == {Need.DIAGNOSIS, Need.EVIDENCE}
    assert model.needs(Decision(eligible=False)) == {Need.NOTE}
    model.decide(Decision(diagnoses="E11.9", earlier_consultation_id=str(uuid4())))
    await until(lambda: bool(refusals))
    assert refusals[0].reason == Reason.REASON_EVIDENCE_REQUIRED
    shown = model.evidence[0].content.picture_attachment_id
    model.decide(Decision(diagnoses="E11.9 2型糖尿病", attachment_ids=(shown,)))
    await until(lambda: bool(decided))
    await until(lambda: room.chosen is not None and room.chosen.eligibility.eligible)
    assert (await as_seen_by(patient, consultation_id)).eligibility.earlier_diagnoses[0].code == "E11.9"


async def test_closed_with_an_outcome_that_the_patient_sees(
    people: People, doctor: Person, open_room: OpenRoom
) -> None:
    room, patient = await open_room(doctor), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    assert room.chosen is not None
    model = ClosingModel(room.desk, room.chosen, room.drafts)
    bad = Ending(diagnoses="sugar", follow_up_date="2026-02-30", referral_reason="why")
    assert model.needs(bad) == set(ClosingNeed)
    ending = Ending(summary="血糖平稳", advice="继续监测", diagnoses="E11.9", follow_up_date="2027-01-15")
    model.type(ending)
    assert ClosingModel(room.desk, room.chosen, room.drafts).ending == ending  # kept until it is closed
    model.close(ending)
    await in_section(room, consultation_id, Section.ENDED)
    seen = await as_seen_by(patient, consultation_id)
    assert (seen.state, seen.outcome.summary) == (CONSULTATION_STATE_CLOSED, "血糖平稳")
    assert seen.outcome.follow_up_date == "2027-01-15"
    await until(lambda: model.ending == Ending())
    assert room.talk is not None
    assert not room.talk.can_talk


async def test_a_colleague_is_invited(people: People, doctor: Person, open_room: OpenRoom) -> None:
    colleague = await listed_doctor(people, DEPARTMENT)
    room, theirs, patient = await open_room(doctor), await open_room(colleague), await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    await taken(room, consultation_id)
    assert room.chosen is not None
    Colleagues(room.desk, room.chosen).invite(colleague.account_id)
    await in_section(theirs, consultation_id, Section.ACTIVE)
    await until(lambda: room.chosen is not None and len(room.chosen.members) == 3)


async def test_what_ended_is_listed_at_the_next_start(people: People, doctor: Person, open_room: OpenRoom) -> None:
    patient = await people.patient()
    consultation_id = await ask(patient, doctor=doctor)
    claim = ClaimConsultationRequest(request_id=str(uuid4()), consultation_id=consultation_id)
    await doctor.session.consultations.ClaimConsultation(claim)
    room = await open_room(doctor)
    await in_section(room, consultation_id, Section.ACTIVE)
    room.choose(consultation_id)
    assert room.chosen is not None
    ClosingModel(room.desk, room.chosen, room.drafts).close(Ending(summary="好"))
    await in_section(room, consultation_id, Section.ENDED)
    await in_section(await open_room(doctor), consultation_id, Section.ENDED)


def _pictures(ear: Ear) -> int:
    return sum(each.content.HasField("picture_attachment_id") for each in ear.messages)
