"""Which order uses a prescription: each dispensing is one order's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from apricot.consult.v1.prescription_pb2 import PrescriptionContent
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1.events_pb2 import PrescriptionDispensed, PrescriptionReturned
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.errors import ApricotError
from kit.outbox import add_event
from kit.times import to_datetime, to_timestamp
from services.pharmacy.domain.orders import Act
from services.pharmacy.domain.prescriptions import (
    EXCHANGE_TIME,
    NotValidError,
    UsedError,
    Wanted,
    Why,
    again_from,
    most_dispensings,
    next_number,
    require_held,
    supply_days,
)
from services.pharmacy.store import catalogue, prescriptions
from services.pharmacy.store.order_tables import OrderRow, OrderStepRow
from services.pharmacy.store.prescription_tables import ClaimRow
from services.pharmacy.store.prescriptions import product_of

_LIVE, _RELEASED, _USED = 1, 2, 3


async def claim(
    session: AsyncSession,
    patient_id: UUID,
    prescription_id: UUID,
    revision: int,
    items: Sequence[tuple[int, UUID, int]],
    order_id: UUID,
    now: datetime,
) -> None:
    """This order uses the prescription, of its items (number from 1 on, product, packs): of many orders at one instant
    one does. Whether the prescription is genuine was looked at before (`rpc/prescription_check.py`). Errors:
    `NotValidError`, `UsedError`, `NotHeldError`, OUTSIDE_POLICY (too early for another dispensing; `from` in the
    metadata)."""
    row = await prescriptions.require_newest(session, patient_id, prescription_id, revision, lock=True)
    content = prescriptions.content_of(row)
    number = await next_dispensing(session, patient_id, content, now)
    duration_days = require_held(prescriptions.lines_of(content), await _wanted(session, items), number)
    session.add(
        ClaimRow(
            order_id=order_id,
            patient_id=patient_id,
            prescription_id=prescription_id,
            revision=revision,
            number=number,
            duration_days=duration_days,
            claim_time=now,
        )
    )
    await session.flush()


async def next_dispensing(session: AsyncSession, patient_id: UUID, content: PrescriptionContent, now: datetime) -> int:
    """The number of the dispensing that may be ordered now; those of earlier revisions count. Errors: as `claim`."""
    claims = await require_left(session, patient_id, content, now)
    used = _used(claims)
    if used and now < (start := again_from(*used[-1])):
        raise ApricotError(
            Reason.REASON_OUTSIDE_POLICY,
            "the supply of the last dispensing is not nearly used",
            metadata={"from": start.isoformat()},
        )
    return next_number({one.number for one in claims})


async def require_left(
    session: AsyncSession, patient_id: UUID, content: PrescriptionContent, now: datetime
) -> Sequence[ClaimRow]:
    """The claims of a prescription that may be dispensed again, now or once the last supply is nearly used. Errors:
    `NotValidError`, `UsedError`."""
    claims = await _claims(session, patient_id, UUID(content.prescription_id))
    if any(one.state == _LIVE for one in claims):
        raise UsedError("another order uses the prescription")
    lines = prescriptions.lines_of(content)
    used = _used(claims)
    if len(used) >= most_dispensings(lines):
        raise UsedError("the prescription was handed out as often as it may be")
    ends = used[0][0] + timedelta(days=supply_days(lines)) if used else to_datetime(content.expire_time)
    if now >= ends and not await _came_back(session, patient_id, UUID(content.prescription_id), ends, now):
        raise NotValidError("the prescription's course, or its validity, is over", Why.EXPIRED)
    return claims


async def next_time(session: AsyncSession, patient_id: UUID, prescription_id: UUID) -> datetime | None:
    """When another dispensing may be ordered; None: none was handed over yet."""
    used = _used(await _claims(session, patient_id, prescription_id))
    return again_from(*used[-1]) if used else None


async def release(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """Another order may use the order's prescription."""
    if (claimed := await _of_order(session, row)) is not None:
        claimed.state, claimed.end_time = _RELEASED, now


async def restore(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """What the order had of its prescription came back, so that another order may use it: consult hears of it."""
    claimed = await _of_order(session, row)
    if claimed is None:
        return
    claimed.state, claimed.end_time = _RELEASED, now
    event = PrescriptionReturned(
        patient_id=str(row.patient_id),
        prescription_id=str(claimed.prescription_id),
        revision=claimed.revision,
        order_id=str(row.order_id),
        time=to_timestamp(now),
    )
    add_event(session, f"apricot.pharmacy.prescription.returned.{row.patient_id}", event)


async def use(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The order's prescription was dispensed: consult hears of it."""
    claimed = await _of_order(session, row)
    if claimed is None:
        return
    claimed.state, claimed.end_time = _USED, now
    rows = await prescriptions.revisions(session, row.patient_id, claimed.prescription_id)
    (content,) = [prescriptions.content_of(one) for one in rows if one.revision == claimed.revision]
    used = [one for one in await _claims(session, row.patient_id, claimed.prescription_id) if one.state == _USED]
    event = PrescriptionDispensed(
        patient_id=str(row.patient_id),
        prescription_id=str(claimed.prescription_id),
        revision=claimed.revision,
        order_id=str(row.order_id),
        time=to_timestamp(now),
        used_up=len(used) >= most_dispensings(prescriptions.lines_of(content)),
    )
    add_event(session, f"apricot.pharmacy.prescription.dispensed.{row.patient_id}", event)


async def users_of(session: AsyncSession, patient_id: UUID, prescription_id: UUID) -> list[tuple[UUID, int]]:
    """The orders that use a prescription and are not delivered yet, each with the revision."""
    query = select(ClaimRow.order_id, ClaimRow.revision).where(
        ClaimRow.patient_id == patient_id, ClaimRow.prescription_id == prescription_id, ClaimRow.state == _LIVE
    )
    return list((await session.exec(query)).all())


async def _wanted(session: AsyncSession, items: Sequence[tuple[int, UUID, int]]) -> list[Wanted]:
    found = await catalogue.products(session, {product_id for _, product_id, _ in items})
    return [
        Wanted(place, packs, product_of(found[product_id]) if product_id in found else None)
        for place, product_id, packs in items
    ]


async def _claims(session: AsyncSession, patient_id: UUID, prescription_id: UUID) -> Sequence[ClaimRow]:
    query = select(ClaimRow).where(
        ClaimRow.patient_id == patient_id,
        ClaimRow.prescription_id == prescription_id,
        ClaimRow.state != _RELEASED,
    )
    return (await session.exec(query.order_by(col(ClaimRow.number)))).all()


def _used(claims: Sequence[ClaimRow]) -> list[tuple[datetime, int]]:
    """When each dispensing was handed over, and for how many days, the first one first."""
    return sorted((one.end_time, one.duration_days) for one in claims if one.end_time is not None)


async def _of_order(session: AsyncSession, row: OrderRow) -> ClaimRow | None:
    """The order's claim, while no other order may use the prescription."""
    query = select(ClaimRow).where(
        ClaimRow.patient_id == row.patient_id, ClaimRow.order_id == row.order_id, ClaimRow.state != _RELEASED
    )
    return (await session.exec(query.with_for_update())).one_or_none()


async def _came_back(
    session: AsyncSession, patient_id: UUID, prescription_id: UUID, ends: datetime, now: datetime
) -> bool:
    """Whether what was ordered by this prescription in time, and had left the pharmacy, came back or was lost not long
    ago."""
    left = select(OrderStepRow.order_id).where(OrderStepRow.patient_id == patient_id, OrderStepRow.act == Act.PICK_UP)
    query = (
        select(OrderStepRow.order_id)
        .join(OrderRow, col(OrderRow.order_id) == col(OrderStepRow.order_id))
        .where(
            OrderRow.patient_id == patient_id,
            OrderStepRow.patient_id == patient_id,
            OrderRow.prescription_id == prescription_id,
            OrderRow.create_time < ends,
            col(OrderRow.order_id).in_(left),
            col(OrderStepRow.act).in_([Act.BRING_BACK, Act.LAPSE, Act.ACCEPT_RETURN]),
            OrderStepRow.time > now - EXCHANGE_TIME,
        )
        .limit(1)
    )
    return (await session.exec(query)).first() is not None
