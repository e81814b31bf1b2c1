"""Carries out refunds, and asks how those stand that are under way, with growing pauses while a provider is away. A
refund has one id, by which a provider gives money back once, however often it is asked."""

import asyncio

from kit.clock import Clock
from kit.database import Database
from kit.rounds import every
from services.pharmacy.money.asking import patiently
from services.pharmacy.money.till import Till
from services.pharmacy.store import refunds

_EVERY_SECONDS = 1.0
_BATCH = 20


class Refunds:
    """Does those that are due."""

    def __init__(self, database: Database, till: Till, clock: Clock) -> None:
        self._database = database
        self._till = till
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_EVERY_SECONDS, self.give_back_due, "the refunds")

    async def give_back_due(self) -> None:
        """Everything whose time has come."""
        while True:
            async with self._database.transaction() as session:
                due = await refunds.claim_tries(session, self._clock(), _BATCH)
            await asyncio.gather(
                *(patiently(self._till.give_back(refund, payment), payment.provider) for refund, payment in due)
            )
            if len(due) < _BATCH:
                return
