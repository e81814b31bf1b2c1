"""The Latin words by which doctors are found, and what a mistyped one may have meant."""

from collections.abc import Collection, Sequence

import asyncpg
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_ALIKE = 0.4
"""Of the trigrams in either word so many are in both: one wrong letter in six, or two words of one stem."""
_MOST = 3

_ADD = text(
    "insert into search_word (word) select word from unnest(cast(:words as text[])) as word on conflict do nothing"
)
_MEANT = """
select asked, array_agg(word order by word) as words
from unnest($1::text[]) as asked, lateral (
  select word from search_word
  where word % asked and similarity(word, asked) >= $2 order by similarity(word, asked) desc, word limit $3
) as alike
where not exists (select from search_word where word = asked)
group by asked
"""


async def add_words(session: AsyncSession, words: Collection[str]) -> None:
    """Words of a document; those that are known already stay. In one order, so that two writers never wait for each
    other."""
    await (await session.connection()).execute(_ADD, {"words": sorted(words)})


async def meant_by(connection: asyncpg.Connection, words: Sequence[str]) -> dict[str, list[str]]:
    """For each word that nobody has, the known ones that it most resembles."""
    if not words:
        return {}
    rows = await connection.fetch(_MEANT, words, _ALIKE, _MOST)
    return {row["asked"]: row["words"] for row in rows}
