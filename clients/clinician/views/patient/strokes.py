"""Many lines or points by one call of the painter."""

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainter, QPen

type Floats = NDArray[np.float64]


def fine_pen(colour: QColor | str) -> QPen:
    """One pixel of the screen wide, however dense it is: a hundred times as fast as a wider one."""
    pen = QPen(QColor(colour), 1)
    pen.setCosmetic(True)
    return pen


def segments(painter: QPainter, starts: tuple[Floats, Floats], ends: tuple[Floats, Floats]) -> None:
    """Lines from (x, y) to (x, y), each by itself."""
    x = np.column_stack([starts[0], ends[0]]).ravel()
    y = np.column_stack([starts[1], ends[1]]).ravel()
    if len(x):
        painter.drawPath(pyqtgraph.arrayToQPath(x, y, connect="pairs"))


def points(painter: QPainter, x: Floats, y: Floats) -> None:
    """Each as the pen's cap."""
    if len(x):
        polygon = pyqtgraph.functions.create_qpolygonf(len(x))
        memory = pyqtgraph.functions.ndarray_from_qpolygonf(polygon)
        memory[:, 0], memory[:, 1] = x, y
        painter.drawPoints(polygon)
