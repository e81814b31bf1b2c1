"""Writes the figures of `docs/scale.md` anew from `benchmarks/results.json`: `python -m docs.draw_scale`.

Each table stands between `<!-- NAME -->` and `<!-- end -->`; the words around them are written by hand.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.results import FILE, NOISE, STRANGERS
from benchmarks.scale.costs import Unit, by_part, measures_frozen, read
from benchmarks.scale.demand import ASSUMPTIONS, SENSOR_WEARERS, demand
from benchmarks.scale.plan import (
    COPIES,
    KEPT_YEARS,
    PRIMARY_CORES,
    PRIMARY_DISK_BYTES,
    TARGET,
    Plan,
    cell_users,
    limits,
    plan,
    stream_users,
)

PAGE = Path(__file__).parent / "scale.md"
STEPS = (10_000, 1_000_000, 10_000_000, 100_000_000)
PARTS = ("gateway", "identity", "glucose", "glucose-worker", "consult", "pharmacy", "postgres", "nats")
PYTHON = (*PARTS[1:6], "consult-worker", "pharmacy-worker")
_BLOCK = re.compile(r"<!-- (?P<name>[a-z]+) -->\n.*?<!-- end -->", re.DOTALL)

type Results = Mapping[str, Any]


def page() -> str:
    """The whole page, its tables as the results are."""
    results: Results = json.loads(FILE.read_text(encoding="utf-8"))

    def made(block: re.Match[str]) -> str:
        lines = "\n".join(TABLES[block["name"]](results))
        return f"<!-- {block['name']} -->\n{lines}\n<!-- end -->"

    return _BLOCK.sub(made, PAGE.read_text(encoding="utf-8"))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_row(head), _row(["---"] + ["---:"] * (len(head) - 1)), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: float) -> str:
    """Two or three digits."""
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if abs(value) >= size:
            return f"{value / {' G': 1e9, ' M': 1e6, ' k': 1e3}[letter]:.3g}{letter}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


def _bytes(value: float) -> str:
    for size, unit in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.0f} B"


def _origin(results: Results) -> list[str]:
    """When, where, and how far to trust it."""
    line = results["capacity"]
    machine = line["machine"]
    told = (
        f"Measured {line['date'][:10]} at `{machine['commit']}` on {machine['cores']} cores ({machine['cpu']}), "
        "which the load generator shares."
    )
    busy = max(repeat[STRANGERS] for repeat in line["repeats"])
    if line["quick"] or busy > NOISE:
        told += (
            f" **{'A quick run' if line['quick'] else 'A run'} while strangers kept up to {busy:.1f} cores busy: "
            "it shows that the model works, not how good it is. `make bench` on a quiet machine, then `make docs`.**"
        )
    return [told]


def _prediction(results: Results) -> list[str]:
    head = ["share of the machine", "calls/s", "cores, predicted", "measured", "error"]
    head += [f"{kind} p{percent} ms" for kind in ("reading", "day") for percent in (50, 99)]
    rows = []
    for found in results["capacity"]["repeats"]:
        row = [f"{found['share']:.0%}", _number(found["calls /s"]), f"{found['predicted cores']:.2f}"]
        row += [f"{found['cores']:.2f}", f"{found['error %']:+.0f} %"]
        for kind in "reading", "day":
            for percent in 50, 99:
                name = f"{kind} p{percent} ms"
                row.append(f"{found[f'predicted {name}']:.1f} → {found[name]:.1f}")
        rows.append(row)
    full = results["capacity, full"]
    found = full["repeats"][0]
    last = (
        f"\nFull at {_number(found['predicted calls /s'])} calls/s by the model; {_number(found['calls /s'])} "
        f"were answered when more was asked ({full['value']:+.0f} %). "
        f"In users of the assumptions: {_number(found['users'])}."
    )
    return [*_table(head, rows), last]


def _processes(results: Results) -> list[str]:
    """Of the fullest mix."""
    share, found = list(results["capacity"]["notes"]["cores, predicted and measured"].items())[-1]
    rows = [
        [name, f"{predicted:.3f}", f"{measured:.3f}", f"{100 * (predicted - measured) / measured:+.0f} %"]
        for name, (predicted, measured) in found.items()
        if measured >= 0.01
    ]
    return _table([f"process, at {share}", "cores, predicted", "measured", "error"], rows)


def _costs(results: Results) -> list[str]:
    head = ["µs of processor", *PARTS, "client B", "WAL B", "JetStream B"]
    rows = []
    for kind, unit in read(results).units.items():
        micro = {part: 1e6 * seconds for part, seconds in unit.seconds.items()}
        sizes = [f"{size:,.0f}" for size in _sizes(unit)] if any(_sizes(unit)) else ["–"] * 3
        rows.append([kind, *(f"{max(0.0, micro.get(part, 0.0)):,.0f}" for part in PARTS), *sizes])
    return _table(head, rows)


def _sizes(unit: Unit) -> tuple[float, float, float]:
    return unit.client_bytes, unit.wal_bytes, unit.jetstream_bytes


def _steps(results: Results) -> list[str]:
    costs = read(results)
    plans = [plan(users, costs) for users in STEPS]
    rows: list[tuple[str, Callable[[Plan], str]]] = [
        ("cells", lambda one: _number(one.cells)),
        ("readings/s", lambda one: _number(one.demand.rates["reading"])),
        ("calls and messages/s", lambda one: _number(one.demand.calls)),
        ("events to watchers/s", lambda one: _number(one.demand.rates["event"])),
        ("watches open", lambda one: _number(one.demand.watches)),
        ("ends of talks open", lambda one: _number(one.demand.talks)),
        *((f"{part}, pods", lambda one, part=part: _number(one.pods.get(part, 2 * one.cells))) for part in PYTHON),
        ("Envoy, cores busy", lambda one: _number(one.cores["gateway"])),
        ("PostgreSQL, cores busy", lambda one: _number(one.cores["postgres"])),
        ("NATS, cores busy", lambda one: _number(one.cores["nats"])),
        ("all cores busy", lambda one: _number(sum(one.cores.values()))),
        ("connections to PostgreSQL in a cell, at most", lambda one: _number(one.connections_a_cell)),
        ("memory of open watches", lambda one: _bytes(one.memory)),
        ("clients' network", lambda one: f"{_number(one.client_bits)}bit/s"),
        ("WAL, one copy", lambda one: f"{_bytes(one.wal_bytes)}/s"),
        ("diary a day, one copy", lambda one: _bytes(one.storage.a_day)),
        ("hot: two years", lambda one: _bytes(one.storage.hot)),
        (f"cold: the rest of {KEPT_YEARS} years", lambda one: _bytes(one.storage.cold)),
        (f"both, {COPIES} copies", lambda one: _bytes(COPIES * (one.storage.hot + one.storage.cold))),
    ]
    return _table(["users", *map(_number, STEPS)], [[name, *(told(one) for one in plans)] for name, told in rows])


def _limits(results: Results) -> list[str]:
    costs = read(results)
    what = {
        "stream's bytes": "JetStream keeps 20 GiB of a service's events: with more users a resume, and a worker "
        "that was out, reach back less than a day",
        "feed": f"every process of glucose reads every event of its cell: {1e6 * costs.feed_seconds:.0f} µs each fill "
        "half of what a process may use",
        "relay": f"one relay a database publishes {_number(costs.relay_events_per_second)} events/s",
        "primary's cores": f"one PostgreSQL primary of {PRIMARY_CORES} cores takes all writes of the cell",
        "primary's disk": f"two hot years of diaries on {_bytes(PRIMARY_DISK_BYTES)}",
    }
    found = sorted([("stream's bytes", stream_users(costs)), *limits(costs).items()], key=lambda each: each[1])
    rows = [[what[name], _number(users), _number(demand(users).rates["reading"])] for name, users in found]
    return [
        *_table([f"what is full (at {TARGET:.0%})", "at users", "at readings/s"], rows),
        f"\nSo a cell is for {_number(cell_users(costs))} users: the least but the first, which one setting raises.",
    ]


def _storage(results: Results) -> list[str]:
    costs = read(results)
    memory = by_part(costs.watch_memory)
    frozen = "a frozen month" if measures_frozen(results) else "a month of one patient compressed by zlib"
    return [
        f"An entry takes {costs.entry_bytes:.0f} bytes with its indexes, {costs.frozen_entry_bytes:.0f} in {frozen} "
        f"(1 : {costs.entry_bytes / costs.frozen_entry_bytes:.1f}), and "
        f"{costs.jetstream_event_bytes:.0f} in JetStream for a day. An open watch takes "
        f"{_bytes(memory.get('glucose', 0))} of glucose and {_bytes(memory.get('gateway', 0))} of Envoy, "
        "connection included."
    ]


def _drivers(results: Results) -> list[str]:
    """Which acts the processors work for."""
    costs, rates = read(results), demand(STEPS[-1]).rates
    used = {kind: rate * sum(costs.units[kind].seconds.values()) for kind, rate in rates.items()}
    used["watches at rest"] = demand(STEPS[-1]).watches * sum(by_part(costs.watch_cores).values())
    whole = sum(used.values())
    rows = [
        [kind, _number(rates[kind]) if kind in rates else "–", _number(cores), f"{cores / whole:.0%}"]
        for kind, cores in sorted(used.items(), key=lambda each: -each[1])
        if cores >= whole / 100
    ]
    return _table(["100 M users, busiest hour", "a second", "cores", "of all"], rows)


def _assumptions(_: Results) -> list[str]:
    rows = [[f"{one.value:g}", one.what, one.why] for one in ASSUMPTIONS]
    last = (
        f"\nIf every diarist wore a sensor, their readings, events and diaries would be {1 / SENSOR_WEARERS.value:.1f} "
        "times as many, and so nearly the cells."
    )
    return [_row(["", "what", "why"]), _row(["---"] * 3), *map(_row, rows), last]


TABLES: Mapping[str, Callable[[Results], list[str]]] = {
    "origin": _origin,
    "prediction": _prediction,
    "processes": _processes,
    "costs": _costs,
    "limits": _limits,
    "storage": _storage,
    "steps": _steps,
    "drivers": _drivers,
    "assumptions": _assumptions,
}

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
