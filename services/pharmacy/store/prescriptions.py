"""Prescriptions as consult told of them."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from apricot.consult.v1 import prescription_pb2
from apricot.consult.v1.prescription_pb2 import PrescriptionContent
from apricot.pharmacy.v1.product_pb2 import ProductContent
from google.protobuf.message import DecodeError
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from formulary.amounts import Amount
from services.pharmacy.domain.prescriptions import Act, Line, NotValidError, Product, State, Why, heard, require_issued
from services.pharmacy.store.catalog_tables import ProductRow
from services.pharmacy.store.prescription_tables import PrescriptionRow


async def hear(session: AsyncSession, patient_id: UUID, told: prescription_pb2.Prescription, act: Act | None) -> None:
    """What an event told of a revision: that it was issued (None), or what happened to it. In whichever order events
    come, the newest revision alone is in force, and what was taken back stays so."""
    prescription_id = UUID(told.prescription_id)
    # The first event of a prescription has no row to lock.
    await (await session.connection()).execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"prescription {prescription_id}"}
    )
    rows = await revisions(session, patient_id, prescription_id, lock=True)
    row = next((row for row in rows if row.revision == told.revision), None)
    if row is None:
        row = _copy(patient_id, told)
        session.add(row)
    if any(other.revision > told.revision for other in rows):
        row.state = heard(State(row.state), Act.REPLACE)
    if act is not None:
        row.state = heard(State(row.state), act)
    for older in rows:
        if older.revision < told.revision:
            older.state = heard(State(older.state), Act.REPLACE)
    await session.flush()


async def revisions(
    session: AsyncSession, patient_id: UUID, prescription_id: UUID, *, lock: bool = False
) -> Sequence[PrescriptionRow]:
    """All revisions of a patient's prescription, the newest last; locked, nobody else changes or claims them until the
    transaction ends. Read anew."""
    query = (
        select(PrescriptionRow)
        .where(PrescriptionRow.patient_id == patient_id, PrescriptionRow.prescription_id == prescription_id)
        .order_by(col(PrescriptionRow.revision))
        .execution_options(populate_existing=True)
    )
    return (await session.exec(query.with_for_update() if lock else query)).all()


async def patient_of(session: AsyncSession, prescription_id: UUID) -> UUID | None:
    """Whose prescription it is: the patient_id under which everything else of it is asked for."""
    query = select(PrescriptionRow.patient_id).where(PrescriptionRow.prescription_id == prescription_id).limit(1)
    return (await session.exec(query)).one_or_none()


async def require_newest(
    session: AsyncSession, patient_id: UUID, prescription_id: UUID, revision: int = 0, *, lock: bool = False
) -> PrescriptionRow:
    """The newest revision, and this one where one is named (0: none is), when nobody has taken it back or rejected it.
    Errors: `NotValidError`."""
    rows = await revisions(session, patient_id, prescription_id, lock=lock)
    if not rows:
        raise NotValidError("there is no such prescription", Why.UNKNOWN)
    require_issued(State(rows[-1].state))
    if revision and rows[-1].revision != revision:
        raise NotValidError("another revision of the prescription is in force", Why.REPLACED)
    return rows[-1]


async def reject(session: AsyncSession, patient_id: UUID, prescription_id: UUID, revision: int) -> None:
    """A pharmacist rejected this revision: no order can use it any more."""
    for row in await revisions(session, patient_id, prescription_id, lock=True):
        if row.revision == revision:
            row.state = heard(State(row.state), Act.REJECT)


def content_of(row: PrescriptionRow) -> PrescriptionContent:
    """What was signed. Errors: `NotValidError`."""
    try:
        return PrescriptionContent.FromString(row.signed_content)
    except DecodeError as error:
        raise NotValidError("the prescription cannot be read", Why.NOT_GENUINE) from error


def lines_of(content: PrescriptionContent) -> list[Line]:
    """Its medicines, in order."""
    return [
        Line(item.atc_code, _amount(item.strength), _amount(item.quantity), item.duration_days, item.repeats)
        for item in content.written.items
    ]


def product_of(row: ProductRow) -> Product | None:
    """What a prescription asks of a product; None: the catalogue does not tell."""
    content = ProductContent.FromString(row.content)
    if not (content.HasField("strength") and content.HasField("pack")):
        return None
    told = [content.pack, *([content.pack_measure] if content.HasField("pack_measure") else [])]
    return Product(row.atc_code, _amount(content.strength), [_amount(each) for each in told])


def _amount(amount: prescription_pb2.Amount | prescription_pb2.Strength) -> Amount:
    return Amount(Decimal(amount.value), amount.unit)


def _copy(patient_id: UUID, told: prescription_pb2.Prescription) -> PrescriptionRow:
    """Of one that was altered nothing is told but that it is there: it has no bytes, and so never is genuine."""
    return PrescriptionRow(
        prescription_id=UUID(told.prescription_id),
        revision=told.revision,
        patient_id=patient_id,
        signed_content=told.signed_content,
        signature=told.signature,
        key_id=UUID(told.key_id),
        state=State.ISSUED,
    )
