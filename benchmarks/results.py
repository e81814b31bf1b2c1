"""What a line found: its table and `results.json`."""

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any, Literal

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.options import Options

FILE = Path(__file__).parent / "results.json"

type Repeat = dict[str, float]


STRANGERS = "others' cores"
"""A part of most repeats: how many cores processes that were no part of it kept busy. Near 0 on a quiet machine."""

NOISE = 0.1
"""More than this, and a line says little."""


@dataclass(frozen=True)
class Goal:
    """From the design's table."""

    at: Literal["least", "most"]
    value: float

    def met(self, value: float) -> bool:
        """Whether a value reaches it."""
        return value >= self.value if self.at == "least" else value <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at == 'least' else '≤'} {self.value:g}"


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    name: str
    what: str
    """The measure in words: "durable calls/s ÷ echo calls/s"."""
    value: float
    unit: str
    """Of `value`; empty for a ratio."""
    goal: Goal | None
    repeats: Sequence[Repeat]
    """What each repeat measured."""
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> Repeat:
        """Each part's median."""
        return {part: median(repeat[part] for repeat in self.repeats) for part in self.repeats[0]}


def ratio_of(repeats: Iterable[Repeat], ours: str, limit: str) -> float:
    """The median of each repeat's own ratio: neighbours in time share the machine's mood."""
    return median(repeat[ours] / repeat[limit] for repeat in repeats)


def median_of(repeats: Iterable[Repeat], part: str) -> float:
    """One part's median."""
    return median(repeat[part] for repeat in repeats)


def percentile(values: Sequence[float], percent: float) -> float:
    """By nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def show(lines: Sequence[Line]) -> None:
    """The table; plain where there is no terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=200)
    table = Table("line", "measure", "value", "goal", "", "parts (median)", "repeats")
    for line in lines:
        verdict = "" if line.goal is None else "[green]met[/]" if line.goal.met(line.value) else "[red]missed[/]"
        parts = ", ".join(f"{name} {_number(value)}" for name, value in line.parts.items())
        value = f"{_number(line.value)} {line.unit}".rstrip()
        table.add_row(line.name, line.what, value, str(line.goal or ""), verdict, parts, str(len(line.repeats)))
    console.print(table)
    if noisy := [line.name for line in lines if line.parts.get(STRANGERS, 0) > NOISE]:
        console.print(f"Others kept the machine busy: do not trust {', '.join(noisy)}.")


def keep(lines: Sequence[Line], options: Options) -> None:
    """Write them to `results.json`; lines measured before stay, each with its own date."""
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    for line in lines:
        kept[line.name] = {
            **asdict(line),
            "goal": str(line.goal) if line.goal else None,
            "met": line.goal.met(line.value) if line.goal else None,
            "parts": line.parts,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "quick": options.quick,
            "machine": MACHINE,
        }
    FILE.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _machine() -> dict[str, Any]:
    cpu = Path("/proc/cpuinfo")
    models = [line for line in cpu.read_text().splitlines() if line.startswith("model name")] if cpu.exists() else []
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "cpu": models[0].partition(":")[2].strip() if models else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load_average": os.getloadavg(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "commit": commit.stdout.strip(),
    }


MACHINE = _machine()
"""As the run began."""
