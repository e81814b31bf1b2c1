"""Products: made of what is told of them, and written."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apricot.pharmacy.v1.product_pb2 import PRODUCT_CLASS_PRESCRIPTION, PRODUCT_STORAGE_REFRIGERATED, ProductContent
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import raw_connection
from services.pharmacy.domain.products import amount_text, pack_text, product_id
from services.pharmacy.store.catalog_tables import ProductRow
from services.pharmacy.store.documents import lexemes

COLUMNS = (
    *("product_id", "approval_number", "atc_code", "name_zh", "name_en", "pack"),
    *("prescription_only", "cold_chain", "content", "update_time"),
)
"""Of a product, but for its document."""

# In the order of their ids, so that two writers never wait for each other.
_WRITE = f"""
insert into product ({", ".join(COLUMNS)}, document)
select {", ".join(COLUMNS)}, array_to_tsvector(string_to_array(lexemes, ' '))
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::bool[], $9::bytea[],
  $10::timestamptz[], $11::text[]) as wanted ({", ".join(COLUMNS)}, lexemes)
order by product_id
on conflict (product_id) do update set {", ".join(f"{column} = excluded.{column}" for column in COLUMNS[1:])},
  document = excluded.document
returning product_id, (xmax = 0) as is_new
"""  # noqa: S608  fixed words


def id_of(content: ProductContent) -> UUID:
    """The id of the product of which this is told."""
    return product_id(content.approval_number, content.pack.value, content.pack.unit)


def product_row(content: ProductContent, now: datetime) -> ProductRow:
    """A product of which this is told."""
    strength = content.strength_text or amount_text(content.strength.value, content.strength.unit)
    pack = amount_text(content.pack.value, content.pack.unit)
    measure = amount_text(content.pack_measure.value, content.pack_measure.unit) if content.pack_measure.unit else ""
    return ProductRow(
        product_id=id_of(content),
        approval_number=content.approval_number,
        atc_code=content.atc_code,
        name_zh=content.name_zh,
        name_en=content.name_en,
        pack=pack_text(strength, pack, measure),
        prescription_only=content.product_class == PRODUCT_CLASS_PRESCRIPTION,
        cold_chain=content.storage == PRODUCT_STORAGE_REFRIGERATED,
        content=content.SerializeToString(deterministic=True),
        update_time=now,
    )


async def write(session: AsyncSession, contents: Sequence[ProductContent], now: datetime) -> dict[UUID, bool]:
    """Add or replace these products, each once; which of them, by id, are new."""
    rows = [product_row(content, now) for content in contents]
    columns: list[list[object]] = [[getattr(row, column) for row in rows] for column in COLUMNS]
    found_by = [" ".join(lexemes(content)) for content in contents]  # tokens hold no space
    found = await (await raw_connection(session)).fetch(_WRITE, *columns, found_by)
    return {row["product_id"]: row["is_new"] for row in found}
