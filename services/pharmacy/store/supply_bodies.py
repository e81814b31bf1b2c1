"""Supplies and warnings as the contract has them."""

from datetime import datetime, timedelta

from apricot.pharmacy.v1.refill_pb2 import (
    Supply,
    SupplyBasis,
    SupplyLot,
    SupplyState,
    SupplyWarning,
    SupplyWarningKind,
)

from kit.times import to_timestamp
from services.pharmacy.domain.supply import Basis, Outlook
from services.pharmacy.store.supply_tables import SupplyLotRow, SupplyRow, SupplyWarningRow

_ONE_DAY = timedelta(days=1)


def supply_message(row: SupplyRow, repeats_left: int, now: datetime) -> Supply:
    """As it stands now, by the figures of the last look."""
    outlook = Outlook(row.run_out_time, Basis(row.basis) if row.basis else None, fell_behind=row.fell_behind)
    message = Supply(
        atc_code=row.atc_code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        state=SupplyState.ValueType(outlook.state(now)),
        basis=SupplyBasis.ValueType(outlook.basis or 0),
        repeats_left=repeats_left,
        fell_behind=outlook.fell_behind,
        look_time=to_timestamp(row.look_time) if row.look_time else None,
    )
    if outlook.run_out_time is not None:
        message.days_left = max(0, (outlook.run_out_time - now) // _ONE_DAY)
        message.run_out_time.CopyFrom(to_timestamp(outlook.run_out_time))
    return message


def lot_message(row: SupplyLotRow) -> SupplyLot:
    """One delivery's share."""
    return SupplyLot(
        order_id=str(row.order_id),
        line=row.line,
        atc_code=row.atc_code,
        amount="" if row.amount is None else format(row.amount, "f"),
        unit=row.unit,
        daily_amount="" if row.daily is None else format(row.daily, "f"),
        prescription_id=str(row.prescription_id or ""),
        start_time=to_timestamp(row.start_time),
        end_time=to_timestamp(row.end_time) if row.end_time else None,
    )


def warning_message(row: SupplyWarningRow) -> SupplyWarning:
    """One warning."""
    return SupplyWarning(
        warning_id=str(row.warning_id),
        patient_id=str(row.patient_id),
        clinician_id=str(row.clinician_id),
        atc_code=row.atc_code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        kind=SupplyWarningKind.ValueType(row.kind),
        create_time=to_timestamp(row.create_time),
        acknowledge_time=to_timestamp(row.acknowledge_time) if row.acknowledge_time else None,
    )
