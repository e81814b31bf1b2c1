"""`capacity`: what each act costs alone, and how well a model of these costs foretells a mix of all of them: who is
busy, how fast calls are, and at which rate the machine is full.

The costs are those that `docs/scale.md` is made of. The crowd that asks runs on the same machine, and the model counts
it like any other process.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from benchmarks.harness import bench
from benchmarks.options import Options, say
from benchmarks.results import STRANGERS, Line, Repeat, median_of, percentile
from benchmarks.scale import machine
from benchmarks.scale.costs import Costs
from benchmarks.scale.plan import MEASURED_REPLICAS
from benchmarks.stage import Arranging, Show
from benchmarks.unit_costs import measure

SHARES, OVERLOAD, SECONDS = (0.3, 0.6, 0.8), 1.4, 8.0
"""Of the users with whom the model says that the machine is full."""
TOLD = ("reading", "day")
"""Kinds of which there are enough for a p99."""


async def run(options: Options) -> list[Line]:
    """Measure it, once: the costs take most of the time."""
    async with bench(glucose_replicas=MEASURED_REPLICAS) as running:
        await running.settled()
        stage, costs = await measure(running, Arranging(running, options), options)
        watches = len(stage.patients)
        full = machine.full_at(costs, watches, watches)
        repeats, by_process = [], {}
        for share in SHARES:
            wanted = machine.mix(machine.full_at(costs, watches, watches, share), watches, watches)
            shown = await stage.show(wanted.rates, options.seconds(SECONDS), watches)
            load = _answered(wanted, shown)
            repeats.append(_compared(share, load, shown, costs))
            by_process[f"{share:.0%}"] = _by_process(load, shown, costs)
            say(f"capacity {repeats[-1]}")
        most = machine.mix(full * OVERLOAD, watches, watches)
        crowded = await stage.show(most.rates, options.seconds(SECONDS), watches)
    return [_busy_line(repeats, by_process, costs), _full_line(full, watches, crowded)]


def _answered(wanted: machine.Load, shown: Show) -> machine.Load:
    """The load as chance made it."""
    counts = shown.found["calls"]
    rates = {kind: counts[kind] / shown.seconds for kind in wanted.rates if counts[kind]}
    return machine.Load(rates, wanted.watches, wanted.patients)


def _compared(share: float, load: machine.Load, shown: Show, costs: Costs) -> Repeat:
    """The model's figures beside the measured ones."""
    repeat = {
        "share": share,
        "calls /s": shown.calls_per_second,
        "predicted cores": sum(machine.cores(load, costs).values()),
        "cores": sum(shown.cores.values()),
    }
    repeat["error %"] = error(repeat["predicted cores"], repeat["cores"])
    for kind in TOLD:
        for percent in (50, 99):
            repeat[f"predicted {kind} p{percent} ms"] = machine.quantile(kind, percent / 100, load, costs)
            repeat[f"{kind} p{percent} ms"] = percentile(shown.found["ms"][kind], percent)
    return repeat | {STRANGERS: shown.strangers}


def _by_process(load: machine.Load, shown: Show, costs: Costs) -> dict[str, Any]:
    predicted = machine.cores(load, costs)
    return {name: [round(predicted[name], 4), round(busy, 4)] for name, busy in shown.cores.items()}


def error(predicted: float, measured: float) -> float:
    """Percent of the measured."""
    return 100 * (predicted - measured) / measured


def _busy_line(repeats: list[Repeat], by_process: Mapping[str, Any], costs: Costs) -> Line:
    notes = {"cores, predicted and measured": by_process, "costs": asdict(costs)}
    wrong = median_of([{"error": abs(repeat["error %"])} for repeat in repeats], "error")
    what = f"cores of a mix by the costs of each act alone ÷ measured, at {', '.join(f'{one:.0%}' for one in SHARES)}"
    return Line("capacity", f"{what}: the error", wrong, "%", None, repeats, notes)


def _full_line(full: float, watches: int, crowded: Show) -> Line:
    """More is asked than can be answered."""
    repeat = {
        "predicted calls /s": machine.mix(full, watches, watches).calls,
        "calls /s": crowded.calls_per_second,
        "cores": sum(crowded.cores.values()),
        "users": full,
        STRANGERS: crowded.strangers,
    }
    wrong = error(repeat["predicted calls /s"], repeat["calls /s"])
    what = f"calls/s at which the machine is full, predicted ÷ answered under {OVERLOAD} times as many: the error"
    return Line("capacity, full", what, wrong, "%", None, [repeat])
