"""Where a page of orders ended."""

from datetime import UTC, datetime
from uuid import UUID

from kit import paging
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.orders import Place

KEY = (str, str)
"""The kinds of such a key's parts."""


def key_of(row: OrderRow) -> paging.Key:
    """When the last order shown was placed, and its id."""
    return row.create_time.isoformat(), str(row.order_id)


def behind(key: list[str] | None) -> Place | None:
    """The same, from a page token. Errors: INVALID_PAGE_TOKEN."""
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]).astimezone(UTC), UUID(key[1])
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error
