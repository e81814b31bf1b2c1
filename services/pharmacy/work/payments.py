"""Asks providers about payments that are open: a callback that was lost is found so, and what nobody shall pay any more
is closed. When to ask is a time on the payment's row, moved on by whoever takes it before the provider is asked: a look
that a dying worker took is made at the next time."""

import asyncio

from kit.clock import Clock
from kit.database import Database
from kit.rounds import every
from services.pharmacy.money.asking import patiently
from services.pharmacy.money.till import Till
from services.pharmacy.store import payments

_EVERY_SECONDS = 1.0
_BATCH = 20


class PaymentLooks:
    """Makes the looks that are due."""

    def __init__(self, database: Database, till: Till, clock: Clock) -> None:
        self._database = database
        self._till = till
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_EVERY_SECONDS, self.look_due, "the looks at payments")

    async def look_due(self) -> None:
        """Everything whose time has come."""
        while True:
            async with self._database.transaction() as session:
                due = await payments.claim_looks(session, self._clock(), _BATCH)
            await asyncio.gather(*(patiently(self._till.look(payment), payment.provider) for payment in due))
            if len(due) < _BATCH:
                return
