"""Who may act for a pharmacy."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.errors import not_found
from services.pharmacy.store.staff import works_at


async def require_staff(session: AsyncSession, call: Call, pharmacy_id: str) -> UUID:
    """The pharmacy, when the caller works there. Errors: NOT_FOUND."""
    pharmacy = UUID(pharmacy_id)
    if not await works_at(session, call.caller.account_id, pharmacy):
        raise not_found("pharmacy")
    return pharmacy
