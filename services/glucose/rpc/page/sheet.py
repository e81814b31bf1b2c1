"""An A4 sheet to draw on, in millimetres from its upper left corner."""

import io
from collections.abc import Sequence
from typing import Literal

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text
from PIL import Image

from services.glucose.rpc.page.fonts import Weight, properties, width_mm
from services.glucose.rpc.page.style import BODY, HAIRLINE, INK

A4_MM = (210.0, 297.0)
_MM_PER_INCH = 25.4
_POINTS_PER_MM = 72 / 25.4
_PNG_DPI = 160
_PNG_COLOURS = 128
"""Enough for this page, and a third of the size."""

type Point = tuple[float, float]


class Sheet:
    """One page. Later things cover earlier ones."""

    def __init__(self) -> None:
        wide, high = A4_MM
        self.figure = Figure(figsize=(wide / _MM_PER_INCH, high / _MM_PER_INCH), facecolor="white")
        FigureCanvasAgg(self.figure)
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, wide)
        self._axes.set_ylim(high, 0)
        self._axes.axis("off")
        self._things = 0

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = BODY,
        weight: Weight = Weight.REGULAR,
        colour: str = INK,
        align: Literal["left", "center", "right"] = "left",
    ) -> float:
        """A line of text on the baseline y. Returns where it ends."""
        artist = Text(
            x, y, text, color=colour, ha=align, va="baseline", fontproperties=properties(weight, size), parse_math=False
        )
        artist.set_transform(self._axes.transData)
        artist.set_zorder(self._next())
        self._axes.add_artist(artist)
        return x + width_mm(text, size, weight) if align == "left" else x

    def line(self, points: Sequence[Point], colour: str = HAIRLINE, width: float = 0.15, dashed: bool = False) -> None:
        """A line through the points; `width` in mm."""
        xs, ys = zip(*points, strict=True)
        dashes = (0, (3, 3)) if dashed else "solid"
        self._axes.add_line(
            Line2D(
                xs, ys, color=colour, lw=width * _POINTS_PER_MM, ls=dashes, zorder=self._next(), solid_capstyle="butt",
                solid_joinstyle="round",
            )
        )  # fmt: skip

    def lines(self, segments: Sequence[Sequence[Point]], colours: Sequence[str], width: float) -> None:
        """Many lines, each in its colour."""
        self._axes.add_collection(
            LineCollection(
                segments, colors=colours, linewidths=width * _POINTS_PER_MM, zorder=self._next(), capstyle="round"
            ),
            autolim=False,
        )

    def dots(self, points: Sequence[Point], colour: str, size: float) -> None:
        """Dots of a diameter in mm."""
        if points:
            xs, ys = zip(*points, strict=True)
            self._axes.add_line(
                Line2D(
                    xs, ys, ls="none", marker="o", ms=size * _POINTS_PER_MM, color=colour, mew=0, zorder=self._next()
                )
            )

    def area(self, points: Sequence[Point], colour: str) -> None:
        """A filled shape."""
        self._axes.add_patch(Polygon(points, closed=True, facecolor=colour, edgecolor="none", zorder=self._next()))

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A filled rectangle."""
        self.area([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour)

    def pdf(self, title: str) -> bytes:
        """The page as PDF: vectors, embedded TrueType fonts, text that can be selected."""
        content = io.BytesIO()
        with mpl.rc_context({"pdf.fonttype": 42, "pdf.compression": 9}):
            self.figure.savefig(
                content, format="pdf", metadata={"Title": title, "Creator": "Apricot", "CreationDate": None}
            )
        return content.getvalue()

    def png(self) -> bytes:
        """The page as PNG."""
        content = io.BytesIO()
        with mpl.rc_context({"text.hinting": "none"}):
            self.figure.set_dpi(_PNG_DPI)
            canvas = FigureCanvasAgg(self.figure)
            canvas.draw()  # type: ignore[no-untyped-call]
            pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
        image = Image.fromarray(pixels).convert("RGB")
        image.quantize(_PNG_COLOURS, dither=Image.Dither.NONE).save(content, "png", dpi=(_PNG_DPI, _PNG_DPI))
        return content.getvalue()

    def _next(self) -> int:
        self._things += 1
        return self._things
