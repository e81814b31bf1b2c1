"""Colours and sizes of the page. Neighbouring bands differ in lightness too, so that they stay apart in grey print."""

from apricot.glucose.v1.report_pb2 import GlucoseBand

INK = "#16222e"
MUTED = "#5a6672"
HAIRLINE = "#cfd5da"
PAPER_TINT = "#f3f5f7"
MISSED = "#9b1f47"
MET = "#1f6f5f"
WARNING_TINT = "#fdf1d3"

BANDS: dict[int, str] = {
    GlucoseBand.GLUCOSE_BAND_VERY_LOW: "#6a1b3d",
    GlucoseBand.GLUCOSE_BAND_LOW: "#c14a6b",
    GlucoseBand.GLUCOSE_BAND_IN_RANGE: "#5fa899",
    GlucoseBand.GLUCOSE_BAND_HIGH: "#f3c969",
    GlucoseBand.GLUCOSE_BAND_VERY_HIGH: "#d07f2c",
}
CURVES: dict[int, str] = BANDS | {GlucoseBand.GLUCOSE_BAND_IN_RANGE: INK, GlucoseBand.GLUCOSE_BAND_HIGH: "#d39b12"}
"""For thin lines: on paper, the bands' own yellow is too pale, and what is in range is plain ink."""
BAND_ORDER = tuple(BANDS)
"""From the lowest to the highest."""
TARGET_TINT = "#d8ebe6"
LOW_TINT = "#eec3cf"
OUTER_TINT = "#ccd8e5"
INNER_TINT = "#93aec9"
LINE = "#1d3b5c"

# Type sizes in points.
NOTE = 5.8
SMALL = 6.6
BODY = 7.6
SECTION = 9.5
FIGURE = 15.0
HEADLINE = 25.0
NAME = 17.0

# Millimetres.
LEFT, RIGHT = 15.0, 195.0
WIDTH = RIGHT - LEFT
