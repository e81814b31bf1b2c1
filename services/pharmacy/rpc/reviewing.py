"""Who may review, and what the parts of `apricot.pharmacy.v1.ReviewService` share."""

from datetime import UTC, datetime
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.licence_pb2 import Professional
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, not_allowed, not_found
from kit.professionals import Professionals
from kit.times import to_datetime
from services.pharmacy.domain.reviews import State, WrongStateError
from services.pharmacy.events import Telling
from services.pharmacy.rpc.checking import Checks
from services.pharmacy.store import orders
from services.pharmacy.store import reviews as store
from services.pharmacy.store.review_tables import ReviewRow
from services.pharmacy.store.staff import works_at

KEY = (str, str)
"""The kinds of the parts of a place in a list."""


class Reviewing:
    """The parts that every method needs."""

    def __init__(
        self, database: Database, telling: Telling, checks: Checks, pharmacists: Professionals, clock: Clock
    ) -> None:
        self._database = database
        self._telling = telling
        self._checks = checks
        self._pharmacists = pharmacists
        self._clock = clock

    async def _licensed(self, call: Call, now: datetime) -> Professional:
        """The caller, by name and licence. Errors: LICENCE_EXPIRED; an outage."""
        account = call.caller.account_id
        found = (await self._pharmacists.find([account])).get(account)
        if found is None or now >= to_datetime(found.end_time):
            raise ApricotError(Reason.REASON_LICENCE_EXPIRED, "no pharmacist's licence of yours is valid")
        return found


async def require_review(session: AsyncSession, call: Call, order_id: str, *, lock: bool = False) -> ReviewRow:
    """A review of a pharmacy where the caller works; locked, neither it nor its order is changed by others until the
    transaction ends. Errors: NOT_FOUND."""
    wanted = UUID(order_id)
    patient_id = await orders.patient_of(session, wanted)
    if patient_id is None:
        raise not_found("review")
    if lock:
        await orders.find(session, patient_id, wanted, lock=True)  # first, as whatever moves the order does
    row = await store.find(session, patient_id, wanted, lock=lock)
    if row is None or not await works_at(session, call.caller.account_id, row.pharmacy_id):
        raise not_found("review")
    return row


async def require_claimed(
    session: AsyncSession, call: Call, order_id: str, now: datetime, *, lock: bool = False
) -> ReviewRow:
    """A review that the caller has claimed. Errors: NOT_FOUND, `WrongStateError`."""
    row = await require_review(session, call, order_id, lock=lock)
    if store.standing_of(row, now) is not State.CLAIMED or row.pharmacist_id != call.caller.account_id:
        raise WrongStateError("claim the review first")
    return row


def require_impartial(row: ReviewRow, call: Call) -> None:
    """Nobody reviews what is for oneself or was prescribed by oneself. Errors: NOT_ALLOWED."""
    if call.caller.account_id in (row.patient_id, row.doctor_id):
        raise not_allowed("neither the patient nor the prescriber reviews a prescription")


def behind(key: list[str] | None) -> store.Place | None:
    """The last one already shown, from a page token. Errors: INVALID_PAGE_TOKEN."""
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]).astimezone(UTC), UUID(key[1])
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error
