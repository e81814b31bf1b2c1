"""Whether what was restored is what was backed up, and holds together."""

from dataclasses import dataclass

from kit.database import Database
from operations.manifest import DatabaseCopy
from operations.postgres import connected, tables
from services.identity.domain.audit import Head
from services.identity.store import audit
from services.identity.vault import Vault
from services.pharmacy.store import ledger

_PIECE = 100_000
"""Events of one transaction."""


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
    database, key = Database(url, "identity"), vault.subkey("audit") if vault else None
    try:
        found = await audit.verify(database, key, Head(), _PIECE)
        while not found.complete:
            found = await audit.verify(database, key, found.reached, _PIECE)
    finally:
        await database.close()
    sealed = "sealed" if vault else "its seal was not checked: identity's key is not known here"
    if found.broken:
        return Finding("audit chain", f"broken at event {found.broken.sequence}: {found.broken.fault}", False)
    return Finding("audit chain", f"{found.reached.sequence:,} events, {sealed}", True)


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
