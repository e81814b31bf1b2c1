"""Doctors for tests: a real clinician of identity's, with a practice."""

from uuid import uuid4

from apricot.consult.v1.consultation_pb2 import CONSULTATION_MODE_TEXT, ConsultationMode
from apricot.consult.v1.directory_pb2 import ModeOffer, Practice, UpdatePracticeRequest
from apricot.money.v1.money_pb2 import Money

from tests.people import People, Person


def practice(
    department: str,
    *,
    modes: tuple[ConsultationMode.ValueType, ...] = (CONSULTATION_MODE_TEXT,),
    fee_minor: int = 0,
    listed: bool = True,
) -> Practice:
    """The shortest practice there can be."""
    fee = Money(currency_code="CNY", minor_units=fee_minor)
    offers = [ModeOffer(mode=mode, fee=fee) for mode in modes]
    return Practice(department_code=department, modes=offers, listed=listed)


async def set_practice(doctor: Person, wanted: Practice) -> None:
    """The doctor sets it."""
    await doctor.session.directory.UpdatePractice(UpdatePracticeRequest(request_id=str(uuid4()), practice=wanted))


async def listed_doctor(
    people: People,
    department: str,
    *,
    modes: tuple[ConsultationMode.ValueType, ...] = (CONSULTATION_MODE_TEXT,),
    fee_minor: int = 0,
) -> Person:
    """A new doctor whom patients of the department find."""
    doctor = await people.new_clinician()
    await set_practice(doctor, practice(department, modes=modes, fee_minor=fee_minor))
    return doctor
