"""What diaries have used of their quota."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason

from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError
from services.glucose.domain.quota import Quota, QuotaExceeded

_NOTED_BYTES = 64 << 10
"""The table is updated after so much, for a sensor a few times a day."""
_REMEMBERED = 100_000

_NOTE = """
insert into diary_quota as kept (patient_id, empty_at) values ($1, $2::timestamptz + $3)
on conflict (patient_id) do update set empty_at = greatest(kept.empty_at, $2::timestamptz) + $3
returning empty_at
"""


@dataclass(slots=True)
class _Use:
    noted_bytes: int = 0
    """Used since the table was told."""
    empty_at: datetime | None = None
    """As the table said it last; None: it was not asked in this process."""


class Quotas:
    """Counts what is stored in each diary. A process may let a patient store 64 KiB that no table knows of yet."""

    def __init__(self, database: Database, quota: Quota, clock: Clock) -> None:
        self._database = database
        self._quota = quota
        self._clock = clock
        self._uses: OrderedDict[UUID, _Use] = OrderedDict()

    def require(self, patient: UUID) -> None:
        """Raise QUOTA_EXCEEDED with `retry_after_seconds` when the patient's diary takes nothing more now."""
        empty_at = self._empty_at(patient)
        try:
            if empty_at is not None:
                self._quota.require_room(empty_at, self._clock())
        except QuotaExceeded as error:
            seconds = str(math.ceil(error.wait.total_seconds()))
            metadata = {"retry_after_seconds": seconds}
            raise ApricotError(Reason.REASON_QUOTA_EXCEEDED, str(error), metadata=metadata) from error

    def told_percent(self, patient: UUID) -> int:
        """Return how much is used once it is much, else 0."""
        empty_at = self._empty_at(patient)
        return self._quota.told_percent(empty_at, self._clock()) if empty_at else 0

    async def use(self, patient: UUID, stored_bytes: int) -> None:
        """Count what was stored."""
        use = self._uses.setdefault(patient, _Use())
        self._uses.move_to_end(patient)
        if len(self._uses) > _REMEMBERED:
            self._uses.popitem(last=False)
        use.noted_bytes += stored_bytes
        if use.noted_bytes >= _NOTED_BYTES:
            cost, use.noted_bytes = self._quota.cost(use.noted_bytes), 0
            async with self._database.connection() as connection:
                use.empty_at = await connection.fetchval(_NOTE, patient, self._clock(), cost)

    def _empty_at(self, patient: UUID) -> datetime | None:
        use = self._uses.get(patient)
        return use.empty_at if use else None
