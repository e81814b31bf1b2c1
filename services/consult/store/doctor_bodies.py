"""Doctors, hospitals and departments as the contract has them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apricot.consult.v1 import directory_pb2
from apricot.consult.v1.consultation_pb2 import ConsultationMode
from apricot.consult.v1.directory_pb2 import Doctor, Hospital, ModeOffer, Practice
from apricot.money.v1.money_pb2 import Money
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import raw_connection
from kit.times import to_timestamp
from services.consult.domain.practice import CURRENCY
from services.consult.store.departments import Department, departments
from services.consult.store.doctors import FEES
from services.consult.store.tables import HospitalRow

SHOWN = (
    "doctor_id, display_name, title, licence_end_time, department_code, specialties, languages, biography, "
    "text_fee_minor, voice_fee_minor, video_fee_minor, next_slot_time, rating_average, rating_count, answer_minutes, "
    "listed, hospital_id, hospital.name as hospital_name, hospital.name_en as hospital_name_en, grade, city"
)
"""What is shown of a doctor, joined with the hospital by `using (hospital_id)`."""

_FIND = f"select {SHOWN} from doctor left join hospital using (hospital_id) where doctor_id = $1"  # noqa: S608  fixed words
_FIND_LISTED = f"{_FIND} and listed and licence_end_time > $2"


async def find_shown(session: AsyncSession, doctor_id: UUID) -> Mapping[str, Any] | None:
    """A doctor's columns `SHOWN`."""
    found: Mapping[str, Any] | None = await (await raw_connection(session)).fetchrow(_FIND, doctor_id)
    return found


async def find_listed(session: AsyncSession, doctor_id: UUID, now: datetime) -> Mapping[str, Any] | None:
    """The same of a doctor whom patients find now."""
    found: Mapping[str, Any] | None = await (await raw_connection(session)).fetchrow(_FIND_LISTED, doctor_id, now)
    return found


def doctor_message(row: Mapping[str, Any]) -> Doctor:
    """A doctor, from the columns `SHOWN`."""
    message = Doctor(
        doctor_id=str(row["doctor_id"]),
        display_name=row["display_name"],
        title=row["title"],
        department=department_message(departments()[row["department_code"]]),
        specialties=row["specialties"],
        languages=row["languages"],
        biography=row["biography"],
        modes=_offers(row),
        rating_count=row["rating_count"],
        answer_minutes=row["answer_minutes"],
    )
    if row["hospital_id"] is not None:
        message.hospital.hospital_id = str(row["hospital_id"])
        message.hospital.name = row["hospital_name"]
        message.hospital.name_en = row["hospital_name_en"]
        message.hospital.grade = row["grade"]
        message.hospital.city = row["city"]
    if row["rating_count"]:
        message.rating_average = row["rating_average"]
    for name in ("next_slot_time", "licence_end_time"):
        if row[name] is not None:
            getattr(message, name).CopyFrom(to_timestamp(row[name]))
    return message


def practice_message(row: Mapping[str, Any]) -> Practice:
    """How a doctor practises, from the columns `SHOWN`."""
    return Practice(
        hospital_id=str(row["hospital_id"] or ""),
        department_code=row["department_code"],
        specialties=row["specialties"],
        languages=row["languages"],
        modes=_offers(row),
        biography=row["biography"],
        listed=row["listed"],
    )


def _offers(row: Mapping[str, Any]) -> list[ModeOffer]:
    return [_offer(mode, row[column]) for mode, column in FEES.items() if row[column] is not None]


def _offer(mode: int, fee_minor: int) -> ModeOffer:
    fee = Money(currency_code=CURRENCY, minor_units=fee_minor)
    return ModeOffer(mode=ConsultationMode.ValueType(mode), fee=fee)


def hospital_message(row: HospitalRow) -> Hospital:
    """A hospital."""
    return Hospital(
        hospital_id=str(row.hospital_id), name=row.name, name_en=row.name_en, grade=row.grade, city=row.city
    )


def department_message(department: Department) -> directory_pb2.Department:
    """A department."""
    return directory_pb2.Department(code=department.code, name=department.name, name_en=department.name_en)
