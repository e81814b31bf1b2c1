"""What pharmacies ask for products, and the lots on their shelves."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain.stock import require_not_below_held
from services.pharmacy.store.catalog_tables import LotRow, OfferRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow

type LotKey = tuple[UUID, date, UUID]
"""Product, expiry date, lot: in that order they are listed."""


async def put_offers(
    session: AsyncSession, pharmacy_id: UUID, prices: Mapping[UUID, int | None], now: datetime
) -> None:
    """Set what a pharmacy asks for these products; None: it does not offer them any more."""
    await _take_turns(session, pharmacy_id)
    gone = [product for product, price in prices.items() if price is None]
    of_pharmacy = col(OfferRow.pharmacy_id) == pharmacy_id
    await session.exec(delete(OfferRow).where(of_pharmacy, col(OfferRow.product_id).in_(gone)))
    # In the order of their ids, so that two writers never wait for each other.
    offers = [
        {"pharmacy_id": pharmacy_id, "product_id": product, "price_minor": price, "update_time": now}
        for product, price in sorted(prices.items())
        if price is not None
    ]
    if offers:
        statement = insert(OfferRow).values(offers)
        told = {name: statement.excluded[name] for name in ("price_minor", "update_time")}
        key = [col(OfferRow.pharmacy_id), col(OfferRow.product_id)]
        await session.exec(statement.on_conflict_do_update(index_elements=key, set_=told))


async def set_lot(
    session: AsyncSession,
    pharmacy_id: UUID,
    product_id: UUID,
    lot_number: str,
    expiry_date: date,
    on_hand: int,
    now: datetime,
) -> LotRow:
    """How much of a lot stands on the shelf. Errors: `BelowHeldError`."""
    await _take_turns(session, pharmacy_id)
    key = {"pharmacy_id": pharmacy_id, "product_id": product_id, "lot_number": lot_number}
    values = {"lot_id": uuid4(), "expiry_date": expiry_date, "on_hand": 0, "held": 0, "update_time": now}
    await session.exec(insert(LotRow).values(**key, **values).on_conflict_do_nothing(constraint="stock_lot_number"))
    query = select(LotRow).filter_by(**key).with_for_update()
    lot = (await session.exec(query)).one()
    require_not_below_held(on_hand, lot.held)
    lot.expiry_date, lot.on_hand, lot.update_time = expiry_date, on_hand, now
    await session.flush()
    return lot


async def _take_turns(session: AsyncSession, pharmacy_id: UUID) -> None:
    """One after the other in a pharmacy: a new offer sees each lot, or the lot's trigger sees the offer."""
    query = select(PharmacyRow.pharmacy_id).where(PharmacyRow.pharmacy_id == pharmacy_id)
    await session.exec(query.with_for_update(key_share=True))


async def lots_page(
    session: AsyncSession, pharmacy_id: UUID, product_id: UUID | None, behind: LotKey | None, limit: int
) -> Sequence[LotRow]:
    """At most so many lots on a pharmacy's shelves; of each product the first to expire first."""
    order = col(LotRow.product_id), col(LotRow.expiry_date), col(LotRow.lot_id)
    query = select(LotRow).where(LotRow.pharmacy_id == pharmacy_id)
    if product_id is not None:
        query = query.where(LotRow.product_id == product_id)
    if behind is not None:
        query = query.where(tuple_(*order) > tuple_(*behind))
    return (await session.exec(query.order_by(*order).limit(limit))).all()
