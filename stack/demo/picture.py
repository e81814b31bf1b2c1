"""Record the ward as `docs/ward.svg`, from a platform of its own: `python -m stack.demo.picture [FILE]`."""

import asyncio
import io
import re
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from clients.readings.levels import Level
from stack.board import Board
from stack.demo.lapse import SECONDS_PER_MINUTE
from stack.demo.run import perform, show_of
from stack.demo.screen import Lines, Show
from stack.demo.view import Scene, draw
from stack.demo.ward import KEPT
from stack.testing import temporary_platform

WIDTH, HEIGHT = 112, 46  # cells
_TALKED = 6  # lines of the consultation
_LONGEST_SECONDS = 600  # the whole recorded day
_FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace"


async def record(file: Path) -> None:
    """Run the demo until the ward has something to tell, or for ten minutes."""
    async with temporary_platform(demo=True, seconds_per_minute=SECONDS_PER_MINUTE, gateway_port=8080) as platform:
        show = replace(show_of(platform), logs=".state/logs")
        demo = asyncio.create_task(perform(platform, show, Lines(show, Board()), asyncio.Event()))
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_SECONDS):
                while not _is_telling(show):
                    await asyncio.sleep(0.1)
        file.write_text(
            picture(
                Scene(
                    show.ward.rows(),
                    datetime.now(UTC),
                    show.around(),
                    faded=False,
                    news=show.ward.alarms.news,
                    talk=show.talk,
                    parcel=show.parcel,
                )
            )
        )
        demo.cancel()
        with suppress(asyncio.CancelledError):
            await demo


def _is_telling(show: Show) -> bool:
    """Whether somebody is low, somebody high, every arrow and chart is there, an alert went all its ways, patient and
    clinician have talked, and somebody has ordered medicine."""
    rows = show.ward.rows()
    needs = {row.level for row in rows}
    return (
        bool(needs & {Level.VERY_LOW, Level.LOW})
        and bool(needs & {Level.VERY_HIGH, Level.HIGH})
        and all(row.rate is not None and len(row.readings) > KEPT / 2 for row in rows)
        and any(row.latest_note for row in rows)
        and any(row.alert for row in rows)
        and len(show.talk.lines) >= _TALKED
        and show.parcel.is_there
        and all(any(words in one.text for one in show.ward.alarms.news) for words in ("passed on", "by the"))
    )


def picture(scene: Scene) -> str:
    """The scene as SVG that needs no font from elsewhere."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(draw(scene, WIDTH, HEIGHT), "")
    svg = console.export_svg(title="make run", unique_id="ward")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", _FONTS).replace("<text class", '<text xml:space="preserve" class')


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/ward.svg")))
