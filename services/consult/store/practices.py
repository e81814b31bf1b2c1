"""How a doctor practises."""

from collections.abc import Mapping

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.domain.practice import CURRENCY, language_ranges
from services.consult.store.doctors import FEES
from services.consult.store.documents import index
from services.consult.store.tables import DoctorModeRow, DoctorRow


async def write(session: AsyncSession, doctor: DoctorRow, fees_minor: Mapping[int, int]) -> None:
    """A doctor's practice, and what each mode costs."""
    for mode, column in FEES.items():
        setattr(doctor, column, fees_minor.get(mode))
    doctor.language_ranges = language_ranges(doctor.languages)
    session.add(doctor)
    await session.flush()
    await session.exec(delete(DoctorModeRow).where(col(DoctorModeRow.doctor_id) == doctor.doctor_id))
    session.add_all(
        DoctorModeRow(doctor_id=doctor.doctor_id, mode=mode, fee_minor=fee, currency=CURRENCY)
        for mode, fee in fees_minor.items()
    )
    await index(session, [doctor])
