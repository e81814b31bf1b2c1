"""What `apricot up` shows: a line per part while it starts, and a line for whatever happens to it later."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from stack.events import Event

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MARKS = {"ready": "[green]✓[/]", "died": "[red]✗[/]", "restarting": "[yellow]↻[/]", "stopped": "[dim]·[/]"}


def describe(event: Event) -> str:
    match event.state:
        case "ready":
            return f"{event.seconds:5.2f} s   {event.detail}"
        case "died":
            return f"{event.detail}; its log: {event.log}"
        case "restarting":
            return f"restarting in {event.seconds:g} s"
        case _:
            return event.state


class Board:
    """Lines, for a pipe or a file."""

    console: "Console | None" = None
    """The terminal; who draws on it has to use this one, so that what is said meanwhile stands above."""

    def __call__(self, event: Event) -> None:
        if event.state in MARKS:
            self.say(f"{event.part:<11} {describe(event)}")

    def say(self, text: str) -> None:
        try:
            print(text, flush=True)
        except OSError:
            _speak_to_nobody()

    def starting(self) -> AbstractContextManager[None]:
        """Around the start."""
        return nullcontext()


class LiveBoard(Board):
    """A terminal: while the platform starts, spinners that turn into ticks."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.spinner import Spinner

        self.console: Console = Console(highlight=False)
        self._spinner = Spinner("dots", style="cyan")
        self._began: dict[str, float] = {}
        self._latest: dict[str, Event] = {}
        self._is_starting = False

    def __call__(self, event: Event) -> None:
        if self._is_starting:
            self._began.setdefault(event.part, time.monotonic())
            self._latest[event.part] = event
        elif event.state in MARKS:
            self.say(f"{MARKS[event.state]} {event.part:<11} {describe(event)}")

    def say(self, text: str) -> None:
        try:
            self.console.print(text, soft_wrap=True)
        except OSError:
            _speak_to_nobody()

    @contextmanager
    def starting(self) -> Iterator[None]:
        from rich.live import Live

        live = Live(get_renderable=self._table, console=self.console, refresh_per_second=10)
        self._is_starting = True
        live.start()
        try:
            yield
        finally:
            self._is_starting = False
            try:
                live.stop()
            except OSError:
                _speak_to_nobody()

    def _table(self) -> "Table":
        from rich.table import Table

        table = Table.grid(padding=(0, 1))
        for part, event in self._latest.items():
            if event.state in MARKS:
                table.add_row(MARKS[event.state], f"{part:<11}", describe(event))
            else:
                waited = time.monotonic() - self._began[part]
                table.add_row(self._spinner, f"{part:<11}", f"{waited:5.2f} s")
        return table


def _speak_to_nobody() -> None:
    """The pipe's reader or the terminal is gone. The platform is not, and still has to stop in order."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
