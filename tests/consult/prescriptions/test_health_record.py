"""The health record: the patient's to write, the treating doctor's to read and to add to."""

import asyncio
from datetime import timedelta

import pytest
from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_CLOSED
from apricot.consult.v1.health_record_pb2 import (
    Allergies,
    Allergy,
    BodyWeight,
    CurrentMedicine,
    CurrentMedicines,
    HealthFacts,
    KidneyFunction,
)
from apricot.errors.v1.reason_pb2 import Reason

from tests.consult.prescriptions.ward import Ward, refused
from tests.consult.prescriptions.writing import all_of, allergy, every_kind, facts, request_id


async def test_what_was_never_asked_is_not_the_same_as_none(ward: Ward) -> None:
    nobody = await ward.identity.sign_in()
    record = await ward.record(nobody)
    assert (record.revision, record.HasField("create_time")) == (0, False)
    assert not record.facts.HasField("allergies")
    await ward.put(HealthFacts(allergies=Allergies()))
    record = await ward.record()
    assert record.facts.HasField("allergies")
    assert not record.facts.allergies.entries
    assert not record.facts.HasField("medicines")


async def test_revisions_follow_one_another(ward: Ward) -> None:
    first = await ward.record()
    second = await ward.put(facts(ward.today, egfr=50))
    assert (second.revision, second.author_id) == (first.revision + 1, ward.patient.account_id)
    assert await ward.record() == second
    with refused(Reason.REASON_REVISION_MISMATCH):
        await ward.put(facts(ward.today), expected=first.revision)
    kept = await ward.fetch(
        "select count(*) from health_record_revision where patient_id::text = $1", second.patient_id
    )
    assert kept[0][0] == second.revision


async def test_of_two_writers_at_once_one_is_told_to_read_again(ward: Ward) -> None:
    now = (await ward.record()).revision
    tries = await asyncio.gather(*(ward.put(facts(ward.today), expected=now) for _ in range(4)), return_exceptions=True)
    assert len([each for each in tries if not isinstance(each, Exception)]) == 1


async def test_a_repeat_gives_the_first_answer(ward: Ward) -> None:
    same, known = request_id(), facts(ward.today)
    now = (await ward.record()).revision
    first = await ward.put(known, now, same)
    assert await ward.put(known, now, same) == first


async def test_a_doctor_adds_and_takes_nothing_away(ward: Ward) -> None:
    mine = allergy("J01CA04", "阿莫西林")
    await ward.put(facts(ward.today, mine, takes=("C08CA01",)))
    theirs = allergy("M01AE01", "布洛芬")
    added = await ward.add(HealthFacts(allergies=Allergies(entries=[theirs]), medicines=CurrentMedicines()))
    assert [entry.name for entry in added.facts.allergies.entries] == ["阿莫西林", "布洛芬"]
    assert [entry.atc_code for entry in added.facts.medicines.entries] == ["C08CA01"]
    assert [entry.source.account_id for entry in added.facts.allergies.entries] == [
        ward.patient.account_id,
        ward.doctor.account_id,
    ]
    assert added.facts.allergies.entries[1].source.display_name == "Dr. 韩梅梅"
    assert added.author_id == ward.doctor.account_id
    assert await ward.record(ward.doctor, ward.consultation) == added


async def test_what_stays_keeps_its_source_and_what_changes_gets_the_writer_s(ward: Ward) -> None:
    added = await ward.add(HealthFacts(allergies=Allergies(entries=[allergy("M01AE01", "布洛芬")])))
    again = await ward.put(added.facts)
    assert again.facts == added.facts
    changed = HealthFacts()
    changed.CopyFrom(added.facts)
    changed.allergies.entries.append(allergy("J01CA04", "阿莫西林"))
    changed.allergies.entries[-1].source.display_name = "somebody made up"
    source = (await ward.put(changed)).facts.allergies.entries[-1].source
    assert (source.account_id, source.display_name) == (ward.patient.account_id, "")


async def test_patient_s_put_does_not_remove_what_a_doctor_entered(ward: Ward) -> None:
    await ward.put(HealthFacts())
    kinds = every_kind(ward.today)
    known = await ward.add(all_of(kinds.values()))
    for left_out in kinds:
        rest = all_of(facts for kind, facts in kinds.items() if kind != left_out)
        with refused(Reason.REASON_NOT_ALLOWED) as told:
            await ward.put(rest)
        assert told["fields"] == left_out
    assert await ward.record() == known


async def test_the_doctor_says_that_there_is_none(ward: Ward) -> None:
    await ward.put(HealthFacts())
    added = await ward.add(HealthFacts(allergies=Allergies()))
    assert added.facts.HasField("allergies")
    assert not added.facts.HasField("medicines")


async def test_of_what_is_measured_the_latest_day_counts(ward: Ward) -> None:
    yesterday = (ward.clock.now - timedelta(days=1)).date().isoformat()
    measured = KidneyFunction(egfr_ml_per_min_per_1_73_m2=44, measure_date=ward.today)
    added = await ward.add(
        HealthFacts(kidney_function=measured, weight=BodyWeight(weight_grams=71500, measure_date=yesterday))
    )
    assert added.facts.kidney_function.egfr_ml_per_min_per_1_73_m2 == 44
    assert added.facts.weight.weight_grams == 71500
    with refused(Reason.REASON_INVALID_FIELD):
        await ward.add(HealthFacts(kidney_function=KidneyFunction(measure_date=yesterday)))


@pytest.mark.parametrize("day", ["2026-02-30", "2199-01-01"])
async def test_days_that_are_none(ward: Ward, day: str) -> None:
    for known in (
        HealthFacts(kidney_function=KidneyFunction(measure_date=day)),
        HealthFacts(
            medicines=CurrentMedicines(entries=[CurrentMedicine(entry_id=request_id(), name="x", since_date=day)])
        ),
    ):
        for act in (ward.put(known), ward.add(known)):
            with refused(Reason.REASON_INVALID_FIELD):
                await act


async def test_entries_have_ids_of_their_own_and_are_not_endless(ward: Ward) -> None:
    twin = allergy("M01AE01", "布洛芬")
    with refused(Reason.REASON_INVALID_FIELD):
        await ward.put(HealthFacts(allergies=Allergies(entries=[twin, twin])))
    many: list[Allergy] = [allergy("", str(number)) for number in range(50)]
    await ward.put(HealthFacts(allergies=Allergies(entries=many)))
    with refused(Reason.REASON_TOO_MANY):
        await ward.add(HealthFacts(allergies=Allergies(entries=[twin])))


async def test_a_consultation_that_is_over_opens_it_no_longer(ward: Ward) -> None:
    over = await ward.consult(state=CONSULTATION_STATE_CLOSED)
    for act in (ward.record(ward.doctor, over), ward.add(facts(ward.today), consultation=over)):
        with refused(Reason.REASON_WRONG_STATE):
            await act
