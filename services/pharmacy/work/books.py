"""Watches the books: each day is compared with the providers' statements, and each minute whether the ledger sums to
zero."""

from collections import Counter
from datetime import date, timedelta

from kit.clock import Clock
from kit.database import Database
from kit.rounds import every
from services.pharmacy.domain.reconciliation import ZONE, newest_told
from services.pharmacy.money.asking import patiently
from services.pharmacy.money.metrics import DAYS_LATE, DIFFERENCES, FAILED_REFUNDS, IMBALANCE
from services.pharmacy.money.reconciler import Reconciler
from services.pharmacy.store import ledger, reconciliation, refunds
from services.pharmacy.store.reconciliation import Compared

_RECONCILE_SECONDS = 600.0
_WEIGH_SECONDS = 60.0
_LOOK_BACK = timedelta(days=7)
"""For how long a statement that is late is asked for, and a day with differences compared again."""
_AGAIN = timedelta(hours=6)
"""So long after it was compared: what was missing here is asked about, and may have come."""


class Books:
    """Any number of workers watch them; whoever does something twice finds the same."""

    def __init__(self, database: Database, reconciler: Reconciler, clock: Clock) -> None:
        self._database = database
        self._reconciler = reconciler
        self._clock = clock

    async def reconcile_daily(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_RECONCILE_SECONDS, self.reconcile_due, "the reconciliation")

    async def reconcile_due(self) -> None:
        """Every day that is over and was not compared, since money first came, or that differed."""
        for provider in self._reconciler.providers:
            for day, compared in (await self._days(provider)).items():
                if compared is None or (compared.differences and compared.time + _AGAIN <= self._clock()):
                    await patiently(self._reconciler.reconcile(provider, day), provider)

    async def weigh(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_WEIGH_SECONDS, self.weigh_once, "the weighing of the ledger")

    async def weigh_once(self) -> None:
        """Show what is out of balance, how many refunds wait for an operator, and what statements tell otherwise."""
        async with self._database.transaction() as session:
            balances = await ledger.balances(session)
            failed = await refunds.count_failed(session)
        totals: Counter[str] = Counter()
        for _, currency, amount in balances:
            totals[currency] += amount
        IMBALANCE.set(sum(map(abs, totals.values())))
        FAILED_REFUNDS.set(failed)
        for provider in self._reconciler.providers:
            days = await self._days(provider)
            late = [day for day, compared in days.items() if compared is None and day < newest_told(self._clock())]
            DAYS_LATE.labels(provider).set(len(late))
            DIFFERENCES.labels(provider).set(sum(each.differences for each in days.values() if each))

    async def _days(self, provider: str) -> dict[date, Compared | None]:
        """The days of a week that are to be compared, and what was found; None: they were not yet."""
        last = newest_told(self._clock())
        async with self._database.transaction() as session:
            began = await reconciliation.first_payment_time(session, provider)
            if began is None:
                return {}
            first = max(began.astimezone(ZONE).date(), last - _LOOK_BACK)
            compared = await reconciliation.days_compared(session, provider, first)
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return {day: compared.get(day) for day in days}
