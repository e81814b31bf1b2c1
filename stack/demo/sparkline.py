"""Small charts of glucose in block characters."""

from collections.abc import Sequence
from math import log

BLOCKS = " ▁▂▃▄▅▆▇█"
# mg/dL. One scale for all patients, so that rows compare at a glance; logarithmic, so that a fall from 70 to 54 shows
# as much as a rise from 180 to 235.
LOWEST, HIGHEST = 40.0, 300.0


def columns(values: Sequence[float], height: int) -> list[str]:
    """Each value (mg/dL) as a column of `height` characters, from the top down; never quite empty."""
    steps = height * 8
    shares = [log(min(max(value, LOWEST), HIGHEST) / LOWEST) / log(HIGHEST / LOWEST) for value in values]
    return [_column(max(1, round(share * steps)), height) for share in shares]


def _column(eighths: int, height: int) -> str:
    return "".join(BLOCKS[min(8, max(0, eighths - 8 * row))] for row in reversed(range(height)))
