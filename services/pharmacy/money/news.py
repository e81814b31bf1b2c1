"""What came of something that a provider told, for whoever counts and tells it once it is committed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.money.metrics import CAPTURES, DISPUTES, REFUNDS
from services.pharmacy.providers.port import Refund, Trade
from services.pharmacy.store import disputes
from services.pharmacy.store.disputes import Kind
from services.pharmacy.store.payment_tables import DisputeRow, PaymentRow, RefundRow

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class News:
    """What came of it; by default nothing."""

    order_id: UUID | None = None
    """The order that somebody may be watching."""
    capture: str = ""
    """`counted`, `late` or `twice`."""
    refund: str = ""
    """Where a refund stands now."""
    dispute: Kind | None = None
    """What does not fit, when it was not known before."""

    def count(self, provider: str) -> None:
        """Count it, and tell the operators what does not fit."""
        if self.capture:
            CAPTURES.labels(provider, self.capture).inc()
        if self.refund:
            REFUNDS.labels(provider, self.refund).inc()
        if self.dispute is not None:
            DISPUTES.labels(provider, self.dispute.name.lower()).inc()
            log.error("a provider says what does not fit", provider=provider, kind=self.dispute.name.lower())


async def park(session: AsyncSession, provider: str, heard: Trade | Refund, kind: Kind, now: datetime) -> Kind | None:
    """Keep what does not fit for an operator; the kind when it is new."""
    row = DisputeRow(
        provider=provider,
        kind=kind,
        payment_id=heard.payment_id,
        refund_id=heard.refund_id if isinstance(heard, Refund) else None,
        amount_minor=heard.amount_minor,
        currency=heard.currency,
        reference=heard.reference,
        create_time=now,
    )
    return kind if await disputes.add(session, row) else None


def misfit(ours: PaymentRow | RefundRow, heard: Trade | Refund) -> Kind | None:
    """In what that which a provider tells differs from what we asked it for."""
    if heard.currency != ours.currency:
        return Kind.CURRENCY
    return Kind.AMOUNT if heard.amount_minor != ours.amount_minor else None
