"""Draws a dashboard as Grafana would show it: the very JSON, with the answers of a Prometheus."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path
from string import Template
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deploy.dashboards import show
from deploy.dashboards.panels import Json
from deploy.dashboards.prometheus import Prometheus

_INCHES_WIDE, _INCHES_PER_UNIT, _UNITS_WIDE = 14.0, 0.36, 24
_HEADER_INCHES = 0.75
_DOTS_PER_INCH = 100


@dataclass(frozen=True)
class Span:
    """What is shown of time, in seconds since 1970; rates are over `rate_seconds`."""

    start: float
    end: float
    step: float
    rate_seconds: int

    @property
    def instants(self) -> list[float]:
        """Those at which Prometheus answers."""
        return [self.start + number * self.step for number in range(int((self.end - self.start) / self.step) + 1)]


@dataclass(frozen=True)
class Answer:
    """A panel and what its queries found."""

    panel: Json
    series: list[tuple[str, list[tuple[float, float]]]]
    """Legend, and samples in their order."""
    labels: list[Mapping[str, str]]
    """Of each series."""


async def ask(prometheus: Prometheus, board: Json, span: Span) -> list[Answer]:
    """Every panel's answers."""
    return [await _answer(prometheus, panel, _chosen(board, span), span) for panel in board["panels"]]


def draw(board: Json, answers: list[Answer], path: Path) -> None:
    """One picture of the whole."""
    units = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"])
    height = units * _INCHES_PER_UNIT + _HEADER_INCHES
    figure = Figure(figsize=(_INCHES_WIDE, height), dpi=_DOTS_PER_INCH, facecolor=show.PAPER)
    figure.text(0.012, 1 - 0.3 / height, board["title"], fontsize=15, color=show.INK, weight="bold", va="center")
    figure.text(0.012, 1 - 0.57 / height, board["description"], fontsize=9, color=show.FAINT, va="center")
    for answer in answers:
        place = answer.panel["gridPos"]
        left, width = place["x"] / _UNITS_WIDE, place["w"] / _UNITS_WIDE
        top = 1 - (_HEADER_INCHES + place["y"] * _INCHES_PER_UNIT) / height
        tall = place["h"] * _INCHES_PER_UNIT / height
        show.panel(figure, answer.panel, (left, top - tall, width, tall), _drawer(answer))
    figure.savefig(path, facecolor=show.PAPER)


def load(path: Path) -> Json:
    board: Json = json.loads(path.read_text())
    return board


def _chosen(board: Json, span: Span) -> dict[str, str]:
    """What the variables of a dashboard stand at."""
    queried = [each for each in board["templating"]["list"] if each["type"] == "query"]
    return {each["name"]: each["current"]["value"] for each in queried} | {"__rate_interval": f"{span.rate_seconds}s"}


async def _answer(prometheus: Prometheus, panel: Json, chosen: Mapping[str, str], span: Span) -> Answer:
    series, labels = [], []
    for target in panel["targets"]:
        expression = Template(target["expr"]).safe_substitute(chosen)
        for found in await prometheus.course(expression, span.start, span.end, span.step):
            at = {time: float(value) for time, value in found["values"]}
            samples = [(time, at.get(time, nan)) for time in span.instants]
            series.append((_legend(target["legendFormat"], found["metric"]), samples))
            labels.append(found["metric"])
    return Answer(panel, series, labels)


def _legend(pattern: str, labels: Mapping[str, str]) -> str:
    for name, value in labels.items():
        pattern = pattern.replace("{{" + name + "}}", value)
    return pattern.removeprefix("apricot.")


def _drawer(answer: Answer) -> Callable[[Axes], None]:
    field: dict[str, Any] = answer.panel["fieldConfig"]["defaults"]
    latest = [(legend, [value for _, value in samples if not isnan(value)][-1]) for legend, samples in answer.series]
    match answer.panel["type"]:
        case _ if not answer.series:
            return lambda axes: show.nothing(axes, "told by an exporter\nthat only a cluster has")
        case "stat":
            return lambda axes: show.stats(axes, latest, field)
        case "bargauge":
            return lambda axes: show.bars(axes, latest, field)
        case "table":
            columns = answer.panel["transformations"][0]["options"]["include"]["names"]
            rows = sorted({tuple(labels.get(column, "") for column in columns) for labels in answer.labels})
            return lambda axes: show.table(axes, columns, rows)
        case _:
            return lambda axes: show.course(axes, answer.series, field)
