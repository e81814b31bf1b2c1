"""How each kind of panel looks."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import isnan, log2

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from deploy.dashboards.panels import Json

PAPER, CARD, INK, FAINT, LINE = "#f4f5f8", "#ffffff", "#1f2430", "#6a7180", "#dfe2ea"
COLOURS = {"green": "#2f9e5b", "orange": "#e08a00", "red": "#d6333f", "blue": "#2f6fd0"}
PALETTE = ("#2f6fd0", "#e08a00", "#2f9e5b", "#9b4fc4", "#d6333f", "#169aa8", "#8a6d3b", "#5a6b8c")
_GAP_INCHES, _PAD_INCHES, _TITLE_INCHES, _AXIS_INCHES, _LEGEND_INCHES = 0.05, 0.12, 0.34, 0.28, 0.36
_MOST_IN_LEGEND = 6

type Box = tuple[float, float, float, float]
"""Left, bottom, width, height, as shares of the figure."""
type Series = Sequence[tuple[str, Sequence[tuple[float, float]]]]


def panel(figure: Figure, asked: Json, box: Box, drawer: Callable[[Axes], None]) -> None:
    """A card with its question, and the answer below."""
    wide, tall = figure.get_size_inches()
    left, bottom, width, height = box
    card = FancyBboxPatch(
        (left + _GAP_INCHES / wide, bottom + _GAP_INCHES / tall),
        width - 2 * _GAP_INCHES / wide,
        height - 2 * _GAP_INCHES / tall,
        boxstyle="round,pad=0,rounding_size=0.004",
        transform=figure.transFigure,
        facecolor=CARD,
        edgecolor=LINE,
        linewidth=0.8,
        zorder=-1,  # behind the axes
    )
    figure.add_artist(card)
    figure.text(
        left + (_GAP_INCHES + _PAD_INCHES) / wide,
        bottom + height - (_GAP_INCHES + 0.2) / tall,
        asked["title"],
        fontsize=9.5,
        color=INK,
        weight="bold",
        va="center",
    )
    course_ = asked["type"] == "timeseries"
    below = _AXIS_INCHES + _LEGEND_INCHES if course_ else _PAD_INCHES
    side = 0.62 if course_ else 0.2
    axes = figure.add_axes(
        (
            left + side / wide,
            bottom + (_GAP_INCHES + below) / tall,
            width - (side + 0.25) / wide,
            height - (_GAP_INCHES * 2 + below + _TITLE_INCHES) / tall,
        ),
        facecolor=CARD,
    )
    drawer(axes)


def course(axes: Axes, series: Series, field: Json) -> None:
    """Lines over time, with the limits dashed."""
    custom = field["custom"]
    stacked = custom["stacking"]["mode"] == "normal"
    ordered = sorted(series, key=lambda one: -sum(value for _, value in one[1] if not isnan(value)))
    if stacked:
        _stack(axes, ordered)
    else:
        for (legend, samples), colour in zip(ordered, _colours(len(ordered)), strict=True):
            axes.plot(*zip(*samples, strict=True), color=colour, linewidth=1.5, label=legend)
    top = axes.get_ylim()[1]
    axes.set_ylim(0, top if top > 1e-6 else 1)
    if custom["thresholdsStyle"]["mode"] != "off":
        for step in field["thresholds"]["steps"][1:]:
            if step["value"] <= axes.get_ylim()[1] * 1.5:
                axes.axhline(step["value"], color=COLOURS[step["color"]], linewidth=1, linestyle=(0, (4, 3)))
    _frame(axes, field["unit"])
    handles, labels = axes.get_legend_handles_labels()
    columns = min(len(labels), 3 if axes.bbox.width < 450 else 4)
    longest = int(axes.bbox.width / columns / 6)
    axes.legend(
        handles[:_MOST_IN_LEGEND],
        [_short(label, longest) for label in labels[:_MOST_IN_LEGEND]],
        loc="upper left",
        bbox_to_anchor=(-0.01, -0.13),
        ncols=columns,
        fontsize=7,
        frameon=False,
        labelcolor=FAINT,
        handlelength=1.0,
        columnspacing=1.2,
        borderaxespad=0,
        labelspacing=0.25,
    )


def stats(axes: Axes, latest: Sequence[tuple[str, float]], field: Json) -> None:
    """Large numbers side by side, in the colour of their limits."""
    axes.set_axis_off()
    for place, (legend, value) in enumerate(latest):
        x = (place + 0.5) / len(latest)
        colour = _colour(value, field)
        axes.text(x, 0.55, _word(value, field), fontsize=21, color=colour, weight="bold", ha="center", va="center")
        if len(latest) > 1:
            axes.text(x, 0.28, legend, fontsize=8, color=FAINT, ha="center", va="center")


def bars(axes: Axes, latest: Sequence[tuple[str, float]], field: Json) -> None:
    """A bar for each series, the longest first."""
    ordered = sorted(latest, key=lambda one: one[1])
    values = [value for _, value in ordered]
    most = max([*values, field["thresholds"]["steps"][-1]["value"] or 1])
    axes.barh(range(len(ordered)), [most] * len(ordered), color="#eef0f5", height=0.62)
    axes.barh(range(len(ordered)), values, color=[_colour(value, field) for value in values], height=0.62)
    for place, (legend, value) in enumerate(ordered):
        colour = _colour(value, field)
        axes.text(-0.015 * most, place, legend, fontsize=8, color=INK, ha="right", va="center")
        axes.text(1.02 * most, place, _word(value, field), fontsize=8.5, color=colour, va="center", weight="bold")
    axes.set_xlim(-0.42 * most, 1.14 * most)
    axes.set_axis_off()


def table(axes: Axes, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows as text; what pages is red."""
    axes.set_axis_off()
    pitch = min(0.12, 0.95 / (len(rows) + 1))
    for place, row in enumerate((columns, *rows)):
        for number, cell in enumerate(row):
            colour = FAINT if place == 0 else COLOURS["red"] if cell == "page" else INK
            axes.text(number * 0.6, 1 - (place + 0.5) * pitch, cell, fontsize=8.5, color=colour, va="center")
        axes.axhline(1 - (place + 1) * pitch, color=LINE, linewidth=0.7)
    axes.set(xlim=(0, 1), ylim=(0, 1))


def nothing(axes: Axes, why: str) -> None:
    """No data, and why."""
    axes.set_axis_off()
    axes.text(
        0.5,
        0.55,
        f"No data:\n{why}",
        fontsize=8,
        linespacing=1.7,
        color=FAINT,
        ha="center",
        va="center",
        transform=axes.transAxes,
    )


def word(value: float, unit: str) -> str:
    """A value in its unit, short."""
    if isnan(value):
        return "–"
    match unit:
        case "percentunit":
            return f"{value * 100:.3g} %"
        case "s" if value < 1:
            return f"{value * 1000:.3g} ms"
        case "s" if value >= 120:
            return f"{value / 60:.3g} min"
        case "s":
            return f"{value:.3g} s"
        case "bytes":
            return f"{value / 2**20:.3g} MiB"
        case "reqps":
            return f"{value:.3g}/s"
        case "mps":
            return f"{value:.3g}/s"
        case "cpm":
            return f"{value:.3g}/min"
    return f"{value:.3g}"


def _word(value: float, field: Json) -> str:
    for mapping in field.get("mappings", ()):
        if f"{value:g}" in mapping["options"]:
            return str(mapping["options"][f"{value:g}"]["text"])
    return word(value, field["unit"])


def _colour(value: float, field: Json) -> str:
    steps = field["thresholds"]["steps"]
    place = bisect_right([step["value"] for step in steps[1:]], value)
    return COLOURS[steps[place]["color"]]


def _stack(axes: Axes, series: Series) -> None:
    instants = sorted({time for _, samples in series for time, _ in samples})
    rows = []
    for _, samples in series:
        at = dict(samples)
        rows.append([0.0 if isnan(at.get(time, 0.0)) else at.get(time, 0.0) for time in instants])
    colours = _colours(len(series))
    axes.stackplot(instants, rows, labels=[legend for legend, _ in series], colors=colours, alpha=0.35)
    floor = [0.0] * len(instants)
    for row, colour in zip(rows, colours, strict=True):
        floor = [below + value for below, value in zip(floor, row, strict=True)]
        axes.plot(instants, floor, color=colour, linewidth=1.2)


def _frame(axes: Axes, unit: str) -> None:
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: word(value, unit)))
    quarter = axes.get_ylim()[1] / 4
    axes.yaxis.set_major_locator(MultipleLocator(2 ** round(log2(quarter))) if unit == "bytes" else MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda time, _: f"{datetime.fromtimestamp(time, UTC):%H:%M:%S}"))
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 3, 6, 10]))
    axes.margins(x=0)
    axes.tick_params(colors=FAINT, labelsize=7.5, length=0)
    axes.grid(visible=True, axis="y", color=LINE, linewidth=0.7)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _colours(count: int) -> list[str]:
    return [PALETTE[number % len(PALETTE)] for number in range(count)]


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else "…" + label[-most:]
