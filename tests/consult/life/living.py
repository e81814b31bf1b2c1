"""The life of consultations as people on the platform live it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1 import consultation_pb2 as pb
from apricot.consult.v1.consultation_pb2 import CONSULTATION_MODE_TEXT, Consultation, Outcome
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.account_pb2 import Profile, UpdateProfileRequest
from google.protobuf.field_mask_pb2 import FieldMask

from clients.sdk import ApricotError
from kit.database import Database
from tests.consult.doctors import listed_doctor
from tests.people import People, Person


def request_id() -> str:
    return str(uuid4())


@contextmanager
def refused(reason: Reason.ValueType) -> Iterator[None]:
    """The block's call ends with this reason."""
    with pytest.raises(ApricotError) as caught:
        yield
    assert caught.value.reason == reason, Reason.Name(caught.value.reason)


async def born(person: Person, birth_date: date, name: str = "李小明") -> Person:
    """With a name and a birth date in the profile."""
    request = UpdateProfileRequest(
        request_id=request_id(),
        profile=Profile(display_name=name, birth_date=birth_date.isoformat(), time_zone="Asia/Shanghai"),
        update_mask=FieldMask(paths=["display_name", "birth_date", "time_zone"]),
    )
    await person.session.account.UpdateProfile(request)
    return person


async def opened(
    patient: Person, doctor: Person | None = None, *, department: str = "", scopes: tuple[int, ...] = (), **more: Any
) -> Consultation:
    """A consultation with a doctor, or in the pool of a department."""
    request = pb.OpenConsultationRequest(
        request_id=request_id(),
        mode=CONSULTATION_MODE_TEXT,
        complaint="口渴，血糖高",
        shared_scopes=[Scope.ValueType(scope) for scope in scopes],
        **more,
    )
    if doctor is not None:
        request.doctor_id = doctor.account_id
    else:
        request.department_code = department
    return (await patient.session.consultations.OpenConsultation(request)).consultation


async def claimed(doctor: Person, consultation: Consultation) -> Consultation:
    request = pb.ClaimConsultationRequest(request_id=request_id(), consultation_id=consultation.consultation_id)
    return (await doctor.session.consultations.ClaimConsultation(request)).consultation


async def declined(doctor: Person, consultation: Consultation, note: str = "") -> Consultation:
    request = pb.DeclineConsultationRequest(
        request_id=request_id(), consultation_id=consultation.consultation_id, note=note
    )
    return (await doctor.session.consultations.DeclineConsultation(request)).consultation


async def cancelled(patient: Person, consultation: Consultation) -> Consultation:
    request = pb.CancelConsultationRequest(request_id=request_id(), consultation_id=consultation.consultation_id)
    return (await patient.session.consultations.CancelConsultation(request)).consultation


async def invited(doctor: Person, consultation: Consultation, colleague: Person) -> Consultation:
    request = pb.InviteColleagueRequest(
        request_id=request_id(), consultation_id=consultation.consultation_id, doctor_id=colleague.account_id
    )
    return (await doctor.session.consultations.InviteColleague(request)).consultation


async def closed(doctor: Person, consultation: Consultation, **outcome: Any) -> Consultation:
    request = pb.CloseConsultationRequest(
        request_id=request_id(),
        consultation_id=consultation.consultation_id,
        outcome=Outcome(**({"summary": "二型糖尿病复诊"} | outcome)),
    )
    return (await doctor.session.consultations.CloseConsultation(request)).consultation


async def seen(person: Person, consultation: Consultation) -> Consultation:
    request = pb.GetConsultationRequest(consultation_id=consultation.consultation_id)
    return (await person.session.consultations.GetConsultation(request)).consultation


async def listed(person: Person, **fields: Any) -> list[Consultation]:
    answer = await person.session.consultations.ListConsultations(pb.ListConsultationsRequest(**fields))
    return list(answer.consultations)


async def pooled_doctors(people: People, department: str, count: int) -> list[Person]:
    """Listed doctors of a department. One at a time: the admin reviews them."""
    return [await listed_doctor(people, department) for _ in range(count)]


async def fetch(database: Database, statement: str, *values: Any) -> list[Any]:
    async with database.connection() as connection:
        return list(await connection.fetch(statement, *values))


async def execute(database: Database, statement: str, *values: Any) -> None:
    async with database.connection() as connection:
        await connection.execute(statement, *values)


def as_uuid(consultation: Consultation) -> UUID:
    return UUID(consultation.consultation_id)
