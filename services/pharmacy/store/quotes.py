"""Quotes, beside what is asked at present. Each query names whose they are."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database
from services.pharmacy.store.quote_tables import BUYER_NAME, CONTENT, QuoteRow

_FIND = """
select patient_id, quote_id, content, buyer_name, expire_time, time_zone, licence_expiry_date, open_for_orders,
       delivery_base_minor, delivery_per_km_minor,
       array(
         select price_minor from unnest(product_ids) with ordinality as item (product_id, nth)
         left join offer on offer.product_id = item.product_id and offer.pharmacy_id = quote.pharmacy_id order by nth
       ) as prices
from quote join unnest($1::uuid[], $2::uuid[]) as asked (patient_id, quote_id) using (patient_id, quote_id)
join pharmacy using (pharmacy_id)
"""


class QuoteNow(NamedTuple):
    """A quote, and its pharmacy's terms as they are now."""

    content: bytes
    """`apricot.pharmacy.v1.Quote`."""
    buyer_name: str
    expire_time: datetime
    time_zone: str
    licence_expiry_date: date
    open_for_orders: bool
    delivery_base_minor: int
    delivery_per_km_minor: int
    prices: list[int | None]
    """Of each item's pack; None: it is sold no longer."""


class Quotes:
    """Finds quotes. Those that are asked for side by side in one process are found by one query."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: list[_Asked] = []
        self._finder: asyncio.Task[None] | None = None

    async def find(self, patient_id: UUID, quote_id: UUID) -> QuoteNow | None:
        """A quote of the patient's. Errors: an outage."""
        asked = _Asked((patient_id, quote_id), asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        if self._finder is None:
            self._finder = asyncio.create_task(self._find_all())
        kept, keys = await asked.answer, self._database.sealing
        if kept is None:
            return None
        return kept._replace(
            content=keys.open(CONTENT, kept.content), buyer_name=keys.open_text(BUYER_NAME, kept.buyer_name)
        )

    async def _find_all(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, []
                await self._answer(asked)
        finally:
            # In the same step that found nothing left: who asks next must not count on this task.
            self._finder = None

    async def _answer(self, asked: Sequence["_Asked"]) -> None:
        try:
            async with self._database.connection() as connection:
                rows = await connection.fetch(_FIND, *zip(*(one.key for one in asked), strict=True))
        except Exception as error:  # noqa: BLE001  everybody who asked gets it
            for one in asked:
                if not one.answer.done():
                    one.answer.set_exception(error)
            return
        found = {(patient_id, quote_id): QuoteNow(*rest) for patient_id, quote_id, *rest in rows}
        for one in asked:
            if not one.answer.done():  # else the call has ended meanwhile
                one.answer.set_result(found.get(one.key))


class _Asked(NamedTuple):
    key: tuple[UUID, UUID]
    """Whose, and which."""
    answer: asyncio.Future[QuoteNow | None]


async def forget(session: AsyncSession, before: datetime) -> None:
    """Drop those that expired before then, whichever patient_id they name."""
    await session.exec(delete(QuoteRow).where(col(QuoteRow.expire_time) < before))
