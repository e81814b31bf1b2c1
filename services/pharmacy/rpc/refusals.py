"""Refusals that carry facts for the client."""

from datetime import UTC, date, datetime
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError


def out_of_stock(product_id: UUID, available: int) -> ApricotError:
    """Fewer packs are there than are wanted."""
    metadata = {"product_id": str(product_id), "available": str(available)}
    return ApricotError(Reason.REASON_OUT_OF_STOCK, "fewer are in stock than asked for", metadata=metadata)


def prescription_required(product_id: UUID) -> ApricotError:
    """It is sold on prescription only."""
    metadata = {"product_id": str(product_id)}
    return ApricotError(Reason.REASON_PRESCRIPTION_REQUIRED, "it is sold on prescription only", metadata=metadata)


def closed(opens: datetime | None = None) -> ApricotError:
    """The pharmacy takes no orders now, and from when on it does where that is known."""
    metadata = {"from": opens.astimezone(UTC).isoformat()} if opens else {}
    return ApricotError(Reason.REASON_OUTSIDE_POLICY, "the pharmacy takes no orders now", metadata=metadata)


def require_licence(last_day: date, today: date) -> None:
    """A pharmacy's licence is valid, by its own day. Errors: LICENCE_EXPIRED."""
    if last_day < today:
        raise ApricotError(Reason.REASON_LICENCE_EXPIRED, "the pharmacy's licence has ended")


def too_late(until: datetime) -> ApricotError:
    """It could be done until then."""
    metadata = {"until": until.astimezone(UTC).isoformat()}
    return ApricotError(Reason.REASON_OUTSIDE_POLICY, "it is too late for this", metadata=metadata)
