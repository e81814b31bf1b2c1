"""What an order's item gave the patient, and how fast it is to be used: from the product and the prescription."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from apricot.consult.v1 import prescription_pb2
from apricot.consult.v1.prescription_pb2 import Frequency, PrescriptionContent, PrescriptionItem
from apricot.pharmacy.v1.product_pb2 import ProductContent
from sqlmodel.ext.asyncio.session import AsyncSession

from formulary.amounts import Amount
from formulary.atc import is_combination
from services.pharmacy.domain.supply import measured
from services.pharmacy.store import prescriptions
from services.pharmacy.store.catalog_tables import ProductRow
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow
from services.pharmacy.store.supply_tables import SupplyLotRow


async def lot_of(session: AsyncSession, order: OrderRow, item: OrderItemRow, now: datetime) -> SupplyLotRow:
    """What was handed over now."""
    lot = SupplyLotRow(
        order_id=order.order_id,
        line=item.line,
        patient_id=order.patient_id,
        atc_code=item.atc_code,
        start_time=now,
    )
    product = await session.get(ProductRow, item.product_id)
    if product is not None:
        _add_amount(lot, ProductContent.FromString(product.content), item.quantity)
    if order.prescription_id is not None and item.prescription_item:
        content = await _prescription(session, order.patient_id, order.prescription_id, order.prescription_revision)
        if content is not None and item.prescription_item <= len(content.written.items):
            lot.prescription_id, lot.prescriber_id = order.prescription_id, UUID(content.doctor_id)
            lot.daily = _daily(content.written.items[item.prescription_item - 1], lot.unit)
    return lot


def _add_amount(lot: SupplyLotRow, content: ProductContent, packs: int) -> None:
    strength = _strength(lot.atc_code, content.strength)
    if strength is not None:
        lot.strength, lot.strength_unit = strength.value, strength.unit
    # A pack is counted in containers or in units; where it has a measure too, that tells what is in it.
    packed = _amount(content.pack_measure if content.HasField("pack_measure") else content.pack)
    pack = measured(packed, strength)
    lot.amount, lot.unit = pack.value * packs, pack.unit


async def _prescription(
    session: AsyncSession, patient_id: UUID, prescription_id: UUID, revision: int
) -> PrescriptionContent | None:
    rows = await prescriptions.revisions(session, patient_id, prescription_id)
    return next((prescriptions.content_of(row) for row in rows if row.revision == revision), None)


def _daily(item: PrescriptionItem, unit: str) -> Decimal | None:
    """What is to be taken a day, in the unit of what was dispensed; None: not known, or when needed."""
    dose = measured(_amount(item.dose), _strength(item.atc_code, item.strength))
    times = _times_a_day(item.frequency)
    return dose.value * times if times and dose.value and dose.unit == unit else None


def _strength(atc_code: str, strength: prescription_pb2.Strength) -> Amount | None:
    """None: one number does not tell it, as milligrams of a combination are of which substance?"""
    if is_combination(atc_code) and not strength.unit.startswith("[iU]"):
        return None
    return _amount(strength)


def _times_a_day(frequency: Frequency) -> Decimal | None:
    if frequency.every_hours:
        return Decimal(24) / frequency.every_hours
    return Decimal(frequency.times_per_day) or None


def _amount(amount: prescription_pb2.Amount | prescription_pb2.Strength) -> Amount:
    return Amount(Decimal(amount.value), amount.unit)
