"""A doctor presents herself, and patients find her by it."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1.consultation_pb2 import CONSULTATION_MODE_TEXT, CONSULTATION_MODE_VIDEO
from apricot.consult.v1.directory_pb2 import (
    GetPracticeRequest,
    Hospital,
    ListDepartmentsRequest,
    ListHospitalsRequest,
    Practice,
    PutHospitalRequest,
    SearchDoctorsRequest,
    UpdatePracticeRequest,
)
from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk import ApricotError
from kit.clock import utc_now
from kit.database import Database
from kit.professionals import Professionals
from services.consult.domain.practice import language_ranges, long_enough
from services.consult.work.licences import Licences
from stack.demo.practice import open_practice
from tests.consult.directory.test_directory_licences import found
from tests.consult.doctors import practice, rename, set_practice
from tests.kit.running import until
from tests.people import People, Person


async def put(
    people: People, name: str, name_en: str = "", hospital_id: str = "", city: str = "绍兴", grade: str = "3A"
) -> Hospital:
    hospital = Hospital(hospital_id=hospital_id or str(uuid4()), name=name, name_en=name_en, grade=grade, city=city)
    request = PutHospitalRequest(request_id=str(uuid4()), hospital=hospital)
    return (await (await people.admin()).session.directory.PutHospital(request)).hospital


@pytest.fixture(scope="module")
async def hospital(people: People) -> Hospital:
    return await put(people, "鉴湖女侠医院", "Jianhu Memorial Hospital")


@pytest.fixture(scope="module")
async def doctor(people: People, hospital: Hospital) -> Person:
    """Named and with everything a practice has."""
    person = await people.new_clinician(hospital=hospital.name)
    wanted = practice("haematology", modes=(CONSULTATION_MODE_VIDEO, CONSULTATION_MODE_TEXT), fee_minor=2900)
    wanted.hospital_id = hospital.hospital_id
    wanted.specialties.extend(["地中海贫血症", "Thalassaemia counselling"])
    wanted.languages.extend(["zh-Hant-HK", "en"])
    wanted.biography = "Studied in Édimbourg. 师从名医。"
    await set_practice(person, wanted)
    await rename(person, "上官婉晴 Wanqing Shangguan")

    async def named() -> bool:
        return person.account_id in await found(person, "上官婉晴")

    await until(named)
    return person


@pytest.mark.parametrize(
    "query",
    [
        "上官婉晴",
        "婉晴",
        "官婉",
        "WANQING",
        "shangguan wanqing",
        "Shanguan Wanqing",  # a typo in each of three words
        "wanqin",
        "thalassemia",
        "贫血",
        "地中海",
        "海贫",
        "Haematology",
        "haematolgy",
        "血液内科",
        "鉴湖女侠",
        "Jianhu memorial",
        "绍兴 贫血",
        "edimbourg",
        "名医 shangguan",
    ],
)
async def test_words_that_find_the_doctor(query: str, doctor: Person) -> None:
    assert doctor.account_id in await found(doctor, query)


@pytest.mark.parametrize("query", ["上官婉月", "晴婉", "贫血 cardiology", "xylophone", "shangguan xylophone", "海地"])
async def test_words_that_do_not(query: str, doctor: Person) -> None:
    assert doctor.account_id not in await found(doctor, query)


async def test_who_is_named_so_comes_before_who_only_tells_of_it(people: People, doctor: Person) -> None:
    pupil, colleague = await people.new_clinician(), await people.new_clinician()
    telling, working = practice("haematology"), practice("haematology")
    telling.biography, working.specialties[:] = "上官婉晴的学生", ["上官婉晴疗法"]
    await set_practice(pupil, telling)
    await set_practice(colleague, working)
    assert await found(doctor, "上官婉晴") == [one.account_id for one in (doctor, colleague, pupil)]


async def test_the_practice_as_it_was_set(doctor: Person, hospital: Hospital) -> None:
    answer = await doctor.session.directory.GetPractice(GetPracticeRequest())
    assert answer.practice.hospital_id == hospital.hospital_id
    assert [offer.mode for offer in answer.practice.modes] == [CONSULTATION_MODE_TEXT, CONSULTATION_MODE_VIDEO]
    shown = answer.doctor
    assert shown.hospital == hospital
    assert list(shown.languages) == ["zh-Hant-HK", "en"]
    assert shown.modes == answer.practice.modes
    for language, is_spoken in {"zh": True, "zh-Hant": True, "zh-Hans": False, "en": True, "en-GB": False}.items():
        request = SearchDoctorsRequest(query="上官婉晴", language=language)
        listed = (await doctor.session.directory.SearchDoctors(request)).doctors
        assert (shown in listed) == is_spoken, language


async def test_who_is_not_listed_is_not_found(people: People) -> None:
    patient, doctor = await people.patient(), await people.new_clinician()
    with pytest.raises(ApricotError) as refused:
        await doctor.session.directory.GetPractice(GetPracticeRequest())
    assert refused.value.reason == Reason.REASON_NOT_FOUND
    await set_practice(doctor, practice("venereology"))
    assert doctor.account_id in await found(patient, department="venereology")
    await set_practice(doctor, practice("venereology", listed=False))
    assert doctor.account_id not in await found(patient, department="venereology")


def wrong(**changes: object) -> Practice:
    made = practice("cardiology")
    made.MergeFrom(Practice(**changes))  # type: ignore[arg-type]
    return made


def dear(mode_fee: int) -> Practice:
    return practice("cardiology", fee_minor=mode_fee)


MODE_TWICE = practice("cardiology", modes=(CONSULTATION_MODE_TEXT, CONSULTATION_MODE_TEXT))
IN_DOLLARS = practice("cardiology")
IN_DOLLARS.modes[0].fee.currency_code = "USD"


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (wrong(department_code="alchemy"), Reason.REASON_INVALID_FIELD),
        (wrong(hospital_id=str(uuid4())), Reason.REASON_NOT_FOUND),
        (wrong(languages=["Chinese"]), Reason.REASON_INVALID_FIELD),
        (practice("cardiology", modes=()), Reason.REASON_INVALID_FIELD),
        (MODE_TWICE, Reason.REASON_INVALID_FIELD),
        (IN_DOLLARS, Reason.REASON_INVALID_FIELD),
        (dear(99_999_999), Reason.REASON_FEE_OUT_OF_BOUNDS),
        (dear(200_01), Reason.REASON_FEE_OUT_OF_BOUNDS),
        (wrong(biography="包治百病"), Reason.REASON_CLAIM_NOT_ALLOWED),
        (wrong(biography="加微信 dr_li"), Reason.REASON_CONTACT_DETAILS),
        (wrong(specialties=["１３８ 1234 5678"]), Reason.REASON_CONTACT_DETAILS),
    ],
)
async def test_what_no_practice_can_be(wanted: Practice, reason: Reason.ValueType, doctor: Person) -> None:
    before = await doctor.session.directory.GetPractice(GetPracticeRequest())
    with pytest.raises(ApricotError) as refused:
        await set_practice(doctor, wanted)
    assert refused.value.reason == reason
    assert await doctor.session.directory.GetPractice(GetPracticeRequest()) == before


@pytest.mark.parametrize(("name", "grade"), [("鉴湖女侠医院", "3B"), ("别家医院", "3A")])
async def test_a_hospital_unlike_the_licence_is_refused(name: str, grade: str, people: People, doctor: Person) -> None:
    before = await doctor.session.directory.GetPractice(GetPracticeRequest())
    wanted = practice("cardiology")
    wanted.hospital_id = (await put(people, name, grade=grade)).hospital_id
    with pytest.raises(ApricotError) as refused:
        await set_practice(doctor, wanted)
    assert refused.value.reason == Reason.REASON_LICENCE_DIFFERS
    assert await doctor.session.directory.GetPractice(GetPracticeRequest()) == before


async def test_a_stored_doctor_loses_a_hospital_unlike_the_licence(
    people: People, consult_database: Database, professionals: Professionals
) -> None:
    """An older release took any hospital."""
    doctor, other = await people.new_clinician(), await put(people, "别家医院", "Axolotl Memorial")
    await set_practice(doctor, practice("nutrition"))
    async with consult_database.connection() as connection:
        update = "update doctor set hospital_id = $1 where doctor_id = $2"
        await connection.execute(update, UUID(other.hospital_id), UUID(doctor.account_id))
    await Licences(consult_database, professionals, utc_now).reconcile()
    answer = await doctor.session.directory.GetPractice(GetPracticeRequest())
    assert (answer.practice.hospital_id, answer.practice.listed) == ("", True)


async def test_a_repeat_gets_the_first_answer(people: People) -> None:
    doctor = await people.new_clinician()
    first = UpdatePracticeRequest(request_id=str(uuid4()), practice=practice("andrology"))
    answer = await doctor.session.directory.UpdatePractice(first)
    await set_practice(doctor, practice("allergy"))
    assert await doctor.session.directory.UpdatePractice(first) == answer
    assert (await doctor.session.directory.GetPractice(GetPracticeRequest())).practice.department_code == "allergy"


async def test_a_patient_has_no_practice(people: People) -> None:
    with pytest.raises(ApricotError) as refused:
        await set_practice(await people.patient(), practice("cardiology"))
    assert refused.value.reason == Reason.REASON_ROLE_REQUIRED


async def test_a_renamed_hospital_s_doctors_are_found_by_its_new_name(people: People) -> None:
    doctor, old = await people.new_clinician(), await put(people, "杏林医院", "Zyzzyva Memorial")
    wanted = practice("emergency")
    wanted.hospital_id = old.hospital_id
    await set_practice(doctor, wanted)
    assert await found(doctor, "Zyzzyva") == [doctor.account_id]
    await put(people, "杏林医院", "Quokka Memorial", hospital_id=old.hospital_id, city="嘉兴")
    assert await found(doctor, "Zyzzyva") == []
    assert await found(doctor, "嘉兴 Quokka") == [doctor.account_id]
    request = SearchDoctorsRequest(query="Quokka", city="嘉兴")
    assert len((await doctor.session.directory.SearchDoctors(request)).doctors) == 1


async def test_hospitals_come_by_city_and_name_a_page_at_a_time(people: People) -> None:
    patient, city = await people.patient(), f"城{uuid4()}"
    names = ["乙医院", "甲医院", "丙医院", "甲医院"]
    put_there = [await put(people, name, city=city) for name in names]
    request, listed = ListHospitalsRequest(city=city, page_size=2), list[Hospital]()
    while True:
        answer = await patient.session.directory.ListHospitals(request)
        listed.extend(answer.hospitals)
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
    assert listed == sorted(put_there, key=lambda one: (one.name, one.hospital_id))
    with pytest.raises(ApricotError) as refused:
        await patient.session.directory.PutHospital(PutHospitalRequest(request_id=str(uuid4()), hospital=listed[0]))
    assert refused.value.reason == Reason.REASON_ROLE_REQUIRED


async def test_departments_are_told_in_both_languages(people: People) -> None:
    patient = await people.patient()
    listed = (await patient.session.directory.ListDepartments(ListDepartmentsRequest())).departments
    told = {department.code: (department.name, department.name_en) for department in listed}
    assert told["endocrinology"] == ("内分泌科", "Endocrinology and diabetes")


async def test_the_demo_has_hospitals_and_its_clinician_a_practice(people: People, consult_database: Database) -> None:
    clinician = await people.clinician()
    hospitals = (await clinician.session.directory.ListHospitals(ListHospitalsRequest(page_size=1000))).hospitals
    assert {"杭州", "北京", "上海", "成都"} <= {hospital.city for hospital in hospitals}
    for _ in range(2):
        await open_practice(clinician.session)
    answer = await clinician.session.directory.GetPractice(GetPracticeRequest())
    assert (answer.practice.listed, answer.doctor.hospital.city) == (True, "杭州")
    assert clinician.account_id in await found(clinician, "胰岛素泵")


def test_three_years_are_over_on_the_day_itself_in_china() -> None:
    evening = datetime(2026, 5, 1, 15, 59, tzinfo=UTC)
    assert not long_enough(date(2023, 5, 2), evening)
    assert long_enough(date(2023, 5, 2), evening.replace(hour=16))
    assert not long_enough(date(2024, 2, 29), datetime(2027, 2, 28, 15, tzinfo=UTC))
    assert long_enough(date(2024, 2, 29), datetime(2027, 3, 1, tzinfo=UTC))
    assert not long_enough(None, evening)


def test_a_language_is_part_of_wider_ones() -> None:
    assert language_ranges(["zh-Hant-HK", "zh", "en"]) == ["zh", "zh-Hant", "zh-Hant-HK", "en"]
