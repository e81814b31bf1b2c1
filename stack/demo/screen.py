"""Where the ward is shown: a terminal that redraws, or lines for a pipe or a file."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from clients.sdk import Phase, Watch, WatchState
from stack.demo.margins import Surroundings, clock
from stack.demo.ward import Row, Ward, instant
from stack.demo.words import note, reading_line

_REDRAW_SECONDS = 0.2
_LINES_ABOVE = 3  # for what happens to the stack


@dataclass
class Show:
    """What the demo tells whoever shows it."""

    ward: Ward
    gateway: str
    logs: str
    clinician: str = ""
    watch: Watch | None = None
    progress: tuple[int, int] | None = None
    """History entries loaded, and all of them; None while none are loaded."""

    def around(self) -> Surroundings:
        state = self.watch.state if self.watch else WatchState(Phase.CATCHING_UP)
        return Surroundings(self.gateway, self.logs, self.clinician, state, self.progress)


class Lines:
    """One line for each event."""

    def __init__(self, show: Show, say: Callable[[str], None]) -> None:
        self._show = show
        self._say = say
        self._said: dict[str, tuple[str, str]] = {}

    def say(self, text: str) -> None:
        self._say(text)

    def happened(self, row: Row) -> None:
        """A patient has a new reading, or ate, or took something; what is older than the newest goes unsaid."""
        reading, noted = row.reading, row.latest_note
        key = (reading.entry_id if reading else "", noted.entry_id if noted else "")
        before = self._said.get(row.patient.patient_id, ("", ""))
        self._said[row.patient.patient_id] = key
        if noted and key[1] != before[1]:
            self.say(f"{clock(instant(noted))} {row.patient.display_name} {note(noted)}")
        if reading and key[0] != before[0]:
            self.say(f"{clock(instant(reading))} {row.patient.display_name} {reading_line(reading, row.rate)}")

    def state_changed(self, state: WatchState) -> None:
        """The watch is live, or lost its stream."""
        until = f", complete until {clock(state.complete_until)}" if state.complete_until else ""
        self.say(f"{clock(datetime.now(UTC))} the watch is {state.phase}{until}")

    async def run(self) -> None:
        """As long as the demo runs."""
        await asyncio.Future()


class Terminal(Lines):
    """The ward, redrawn in place; what is said meanwhile, by the stack too, scrolls by above it."""

    def happened(self, row: Row) -> None:
        pass

    def state_changed(self, state: WatchState) -> None:
        pass

    async def run(self) -> None:
        from rich.console import Console
        from rich.live import Live

        from stack.demo.view import Scene, draw

        console = Console(highlight=False)
        size = console.size
        with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
            while True:
                if console.size != size:  # the terminal has wrapped or cut what was drawn: begin on a clean one
                    size = console.size
                    console.clear()
                show, around = self._show, self._show.around()
                faded = around.state.phase == Phase.STALE
                scene = Scene(show.ward.rows(), datetime.now(UTC), around, faded)
                live.update(draw(scene, size.width, size.height - _LINES_ABOVE), refresh=True)
                await asyncio.sleep(_REDRAW_SECONDS)


def screen_for(show: Show) -> Lines:
    """By what standard output is."""

    def say(text: str) -> None:
        print(text, flush=True)

    return (Terminal if sys.stdout.isatty() else Lines)(show, say)
