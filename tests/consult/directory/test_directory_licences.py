"""Who a doctor is, and whether she may practise, is identity's to say: the directory follows."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1.directory_pb2 import (
    Doctor,
    GetDoctorRequest,
    GetPracticeRequest,
    SearchDoctorsRequest,
    UpdatePracticeRequest,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.account_pb2 import DeleteAccountRequest
from apricot.identity.v1.licence_pb2 import LICENCE_STATE_WITHDRAWN, ListLicencesRequest, ReviewLicenceRequest

from clients.sdk import ApricotError
from kit.clock import utc_now
from kit.database import Database
from kit.errors import ApricotError as RefusedError
from kit.professionals import Professionals
from services.consult.domain.practice import LicenceExpiredError
from services.consult.rpc.directory import Directory
from services.consult.store.duty import find_on_duty
from services.consult.work.licences import Licences
from tests.consult.directory.called import call
from tests.consult.doctors import listed_doctor, practice, rename, set_practice
from tests.kit.running import until
from tests.people import PASSWORD, People, Person


async def withdraw(people: People, doctor: Person) -> None:
    (licence,) = (await doctor.session.licences.ListLicences(ListLicencesRequest())).licences
    review = ReviewLicenceRequest(
        request_id=str(uuid4()), licence_id=licence.licence_id, decision=LICENCE_STATE_WITHDRAWN
    )
    await (await people.admin()).session.licences.ReviewLicence(review)


async def seen(patient: Person, doctor: Person) -> Doctor | None:
    try:
        request = GetDoctorRequest(doctor_id=doctor.account_id)
        return (await patient.session.directory.GetDoctor(request)).doctor
    except ApricotError as error:
        if error.reason != Reason.REASON_NOT_FOUND:
            raise
        return None


async def is_gone(patient: Person, doctor: Person) -> bool:
    return await seen(patient, doctor) is None and doctor.account_id not in await found(patient, department="nutrition")


async def found(patient: Person, query: str = "", department: str = "") -> list[str]:
    request = SearchDoctorsRequest(query=query, department_code=department, page_size=100)
    return [doctor.doctor_id for doctor in (await patient.session.directory.SearchDoctors(request)).doctors]


async def test_a_doctor_shows_what_the_licence_says(people: People, consult_database: Database) -> None:
    patient, doctor = await people.patient(), await listed_doctor(people, "nutrition", fee_minor=1900)
    shown = await seen(patient, doctor)
    assert shown is not None
    assert (shown.display_name, shown.title, shown.department.name) == ("Dr. Test", "主治医师", "营养科")
    assert shown.licence_end_time.ToJsonString() == "2099-12-31T16:00:00Z"
    assert [(offer.mode, offer.fee.minor_units) for offer in shown.modes] == [(1, 1900)]
    assert not shown.HasField("rating_average")
    assert not shown.HasField("answer_minutes")
    own = await doctor.session.directory.GetPractice(GetPracticeRequest())
    assert (own.doctor, own.practice.listed) == (shown, True)


async def test_a_renamed_doctor_is_found_by_the_new_name_alone(people: People, consult_database: Database) -> None:
    patient, doctor = await people.patient(), await listed_doctor(people, "nutrition")
    for name in ("尉迟杏儿 Weichi Xinger", "独孤求知"):
        await rename(doctor, name)

        async def renamed(by: str = name) -> bool:
            return doctor.account_id in await found(patient, by)

        await until(renamed)
    assert doctor.account_id not in await found(patient, "尉迟杏儿")
    assert doctor.account_id not in await found(patient, "Weichi")


async def test_a_withdrawn_licence_takes_the_doctor_off_the_directory(
    people: People, consult_database: Database
) -> None:
    patient, doctor = await people.patient(), await listed_doctor(people, "nutrition")
    assert not await is_gone(patient, doctor)
    await withdraw(people, doctor)
    await until(lambda: is_gone(patient, doctor))


async def test_a_deleted_account_leaves_nothing_that_it_wrote(people: People, consult_database: Database) -> None:
    patient, doctor = await people.patient(), await people.new_clinician()
    wanted = practice("nutrition")
    wanted.biography, wanted.specialties[:] = "喜欢杏花", ["杏花疗法"]
    await set_practice(doctor, wanted)
    assert doctor.account_id in await found(patient, "杏花")
    assert doctor.authenticator is not None
    delete = DeleteAccountRequest(request_id=str(uuid4()), password=PASSWORD, totp_code=doctor.authenticator.code())
    await doctor.session.account.DeleteAccount(delete)
    await until(lambda: is_gone(patient, doctor))
    async with consult_database.connection() as connection:
        query = "select biography, specialties, listed, document @@ $2::tsquery from doctor where doctor_id = $1"

        async def wiped() -> bool:
            row = await connection.fetchrow(query, UUID(doctor.account_id), "'C杏花'")
            return tuple(row) == ("", [], False, False)

        await until(wiped)


async def test_what_events_did_not_bring_heals(
    people: People, consult_database: Database, professionals: Professionals
) -> None:
    patient, doctor = await people.patient(), await listed_doctor(people, "nutrition")
    async with consult_database.connection() as connection:
        change = "update doctor set licence_end_time = null, title = 'old' where doctor_id = $1"
        await connection.execute(change, UUID(doctor.account_id))
    assert await is_gone(patient, doctor)
    await Licences(consult_database, professionals, utc_now).reconcile()
    shown = await seen(patient, doctor)
    assert shown is not None
    assert shown.title == "主治医师"


async def test_a_licence_that_expired_this_morning_counts(
    people: People, consult_database: Database, professionals: Professionals
) -> None:
    doctor = await listed_doctor(people, "nutrition")
    now = datetime(2099, 12, 31, 15, 59, 59, tzinfo=UTC)
    directory = Directory(consult_database, professionals, lambda: now)
    one, several = GetDoctorRequest(doctor_id=doctor.account_id), SearchDoctorsRequest(department_code="nutrition")
    several.page_size = 100
    shown = (await directory.GetDoctor(one, call("GetDoctor", doctor))).doctor
    assert shown in (await directory.SearchDoctors(several, call("SearchDoctors", doctor))).doctors
    now += timedelta(seconds=1)
    with pytest.raises(RefusedError) as refused:
        await directory.GetDoctor(one, call("GetDoctor", doctor))
    assert refused.value.reason == Reason.REASON_NOT_FOUND
    assert shown not in (await directory.SearchDoctors(several, call("SearchDoctors", doctor))).doctors
    async with consult_database.transaction() as session:
        assert await find_on_duty(session, UUID(doctor.account_id), now) is None
        assert await find_on_duty(session, UUID(doctor.account_id), now - timedelta(seconds=1)) is not None


@pytest.mark.parametrize("years", [None, 3])
async def test_three_years_in_the_profession_are_needed(people: People, years: int | None) -> None:
    since = utc_now().date() - timedelta(days=365 * years - 5) if years else ""
    doctor = await people.new_clinician(str(since))
    with pytest.raises(ApricotError) as refused:
        await set_practice(doctor, practice("nutrition"))
    assert refused.value.reason == Reason.REASON_PRACTICE_TOO_SHORT
    await set_practice(doctor, practice("nutrition", listed=False))
    assert not (await doctor.session.directory.GetPractice(GetPracticeRequest())).practice.listed


async def test_to_be_listed_needs_a_licence_at_this_very_moment(
    people: People, consult_database: Database, professionals: Professionals
) -> None:
    """Whatever the copy says: identity is asked."""
    doctor = await listed_doctor(people, "nutrition")

    async def list_again(now: datetime) -> None:
        request = UpdatePracticeRequest(request_id=str(uuid4()), practice=practice("nutrition"))
        directory = Directory(consult_database, professionals, lambda: now)
        await directory.UpdatePractice(request, call("UpdatePractice", doctor))

    await list_again(utc_now())
    with pytest.raises(LicenceExpiredError):
        await list_again(datetime(2100, 1, 1, tzinfo=UTC))
    await withdraw(people, doctor)
    with pytest.raises(LicenceExpiredError):
        await list_again(utc_now())
