"""The till: the one place where what providers say of money is taken in, whether they call, or are asked."""

from collections.abc import Mapping

import structlog

from kit.clock import Clock
from kit.database import Database
from services.pharmacy.domain.payments import RefundState, State
from services.pharmacy.events import Telling
from services.pharmacy.money.returns import take_refund
from services.pharmacy.money.trades import take_trade
from services.pharmacy.providers import port
from services.pharmacy.providers.port import AlreadyPaidError, Provider, RefusedError, Trade, TradeState
from services.pharmacy.store.payment_tables import PaymentRow, RefundRow

log = structlog.get_logger()

_REASON = "订单退款"
"""What the buyer reads beside the money that came back."""


class Till:
    """Asks providers, outside of any transaction, and takes in what they say, each time in one. Any number of
    processes do it side by side."""

    def __init__(self, database: Database, telling: Telling, providers: Mapping[str, Provider], clock: Clock) -> None:
        self.providers = providers
        """By their names; those that this deployment offers."""
        self._database = database
        self._telling = telling
        self._clock = clock

    async def take(self, provider: str, heard: Trade | port.Refund) -> None:
        """Take in what a provider tells, however often and in whichever order. What does not fit is taken too, for an
        operator to see: telling it again would not make it fit."""
        now = self._clock()
        async with self._database.transaction() as session:
            if isinstance(heard, Trade):
                news = await take_trade(session, provider, heard, now)
            else:
                news = await take_refund(session, provider, heard, now)
        news.count(provider)
        if news.order_id is not None:
            await self._telling.changed(news.order_id)

    async def look(self, payment: PaymentRow) -> None:
        """Ask where a payment stands; one that nobody shall pay any more is closed. Errors: an outage."""
        provider = self._provider(payment)
        if provider is None:
            return
        if payment.state == State.CLOSING and await _close(provider, payment):
            trade: Trade | None = Trade(payment.payment_id, TradeState.CLOSED, payment.amount_minor, payment.currency)
        else:
            trade = await provider.find(payment.payment_id)
        if trade is not None:
            await self.take(provider.name, trade)

    async def give_back(self, refund: RefundRow, payment: PaymentRow) -> None:
        """Ask for a refund, or where one stands that is under way. Errors: an outage."""
        provider = self._provider(payment)
        if provider is None:
            return
        found = None
        if refund.state == RefundState.UNDER_WAY:
            found = await provider.find_refund(payment.payment_id, refund.refund_id)
        await self.take(provider.name, found or await _refund(provider, refund, payment))

    def _provider(self, payment: PaymentRow) -> Provider | None:
        found = self.providers.get(payment.provider)
        if found is None:
            log.error("money waits at a provider that is not configured", provider=payment.provider)
        return found


async def _close(provider: Provider, payment: PaymentRow) -> bool:
    """Whether it is closed; otherwise it was paid."""
    try:
        await provider.close(payment.payment_id)
    except AlreadyPaidError:
        return False
    return True


async def _refund(provider: Provider, refund: RefundRow, payment: PaymentRow) -> port.Refund:
    """What the provider says; a refusal is a refund that failed, unless it knows of it: an earlier answer was lost."""
    ids, amount_minor = (payment.payment_id, refund.refund_id), refund.amount_minor
    try:
        return await provider.refund(*ids, amount_minor, payment.amount_minor, refund.currency, _REASON)
    except RefusedError as error:
        if (found := await provider.find_refund(*ids)) is not None:
            return found
        log.error("a refund was refused", provider=provider.name, refund_id=str(refund.refund_id), why=str(error))
        return port.Refund(*ids, port.RefundState.FAILED, amount_minor, refund.currency)
