"""Who a doctor is, and whether she may practise, is identity's to say: the directory follows."""

from uuid import uuid4

from apricot.consult.v1.directory_pb2 import (
    Doctor,
    GetDoctorRequest,
    GetPracticeRequest,
    SearchDoctorsRequest,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from apricot.identity.v1.licence_pb2 import LICENCE_STATE_WITHDRAWN, ListLicencesRequest, ReviewLicenceRequest
from google.protobuf.field_mask_pb2 import FieldMask

from clients.sdk import ApricotError
from kit.database import Database
from tests.consult.doctors import listed_doctor
from tests.kit.running import until
from tests.people import People, Person


async def rename(person: Person, name: str) -> None:
    request = UpdateProfileRequest(
        request_id=str(uuid4()), profile=Profile(display_name=name), update_mask=FieldMask(paths=["display_name"])
    )
    await person.session.account.UpdateProfile(request)


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
        assert error.reason == Reason.REASON_NOT_FOUND
        return None


async def found(patient: Person, query: str) -> list[str]:
    answer = await patient.session.directory.SearchDoctors(SearchDoctorsRequest(query=query, page_size=100))
    return [doctor.doctor_id for doctor in answer.doctors]


async def test_a_doctor_shows_what_the_licence_says(people: People, consult_database: Database) -> None:
    patient, doctor = await people.patient(), await listed_doctor(people, "nutrition", fee_minor=1900)
    shown = await seen(patient, doctor)
    assert shown is not None
    assert (shown.title, shown.department.name, shown.licence_end_time.ToDatetime().year) == (
        "主治医师",
        "营养科",
        2099,
    )
    assert [(offer.mode, offer.fee.minor_units) for offer in shown.modes] == [(1, 1900)]
    assert not shown.HasField("rating_average")
    own = await doctor.session.directory.GetPractice(GetPracticeRequest())
    assert (own.doctor, own.practice.listed) == (shown, True)


async def test_a_renamed_doctor_is_found_by_the_new_name_alone(people: People, consult_database: Database) -> None:
    patient, doctor = await people.patient(), await listed_doctor(people, "nutrition")
    await rename(doctor, "尉迟杏儿 Weichi Xinger")

    async def renamed() -> bool:
        return doctor.account_id in await found(patient, "尉迟杏儿")

    await until(renamed)
    await rename(doctor, "独孤求知")

    async def renamed_again() -> bool:
        return doctor.account_id in await found(patient, "独孤求知")

    await until(renamed_again)
    assert doctor.account_id not in await found(patient, "尉迟杏儿")
