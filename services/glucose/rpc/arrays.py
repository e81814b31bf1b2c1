"""A diary's columns as arrays. Imported by the pool's workers alone."""

import numpy as np
from numpy.typing import NDArray

from services.glucose.domain.metrics import Flags, Ints
from services.glucose.domain.metrics.readings import Readings
from services.glucose.store.columns import ReadingColumns

SENSOR, FINGERSTICK = 10, 11
"""`EntryKind` of readings."""

_HEAD_BYTES = 20
"""Of PostgreSQL's array of one dimension: dimensions, flags, type, length, lower bound."""
_SECONDS_1970_TO_2000 = 946_684_800


def unpack(columns: ReadingColumns) -> tuple[Readings, Readings]:
    """The sensor's readings and the fingersticks."""
    kind = _array(columns.kind, "i2")
    time = _array(columns.time, "i8") // 1_000_000 + _SECONDS_1970_TO_2000
    offset, unit = _array(columns.utc_offset_minutes, "i2"), _array(columns.unit, "i2")
    mg_per_dl, device = _array(columns.mg_per_dl, "f4").astype(np.float64), _array(columns.device, "i8")
    bound = _array(columns.bound, "i2")

    def chosen(of: Flags) -> Readings:
        return Readings.of(
            time[of], offset[of].astype(np.int64), mg_per_dl[of], unit[of].astype(np.int64), device[of], bound[of]
        )

    return chosen(kind == SENSOR), chosen(kind == FINGERSTICK)


def _array(column: bytes, type_name: str) -> Ints:
    """One value after the other, each behind its length of four bytes."""
    pairs: NDArray[np.void] = np.frombuffer(column[_HEAD_BYTES:], dtype=[("length", ">i4"), ("value", f">{type_name}")])
    return pairs["value"].astype(type_name)
