"""The revisions of a health record: what each added, changed and removed, by whom."""

import base64
import json

from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_CLOSED
from apricot.consult.v1.health_record_pb2 import (
    Allergies,
    CurrentMedicines,
    HealthFacts,
    HealthRecordItem,
    HealthRecordRevision,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.events_pb2 import AccessUsed

from kit.times import to_datetime
from tests.consult.prescriptions.ward import Ward, refused
from tests.consult.prescriptions.writing import all_of, allergy, every_kind

DOCTOR_NAME = "Dr. 韩梅梅"


async def newest(ward: Ward) -> HealthRecordRevision:
    return (await ward.revisions(page_size=1)).revisions[0]


def kinds_of(items: list[HealthRecordItem]) -> set[str]:
    return {str(item.WhichOneof("item")) for item in items}


async def test_revision_tells_what_a_doctor_added_of_every_kind(ward: Ward) -> None:
    await ward.put(HealthFacts())
    known = await ward.add(all_of(every_kind(ward.today).values()))
    revision = await newest(ward)
    assert (revision.revision, revision.author.account_id) == (known.revision, ward.doctor.account_id)
    assert revision.author.display_name == DOCTOR_NAME
    assert to_datetime(revision.author.record_time) == ward.clock.now
    every = {field.name for field in HealthRecordItem.DESCRIPTOR.fields} - {"no_allergies", "no_medicines"}
    assert kinds_of(list(revision.added)) == every
    assert (len(revision.changed), len(revision.removed)) == (0, 0)
    assert revision.added[0].allergy == known.facts.allergies.entries[0]


async def test_revision_tells_who_ended_a_medicine(ward: Ward) -> None:
    await ward.put(HealthFacts())
    known = await ward.add(every_kind(ward.today)["medicines"])
    [warfarin] = known.facts.medicines.entries
    await ward.add(HealthFacts(), ended=[warfarin.entry_id])
    revision = await newest(ward)
    assert [item.medicine for item in revision.removed] == [warfarin]
    assert revision.author.display_name == DOCTOR_NAME


async def test_revision_shows_an_item_before_and_after(ward: Ward) -> None:
    kinds = every_kind(ward.today)
    await ward.put(all_of(kinds.values()))
    kinds["weight"].weight.weight_grams = 69000
    kinds["allergies"].allergies.entries[0].reaction = "皮疹"
    await ward.put(all_of(kinds.values()))
    revision = await newest(ward)
    assert (len(revision.added), len(revision.removed)) == (0, 0)
    allergies, weight = revision.changed
    assert (allergies.before.allergy.reaction, allergies.after.allergy.reaction) == ("", "皮疹")
    assert (weight.before.weight.weight_grams, weight.after.weight.weight_grams) == (71500, 69000)
    assert (revision.author.account_id, revision.author.display_name) == (ward.patient.account_id, "")


async def test_none_known_is_told_where_no_entry_tells_it(ward: Ward) -> None:
    await ward.put(HealthFacts())
    await ward.put(HealthFacts(allergies=Allergies(), medicines=CurrentMedicines()))
    assert kinds_of(list((await newest(ward)).added)) == {"no_allergies", "no_medicines"}
    await ward.put(HealthFacts(allergies=Allergies(entries=[allergy("J01C", "青霉素")])))
    revision = await newest(ward)
    assert (kinds_of(list(revision.added)), kinds_of(list(revision.removed))) == ({"allergy"}, {"no_medicines"})


async def test_pages_lead_to_the_first_revision(ward: Ward) -> None:
    for weight in (70_000, 71_000, 72_000, 73_000):
        facts = every_kind(ward.today)["weight"]
        facts.weight.weight_grams = weight
        newest_revision = (await ward.put(facts)).revision
    found, page = list[HealthRecordRevision](), await ward.revisions(page_size=2)
    found += page.revisions
    while page.next_page_token:
        page = await ward.revisions(page_size=2, page_token=page.next_page_token)
        found += page.revisions
    assert [each.revision for each in found] == list(range(newest_revision, 0, -1))
    assert [each.changed[0].before.weight.weight_grams for each in found[:3]] == [72_000, 71_000, 70_000]
    assert found[-1].added  # the first one is compared with nothing
    assert list((await ward.revisions()).revisions) == found


async def test_long_revisions_make_a_short_page(ward: Ward) -> None:
    long = [allergy("", "药" * 100, reaction="疹" * 200) for _ in range(50)]
    for _ in range(45):
        for entry in long:
            entry.reaction = entry.reaction[1:]
        await ward.put(HealthFacts(allergies=Allergies(entries=long)))
    page = await ward.revisions()
    assert page.ByteSize() < 4 << 20
    more = await ward.revisions(page_token=page.next_page_token)
    assert more.revisions[0].revision == page.revisions[-1].revision - 1


async def test_token_of_another_list_is_refused(ward: Ward) -> None:
    await ward.put(HealthFacts())
    token = (await ward.revisions(page_size=1)).next_page_token
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        await ward.revisions(ward.doctor, consultation_id=ward.consultation, page_token=token)
    filters, _ = json.loads(base64.urlsafe_b64decode(token))
    beyond = base64.urlsafe_b64encode(json.dumps([filters, 2**62]).encode()).decode()
    assert len((await ward.revisions(page_token=beyond)).revisions) == 2


async def test_revisions_are_read_like_the_record(ward: Ward) -> None:
    own = await ward.revisions()
    assert await ward.revisions(ward.doctor, consultation_id=ward.consultation) == own
    stranger = await ward.fresh()
    assert list((await ward.revisions(stranger.patient)).revisions) == list((await stranger.revisions()).revisions)
    for other in (stranger.patient, stranger.doctor):
        with refused(Reason.REASON_NOT_FOUND):
            await ward.revisions(other, consultation_id=ward.consultation)
    with refused(Reason.REASON_NOT_ALLOWED):
        await ward.revisions(ward.patient, consultation_id=ward.consultation)
    over = await ward.consult(state=CONSULTATION_STATE_CLOSED)
    with refused(Reason.REASON_WRONG_STATE):
        await ward.revisions(ward.doctor, consultation_id=over)


async def test_doctor_s_look_at_the_revisions_is_audited(ward: Ward) -> None:
    subject = f"apricot.consult.access.used.{ward.patient.account_id}"
    statement = "select payload from outbox where subject = $1 order by id"
    before = len(await ward.fetch(statement, subject))
    await ward.revisions()
    await ward.revisions(ward.doctor, consultation_id=ward.consultation)
    rows = (await ward.fetch(statement, subject))[before:]
    assert [AccessUsed.FromString(row["payload"]).action for row in rows] == [
        "apricot.consult.v1.HealthRecordService/ListHealthRecordRevisions"
    ]
