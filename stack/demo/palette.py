"""Colours that read on dark and on light terminals; shape and word say the same without them."""

from clients.readings.levels import Level

APRICOT = "bold #e8874a"
QUIET = "dim"
GOOD, WAITING, BAD = "#2f9e6e", "#c99700", "bold #e0484f"
LEVELS = {
    Level.VERY_LOW: "bold #e0484f",
    Level.LOW: "#e0484f",
    Level.IN_RANGE: "",
    Level.HIGH: "#c99700",
    Level.VERY_HIGH: "bold #e8743b",
}
"""Of values and words."""
CHART = {level: style.removeprefix("bold ") for level, style in LEVELS.items()} | {Level.IN_RANGE: "#5b8a78"}
ALERT_MARK, HELD_MARK = "◆", "◇"
"""An alert that nobody has, and one that somebody takes care of."""
MARK = LEVELS | {Level.IN_RANGE: GOOD}
