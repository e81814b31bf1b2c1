"""How long a table's rows are kept: a class for each table, named beside it as `__retention__`.

What a law wants kept, the database refuses to delete before its time, whoever asks; the tables' owner can still do it,
by disabling the trigger first, and has to mean it. What may go after its time goes by `kit.housekeeping`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

KEPT_SQLSTATE = "APR01"
"""Of a refused delete or truncate."""


class Kind(StrEnum):
    """Which rules rows fall under; SECURITY.md says more."""

    CLINICAL = "clinical record"
    ACCOUNTS = "accounts"
    SALE = "sale"
    AUDIT = "audit"
    ACCOUNT = "account"
    """The person's own, until the account is deleted."""
    EXTRAS = "extras"
    """What goes earlier than the record that it belongs to."""
    WORKING = "working"
    """What is under way, is about nobody, or is made from other tables."""


@dataclass(frozen=True)
class Retention:
    """How long a table's rows are kept."""

    kind: Kind
    keep: str = ""
    """At least so long, a PostgreSQL interval; empty: no law wants it."""
    since: str = ""
    """The column from which it counts; empty: such rows are never deleted by any statement of ours."""
    where: str = ""
    """Which rows are kept, as a condition on `old`; empty: all."""
    goes_after: str = ""
    """When housekeeping deletes the rows, an interval since the same column; empty: it does not."""


def clinical(since: str = "", where: str = "") -> Retention:
    """Outpatient records: 15 years."""
    return Retention(Kind.CLINICAL, "15 years", since, where)


def sale(since: str = "", goes_after: str = "") -> Retention:
    """The online sale of medicine: 5 years."""
    return Retention(Kind.SALE, "5 years", since, goes_after=goes_after)


def accounts(since: str = "", keep: str = "10 years") -> Retention:
    """What was booked: 10 years, payments 5."""
    return Retention(Kind.ACCOUNTS, keep, since)


AUDIT = Retention(Kind.AUDIT, "15 years")
ACCOUNT = Retention(Kind.ACCOUNT)
EXTRAS = Retention(Kind.EXTRAS)
WORKING = Retention(Kind.WORKING)


def working(since: str, goes_after: str) -> Retention:
    """Rows that say nothing any more after a while."""
    return Retention(Kind.WORKING, since=since, goes_after=goes_after)


GUARD = f"""
create function refuse_early_end() returns trigger language plpgsql as $$
begin
  if (to_jsonb(old) ->> tg_argv[1])::timestamptz < now() - tg_argv[0]::interval then
    return old;
  end if;
  raise exception '% is kept for %', tg_table_name, tg_argv[0] using errcode = '{KEPT_SQLSTATE}';
end $$
"""
"""For a service's migration, before the first `guards`. Of a truncate there is no `old`, and so no row old enough."""


def guards(table: str, keep: str, since: str = "", where: str = "") -> tuple[str, str]:
    """For a migration: the triggers that hold a table's retention."""
    only = f" when ({where})" if where else ""
    return (
        f"create trigger {table}_is_retained before delete on {table} for each row{only}"
        f" execute function refuse_early_end('{keep}', '{since}')",
        f"create trigger {table}_is_not_truncated before truncate on {table}"
        f" execute function refuse_early_end('{keep}')",
    )


def unguards(table: str) -> tuple[str, str]:
    """What takes them away again."""
    return f"drop trigger {table}_is_retained on {table}", f"drop trigger {table}_is_not_truncated on {table}"


type Replaced = tuple[str, str, str, str, str]
"""A trigger by name, table and function: what it refused, and what it refuses now that deletes are guarded."""


def begun(guarded: Iterable[Sequence[str]], replaced: Iterable[Replaced]) -> Iterator[str]:
    """For a migration: everything by which a service's retention begins to be held."""
    yield GUARD
    for table, *kept in guarded:
        yield from guards(table, *kept)
    for name, table, function, _, events in replaced:
        yield f"drop trigger {name} on {table}"
        if events:
            yield f"create trigger {name} {events} execute function {function}()"


def ended(guarded: Iterable[Sequence[str]], replaced: Iterable[Replaced]) -> Iterator[str]:
    """What takes it back."""
    for name, table, function, events, now in replaced:
        if now:
            yield f"drop trigger {name} on {table}"
        yield f"create trigger {name} {events} execute function {function}()"
    for table, *_ in guarded:
        yield from unguards(table)
    yield "drop function refuse_early_end()"
