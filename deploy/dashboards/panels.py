"""The panels of a dashboard, in Grafana's JSON. A panel's title is the question that it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

type Json = dict[str, Any]
type Steps = Sequence[tuple[float | None, str]]
"""From which value on which colour; the first has no value."""

SCHEMA_VERSION = 41
_WIDTH = 24
_SOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}

GREEN, AMBER, RED, BLUE = "green", "orange", "red", "blue"


@dataclass(frozen=True)
class Panel:
    """A question; each query comes with the legend of its series."""

    title: str
    queries: Sequence[tuple[str, str]]
    unit: str = "short"
    kind: Literal["timeseries", "stat", "bargauge", "table"] = "timeseries"
    steps: Steps = ((None, BLUE),)
    about: str = ""
    """What a reader has to know to answer it."""
    values: Json | None = None
    """Words instead of values."""
    stacked: bool = False
    columns: Sequence[str] = ()
    """Of a table: the labels that are shown."""


def limits(amber: float, red: float) -> Steps:
    """Good below the first, bad from the second on."""
    return ((None, GREEN), (amber, AMBER), (red, RED))


def dashboard(uid: str, title: str, about: str, rows: Sequence[tuple[int, Sequence[Panel]]], *variables: Json) -> Json:
    """Rows of panels of equal width, each row of a height in Grafana's units."""
    panels: list[Json] = []
    top = 0
    for height, row in rows:
        width = _WIDTH // len(row)
        for place, panel in enumerate(row):
            position = {"x": place * width, "y": top, "w": width, "h": height}
            panels.append(_panel(len(panels) + 1, panel, position))
        top += height
    return {
        "uid": f"apricot-{uid}",
        "title": title,
        "description": about,
        "tags": ["apricot"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_DATASOURCE, *variables]},
        "panels": panels,
    }


def variable(name: str, label: str, query: str, default: str) -> Json:
    """What a reader may choose, from the values of a label."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": query, "refId": name},
        "current": {"text": default, "value": default},
        "refresh": 2,
        "sort": 1,
    }


_DATASOURCE: Json = {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _panel(number: int, panel: Panel, position: Json) -> Json:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": _SOURCE,
        "gridPos": position,
        "targets": [_target(panel, letter, *query) for letter, query in zip("ABCDEF", panel.queries, strict=False)],
        "fieldConfig": {"defaults": _field(panel), "overrides": []},
        "options": _OPTIONS[panel.kind],
        "transformations": _transformations(panel),
    }


def _target(panel: Panel, letter: str, expression: str, legend: str) -> Json:
    instant = panel.kind != "timeseries"
    target: Json = {"refId": letter, "datasource": _SOURCE, "expr": expression, "legendFormat": legend}
    return target | {"instant": instant, "range": not instant, "format": "table" if panel.columns else "time_series"}


def _field(panel: Panel) -> Json:
    steps = [{"value": value, "color": color} for value, color in panel.steps]
    field: Json = {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    field["color"] = {"mode": "palette-classic" if panel.kind == "timeseries" else "thresholds"}
    if panel.values:
        field["mappings"] = [{"type": "value", "options": panel.values}]
    if panel.kind == "timeseries":
        field["custom"] = {
            "lineWidth": 2,
            "fillOpacity": 25 if panel.stacked else 0,
            "showPoints": "never",
            "stacking": {"mode": "normal" if panel.stacked else "none"},
            "thresholdsStyle": {"mode": "dashed" if len(panel.steps) > 1 else "off"},
        }
    return field


def _transformations(panel: Panel) -> list[Json]:
    if not panel.columns:
        return []
    return [{"id": "filterFieldsByName", "options": {"include": {"names": list(panel.columns)}}}]


_LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: dict[str, Json] = {
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom"},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {"reduceOptions": _LAST, "colorMode": "value", "graphMode": "none", "textMode": "auto"},
    "bargauge": {"reduceOptions": _LAST, "orientation": "horizontal", "displayMode": "basic"},
    "table": {"cellHeight": "sm", "showHeader": True},
}
