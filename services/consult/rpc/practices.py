"""A doctor sets her own practice: `DirectoryService.UpdatePractice`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apricot.consult.v1.directory_pb2 import ModeOffer, Practice
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.errors import invalid_field, not_found
from kit.professionals import Professionals
from services.consult.domain.fee_bounds import BoundsByTitle, require_fee
from services.consult.domain.practice import CURRENCY, LicenceDiffersError, require_licence, require_years
from services.consult.domain.public_words import check_public_words
from services.consult.store import doctors, licences, practices
from services.consult.store.departments import departments
from services.consult.store.doctor_bodies import find_shown
from services.consult.store.tables import DoctorRow, HospitalRow


async def set_practice(
    session: AsyncSession,
    professionals: Professionals,
    fee_bounds: BoundsByTitle,
    doctor_id: UUID,
    wanted: Practice,
    now: datetime,
) -> Mapping[str, Any]:
    """Write it, and what identity says of the doctor at this moment. Errors: those of `UpdatePractice`."""
    await doctors.lock(session, [doctor_id])
    fees_minor = _fees(wanted.modes)
    if wanted.listed and not fees_minor:
        raise invalid_field("practice.modes", "a doctor who is listed takes consultations in some mode")
    if wanted.department_code not in departments():
        raise invalid_field("practice.department_code", "there is no such department")
    check_public_words(_free_words(wanted))
    hospital = await _hospital(session, wanted.hospital_id)
    doctor = await session.get(DoctorRow, doctor_id) or DoctorRow(
        doctor_id=doctor_id, display_name="", title="", department_code=wanted.department_code
    )
    known = (await professionals.find([doctor_id])).get(doctor_id)
    licences.write(doctor, known)
    if wanted.listed:
        require_licence(doctor.licence_end_time, now)
        require_years(doctor.first_registration_date, now)
    if hospital is not None and not licences.has_hospital(known, hospital):
        raise LicenceDiffersError
    for index, offer in enumerate(wanted.modes):
        require_fee(fee_bounds, doctor.title, f"practice.modes[{index}].fee", offer.fee.minor_units)
    doctor.hospital_id = hospital.hospital_id if hospital else None
    doctor.department_code, doctor.listed = wanted.department_code, wanted.listed
    doctor.specialties, doctor.languages = list(wanted.specialties), list(wanted.languages)
    doctor.biography = wanted.biography
    await practices.write(session, doctor, fees_minor)
    found = await find_shown(session, doctor_id)
    assert found is not None, "it was written above"  # noqa: S101
    return found


def _free_words(wanted: Practice) -> list[tuple[str, str]]:
    """Return what patients read in the doctor's own words, each with its field."""
    specialties = [(f"practice.specialties[{index}]", text) for index, text in enumerate(wanted.specialties)]
    return [*specialties, ("practice.biography", wanted.biography)]


async def _hospital(session: AsyncSession, hospital_id: str) -> HospitalRow | None:
    """Return the hospital, which nobody changes until the transaction ends; None: none is named. Errors: NOT_FOUND."""
    if not hospital_id:
        return None
    hospital = await session.get(HospitalRow, UUID(hospital_id), with_for_update={"read": True})
    if hospital is None:
        raise not_found("hospital")
    return hospital


def _fees(offers: Sequence[ModeOffer]) -> dict[int, int]:
    """What each mode costs. Errors: INVALID_FIELD."""
    fees_minor: dict[int, int] = {}
    for index, offer in enumerate(offers):
        if offer.fee.currency_code != CURRENCY:
            raise invalid_field(f"practice.modes[{index}].fee.currency_code", f"fees are in {CURRENCY}")
        if offer.mode in fees_minor:
            raise invalid_field(f"practice.modes[{index}].mode", "each mode comes once")
        fees_minor[offer.mode] = offer.fee.minor_units
    return fees_minor
