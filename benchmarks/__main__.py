"""`python -m benchmarks [NAME …]`."""

import asyncio
import os
from importlib import import_module
from typing import Annotated

import typer

from benchmarks.options import Options
from benchmarks.results import Line, keep, show

LINES = (
    "log",
    "upload",
    "live",
    "live-one",
    "chat",
    "track",
    "alerts",
    "revoke",
    "last-day",
    "report",
    "cohort",
    "search",
    "catalog",
    "growth",
    "book",
    "order",
    "chart",
    "start",
    "memory",
    "board",
    "capacity",
)


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(LINES)}; none: all.")] = None,
    repeats: Annotated[int, typer.Option(min=1, help="How often each side is measured, in turn.")] = 5,
    quick: Annotated[bool, typer.Option(help="Short windows: to see that it works, not how fast.")] = False,
    full: Annotated[bool, typer.Option(help="`growth` with 30 million rows: many minutes and 20 GB.")] = False,
) -> None:
    """Measure and print a table; write benchmarks/results.json, unless it is `quick`."""
    if unknown := set(names or ()) - set(LINES):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}; the lines are {', '.join(LINES)}")
    options = Options(repeats=repeats, quick=quick, full=full)
    for limit in (
        "APRICOT_CODES_PER_ADDRESS_AND_HOUR",
        "APRICOT_SIGN_INS_PER_ADDRESS_AND_HOUR",
        "APRICOT_UNPAID_ORDERS_PER_BUYER",
    ):
        os.environ[limit] = "1000000"
    lines: list[Line] = []
    for name in names or LINES:
        found: list[Line] = asyncio.run(import_module(f"benchmarks.{name.replace('-', '_')}").run(options))
        if not quick:  # a quick value says nothing
            keep(found, options)
        lines += found
    show(lines)


app = typer.Typer(pretty_exceptions_enable=False)
app.command()(main)
app()
