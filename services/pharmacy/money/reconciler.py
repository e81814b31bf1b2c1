"""Compares what a provider says of a day with our books, and books what it kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import structlog
from apricot.pharmacy.v1.ledger_pb2 import ReconciliationReport
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.database import Database
from kit.times import to_timestamp
from services.pharmacy.domain import ledger as accounts
from services.pharmacy.domain.ledger import Event
from services.pharmacy.domain.reconciliation import Amount, Difference, Finding, Key, compare, span
from services.pharmacy.providers.port import Provider, StatementLine
from services.pharmacy.store import ledger
from services.pharmacy.store import reconciliation as store
from services.pharmacy.store.ledger_bodies import difference_message
from services.pharmacy.store.payment_bodies import provider_value

log = structlog.get_logger()

CURRENCY = "CNY"
"""In which providers keep their fees."""
_MOST_DIFFERENCES = 1_000
"""In a report; where there are more, something is wrong with all of them."""


class Reconciler:
    """May be asked for the same day again and again."""

    def __init__(self, database: Database, providers: Mapping[str, Provider], clock: Clock) -> None:
        self.providers = providers
        """By their names."""
        self._database = database
        self._clock = clock

    async def reconcile(self, provider: str, day: date) -> ReconciliationReport | None:
        """What was found, which is kept; None: the statement is not there yet. Errors: an outage."""
        lines = await self.providers[provider].statement(day)
        if lines is None:
            return None
        now = self._clock()
        async with self._database.transaction() as session:
            findings = await _compare(session, provider, day, lines)
            missing = [finding.key for finding in findings if finding.kind is Difference.MISSING_HERE]
            await store.look_again(session, missing, now)
            fee = sum(line.fee_minor for line in lines if line.currency == CURRENCY)
            entries = accounts.fees_kept(provider, fee)
            await ledger.post(session, Event.FEES, f"{provider} {day}", entries, CURRENCY, None, now)
            report = ReconciliationReport(
                provider=provider_value(provider),
                date=day.isoformat(),
                line_count=len(lines),
                matched_count=len(lines) - sum(finding.theirs is not None for finding in findings),
                differences=[difference_message(finding) for finding in findings[:_MOST_DIFFERENCES]],
                fee_minor=fee,
                create_time=to_timestamp(now),
            )
            await store.keep(session, provider, day, report, now)
        for kind, count in Counter(finding.kind.name.lower() for finding in findings).items():
            log.error("a statement differs from the books", provider=provider, day=str(day), kind=kind, count=count)
        return report


async def _compare(session: AsyncSession, provider: str, day: date, lines: Sequence[StatementLine]) -> list[Finding]:
    statement = [(Key(line.payment_id, line.refund_id), Amount(line.amount_minor, line.currency)) for line in lines]
    told = {key for key, _ in statement}
    ours = await store.movements(session, provider, day, told)
    start, end = span(day)
    findings = compare(
        statement,
        known={each.key: each.amount for each in ours},
        expected=[each.key for each in ours if start <= each.time < end and each.statement_day in (None, day)],
        earlier=[each.key for each in ours if each.statement_day not in (None, day)],
    )
    await store.mark_told(session, day, told)
    return findings
