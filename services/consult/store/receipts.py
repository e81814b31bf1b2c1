"""How far messages have come with each member."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from kit.database import Database

_STORE = """
with news as (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[])
  as news (consultation_id, account_id, patient_id, delivered_sequence, read_sequence)
), held as (
  select member.consultation_id, member.account_id, last_sequence, news.delivered_sequence, news.read_sequence
  from news join member using (consultation_id, account_id, patient_id)
  join consultation on consultation.consultation_id = news.consultation_id
  order by member.consultation_id, member.account_id for no key update of member
)
update member set
  delivered_sequence = greatest(member.delivered_sequence, least(held.delivered_sequence, last_sequence)),
  read_sequence = greatest(member.read_sequence, least(held.read_sequence, last_sequence))
from held where member.consultation_id = held.consultation_id and member.account_id = held.account_id
and (least(held.delivered_sequence, last_sequence) > member.delivered_sequence
  or least(held.read_sequence, last_sequence) > member.read_sequence)
returning member.consultation_id, member.account_id, patient_id, member.delivered_sequence, member.read_sequence
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far messages have come with somebody."""

    consultation_id: UUID
    account_id: UUID
    patient_id: UUID
    delivered_sequence: int
    read_sequence: int

    def and_earlier(self, earlier: Self) -> "Receipt":
        """The farther of two of the same member's."""
        return Receipt(
            self.consultation_id,
            self.account_id,
            self.patient_id,
            max(self.delivered_sequence, earlier.delivered_sequence),
            max(self.read_sequence, earlier.read_sequence),
        )


async def store(database: Database, receipts: Collection[Receipt]) -> list[Receipt]:
    """Store those that go farther than before, never beyond what has been said; how far they come now."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            _STORE,
            [receipt.consultation_id for receipt in receipts],
            [receipt.account_id for receipt in receipts],
            [receipt.patient_id for receipt in receipts],
            [receipt.delivered_sequence for receipt in receipts],
            [receipt.read_sequence for receipt in receipts],
        )
    return [Receipt(*row) for row in rows]
