"""Where the ward is shown: a terminal that redraws, or lines for a pipe or a file."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from apricot.glucose.v1.entry_pb2 import Entry

from clients.sdk import Phase, Watch, WatchState
from stack.board import Board
from stack.demo.margins import Surroundings, clock
from stack.demo.parcel import Parcel
from stack.demo.talk import Talk
from stack.demo.ward import Row, Ward, instant
from stack.demo.words import note, reading_line

if TYPE_CHECKING:
    from rich.console import Console

_REDRAW_SECONDS = 0.2
_LINES_ABOVE = 2  # for what happens to the stack


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
    talk: Talk = field(default_factory=Talk)
    parcel: Parcel = field(default_factory=Parcel)

    def around(self) -> Surroundings:
        state = self.watch.state if self.watch else WatchState(Phase.CATCHING_UP)
        return Surroundings(
            self.gateway, self.logs, self.clinician, state, self.progress, self.ward.alarms.interrupted_since
        )


class Lines:
    """One line for each event."""

    def __init__(self, show: Show, board: Board) -> None:
        self._began = began = datetime.now(UTC)
        self._show = show
        self._board = board
        self._said: dict[str, datetime] = defaultdict(lambda: began)
        """The newest entry of each patient that was told; what is older than the demo goes unsaid."""

    def say(self, text: str) -> None:
        self._board.say(text)

    def happened(self, row: Row) -> None:
        """A patient's newest reading, meal, dose or note may have changed."""
        said = self._said[row.patient.patient_id]
        self._tell_alerts(row)
        if row.latest_note and instant(row.latest_note) > said:
            self._line(row, row.latest_note, note(row.latest_note))
        if row.reading and instant(row.reading) > said:
            self._line(row, row.reading, reading_line(row.reading, row.rate))

    def _tell_alerts(self, row: Row) -> None:
        untold = self._show.ward.alarms.untold
        while untold:
            if (one := untold.popleft()).time > self._began:
                self.say(f"{clock(one.time)} {row.name} alert: {one.text}")

    def talked(self) -> None:
        """Something may have been said in the consultation."""
        untold = self._show.talk.untold
        while untold:
            one = untold.popleft()
            self.say(f"{clock(one.time)} consultation: {one.who}{' ' if one.who else ''}{one.text}")

    def moved(self) -> None:
        """The order may have come further."""
        untold = self._show.parcel.untold
        while untold:
            self.say(f"{clock(datetime.now(UTC))} pharmacy: {untold.popleft()}")

    def _line(self, row: Row, entry: Entry, text: str) -> None:
        at = instant(entry)
        self._said[row.patient.patient_id] = max(at, self._said[row.patient.patient_id])
        self.say(f"{clock(at)} {row.name} {text}")

    def state_changed(self, state: WatchState) -> None:
        """The watch is live, or lost its stream."""
        until = f", complete until {clock(state.complete_until)}" if state.complete_until else ""
        self.say(f"{clock(datetime.now(UTC))} the watch is {state.phase}{until}")

    async def run(self) -> None:
        """As long as the demo runs."""
        await asyncio.Future()


class Terminal(Lines):
    """The ward, redrawn in place; what is said meanwhile, by the stack too, scrolls by above it."""

    def __init__(self, show: Show, board: Board, console: "Console") -> None:
        super().__init__(show, board)
        self._console = console

    def say(self, text: str) -> None:
        from rich.markup import escape

        super().say(escape(text))

    def happened(self, row: Row) -> None:
        pass

    def talked(self) -> None:
        pass

    def moved(self) -> None:
        pass

    def state_changed(self, state: WatchState) -> None:
        pass

    async def run(self) -> None:
        with suppress(OSError):  # the terminal has gone: the demo has not
            await self._redraw()
        await super().run()

    async def _redraw(self) -> None:
        from rich.live import Live

        from stack.demo.view import Scene, draw

        show, size = self._show, self._console.size
        with Live(console=self._console, auto_refresh=False, vertical_overflow="crop") as live:
            while True:
                if self._console.size != size:  # the terminal has wrapped or cut what was drawn: begin on a clean one
                    size = self._console.size
                    self._console.clear()
                around = show.around()
                faded = around.state.phase == Phase.STALE
                talk = show.talk if show.talk.is_open else None
                parcel = show.parcel if show.parcel.is_there else None
                scene = Scene(show.ward.rows(), datetime.now(UTC), around, faded, show.ward.alarms.news, talk, parcel)
                live.update(draw(scene, size.width, size.height - _LINES_ABOVE), refresh=True)
                await asyncio.sleep(_REDRAW_SECONDS)


def screen_for(show: Show, board: Board) -> Lines:
    """By what the board stands on."""
    return Terminal(show, board, board.console) if board.console else Lines(show, board)
