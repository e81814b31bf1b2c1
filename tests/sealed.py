"""What lies in a database as anybody reads it who got hold of a copy."""

from collections.abc import Sequence

from kit.database import Database

_COLUMNS = """
select table_name, column_name from information_schema.columns
where table_schema = 'public' and table_name in (select relname from pg_class where relkind in ('r', 'p'))
order by table_name, ordinal_position
"""


async def whereabouts(database: Database, words: Sequence[str]) -> set[str]:
    """The columns (`table.column`) in which any of the words can be read, in text or in bytes."""
    patterns = [word.encode() for word in words]
    found = set[str]()
    async with database.connection() as connection:
        for table, column in await connection.fetch(_COLUMNS):
            for (value,) in await connection.fetch(f'select "{column}" from "{table}"'):  # noqa: S608  names of our own
                shown = value if isinstance(value, bytes) else str(value).encode()
                if any(pattern in shown for pattern in patterns):
                    found.add(f"{table}.{column}")
    return found
