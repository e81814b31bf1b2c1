"""Whether what was restored is what was backed up, and holds together."""

from dataclasses import dataclass

from kit.database import Database
from operations.manifest import DatabaseCopy
from operations.postgres import connected, tables
from services.identity.domain import audit as rules
from services.identity.domain.audit import Head
from services.identity.store import audit
from services.identity.vault import Vault
from services.pharmacy.store import ledger


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    found: str
    holds: bool


async def same_tables(url: str, service: str, copy: DatabaseCopy) -> Finding:
    """Every table holds what it held."""
    async with connected(url) as connection:
        found = await tables(connection)
    names = sorted(found.keys() | copy.tables.keys())
    differing = [name for name in names if found.get(name) != copy.tables.get(name)]
    rows = sum(table.rows for table in found.values())
    said = f"{len(found)} tables, {rows:,} rows" if not differing else f"differing: {', '.join(differing)}"
    return Finding(f"database of {service}", said, not differing)


async def audit_holds(url: str, vault: Vault | None) -> Finding:
    """The audit chain holds, link by link, up to its end; with identity's key known, the end is ours too."""
    reached, broken = Head(), None
    async with connected(url) as connection, connection.transaction(readonly=True):
        end, seal = await audit.head(connection)
        async for batch in audit.links(connection, reached.sequence):
            reached, broken = rules.follow(reached, batch)
            if broken is not None:
                break
    if broken is None and vault is not None:
        broken = rules.broken_end(vault.subkey("audit"), reached, end, seal)
    elif broken is None and reached != end:
        broken = min(reached.sequence, end.sequence) + 1
    sealed = "sealed" if vault else "its seal was not checked: identity's key is not known here"
    said = f"{reached.sequence:,} events, {sealed}" if broken is None else f"broken at event {broken}"
    return Finding("audit chain", said, broken is None)


async def ledger_balances(url: str) -> Finding:
    """In each currency the pharmacy's ledger sums to zero."""
    database, sums = Database(url, "pharmacy"), dict[str, int]()
    try:
        async with database.transaction() as session:
            for _, currency, amount in await ledger.balances(session):
                sums[currency] = sums.get(currency, 0) + amount
    finally:
        await database.close()
    said = ", ".join(f"{currency} {amount}" for currency, amount in sums.items()) or "empty"
    return Finding("ledger's sum", said, not any(sums.values()))
