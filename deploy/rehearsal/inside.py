"""`python -m deploy.rehearsal.inside`: the rehearsal, already inside a space of its own."""

import asyncio
import shutil
import signal
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path

from deploy.manifests import render
from deploy.rehearsal.acts import Acts
from deploy.rehearsal.clients import Phone, Tally
from deploy.rehearsal.load import Figures, under_load
from deploy.rehearsal.manifests import Objects
from deploy.rehearsal.platform import rehearsed
from deploy.rehearsal.report import Report
from deploy.rehearsal.story import play


async def rehearse(overlay: str, only: str, state: Path, report: Report) -> list[Figures]:
    """All acts whose name has `only` in it, with their figures."""
    async with rehearsed(Objects(render(overlay)), state, report.say) as platform:
        report.tell_of(platform)

        def open_phone(tally: Tally) -> Phone:
            return Phone(platform.gateway, platform.trusted, tally)

        await play(open_phone(Tally()), platform.stand_ins.cashier_url)
        report.say("the story was played: signed in, logged, watched, consulted, ordered, delivered")
        async with under_load(open_phone) as load:
            figures = await Acts(platform, load, report.tell).all(only)
            report.tell_failures(load.tally)
    return figures


async def main() -> int:
    parser = ArgumentParser(description="Run the platform from its manifests, and lose parts of it under load.")
    parser.add_argument("--overlay", default="production")
    parser.add_argument("--only", default="", metavar="WORDS", help="just the acts with these words in their names")
    parser.add_argument("--keep", action="store_true", help="leave the logs and data in their folder")
    chosen = parser.parse_args()
    state, report = Path(tempfile.mkdtemp(prefix="apricot-rehearsal-")), Report(time.monotonic())
    report.say(f"logs and data: {state}")
    task = asyncio.create_task(rehearse(chosen.overlay, chosen.only, state, report))
    for number in signal.SIGTERM, signal.SIGINT:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        clean = report.end(await task)
    except asyncio.CancelledError:
        report.say("stopped")
        return 1
    if clean and not chosen.keep:
        shutil.rmtree(state)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
