"""A hundred thousand points as one screen's worth of them, of which none that matters is left out.

What falls into one column of pixels is drawn as its first, lowest, highest and last point ("M4", Jugel et al. 2014, doi
10.14778/2732951.2732953): the same pixels as all points together would give.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

GAP_SECONDS = 20 * 60.0
"""After more than this a line would claim what nobody has measured."""


@dataclass(frozen=True)
class Columns:
    """Of each column with points: when it begins and its points."""

    first_time: Floats
    last_time: Floats
    first: Floats
    last: Floats
    low: Floats
    high: Floats
    begins: NDArray[np.intp]
    """The place of its first point."""


def columns(times: Floats, values: Floats, seconds: float) -> Columns:
    """Of points in order of time. A column is `seconds` wide and lies at a multiple of it, so that it holds the same
    points wherever the screen begins: nothing flickers while it pans."""
    number = np.floor(times / seconds)
    begins = np.concatenate([[0], np.flatnonzero(np.diff(number)) + 1]).astype(np.intp) if len(times) else _NONE
    ends = np.concatenate([begins[1:], [len(times)]]).astype(np.intp) - 1 if len(times) else _NONE
    low = np.minimum.reduceat(values, begins) if len(times) else values
    high = np.maximum.reduceat(values, begins) if len(times) else values
    return Columns(times[begins], times[ends], values[begins], values[ends], low, high, begins)


def joined(of: Columns) -> NDArray[np.bool_]:
    """Whether a line goes from each column to the next one."""
    return (of.first_time[1:] - of.last_time[:-1]) <= GAP_SECONDS


def unbroken(times: Floats) -> NDArray[np.bool_]:
    """Whether each point goes on to the next one."""
    return np.append(np.diff(times) <= GAP_SECONDS, False)[: len(times)]


_NONE = np.empty(0, np.intp)
