"""The lines that link what happened with what caused it, in lanes beside the steps."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_LANES = 4


@dataclass(frozen=True)
class Link:
    """From a step up to what it caused."""

    effect: int
    """The effect's row; above, for the newest is first."""
    cause: int
    lane: int
    """0 is the nearest to the steps. Links of one lane do not run over each other, unless there are too many."""


def links(steps: Sequence[tuple[str, str]]) -> list[Link]:
    """Of steps, an id and its cause's id ("": none), the newest first. A cause that is not among them has no link."""
    rows = {step: row for row, (step, _) in enumerate(steps)}
    spans = [(row, rows[cause]) for row, (_, cause) in enumerate(steps) if cause in rows and rows[cause] > row]
    found, ends = list[Link](), [0] * MOST_LANES
    for effect, cause in sorted(spans):
        lane = next((lane for lane, end in enumerate(ends) if end <= effect), MOST_LANES - 1)
        ends[lane] = max(ends[lane], cause)
        found.append(Link(effect, cause, lane))
    return found
