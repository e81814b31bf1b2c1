"""Uploads under way: each holds its bytes in memory until it ends, so there are so many and no more."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError

_MOST_OF_ONE = 4
_MOST = 32


class Uploads:
    """Those of one process."""

    def __init__(self) -> None:
        self._under_way = Counter[UUID]()

    @contextmanager
    def counted(self, uploader: UUID) -> Iterator[None]:
        """One upload under way. Errors: RATE_LIMITED when there are too many of this caller's, or of all."""
        if self._under_way[uploader] >= _MOST_OF_ONE or self._under_way.total() >= _MOST:
            raise ApricotError(
                Reason.REASON_RATE_LIMITED, "too many uploads at once", metadata={"retry_after_seconds": "5"}
            )
        self._under_way[uploader] += 1
        try:
            yield
        finally:
            self._under_way[uploader] -= 1
            if not self._under_way[uploader]:
                del self._under_way[uploader]
