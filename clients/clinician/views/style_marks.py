"""Small pictures that a style sheet takes as files alone."""

from functools import cache

from PySide6.QtCore import QPointF, Qt, QTemporaryDir
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

_SIDE, _RATIO = 12, 4
_LINES = {
    "chevron": ("muted", [(2.5, 4.5), (6, 8), (9.5, 4.5)]),
    "tick": ("on_accent", [(2.5, 6.2), (5, 8.7), (9.8, 3.4)]),
}


def drawn(muted: str, on_accent: str) -> dict[str, str]:
    """Each one's path by its name, in these colours."""
    colors = {"muted": muted, "on_accent": on_accent}
    return {name: _file(name, colors[color]) for name, (color, _) in _LINES.items()}


@cache
def _folder() -> QTemporaryDir:
    """As long as the process runs."""
    return QTemporaryDir()


@cache
def _file(name: str, color: str) -> str:
    picture = QPixmap(_SIDE * _RATIO, _SIDE * _RATIO)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(_RATIO, _RATIO)
    pen = QPen(QColor(color), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline([QPointF(x, y) for x, y in _LINES[name][1]])
    painter.end()
    path = _folder().filePath(f"{name}-{color.removeprefix('#')}.png")
    picture.save(path)
    return path
