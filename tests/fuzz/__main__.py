"""`make fuzz`: looks for FUZZ_SECONDS (300) with FUZZ_SEED (another one each time), keeps what fails in `.fuzz/`, and
tells. `python -m tests.fuzz --replay FILE` sends one failure again."""

import asyncio
import json
import os
import secrets
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.fuzz.arena import arena, prepared
from tests.fuzz.campaign import METHODS, Finding, Tally
from tests.fuzz.garbage import throw_garbage
from tests.fuzz.health import grown_mib, health, restarted

FOLDER = Path(".fuzz")
os.environ["APRICOT_CODES_PER_ADDRESS_AND_HOUR"] = os.environ["APRICOT_SIGN_INS_PER_ADDRESS_AND_HOUR"] = "100000"


async def look(seconds: float, seed: int, replayed: Path | None) -> bool:
    """Whether everything was answered well."""
    console = Console()
    async with arena() as platform, prepared(platform, seed) as campaign:
        before = health(platform)
        if replayed:
            tally = await campaign.replay(Finding(**json.loads(replayed.read_text())))
        else:
            await throw_garbage(platform, seed, count=500)
            tally = await campaign.run(seconds)
        after = health(platform)
        dead = restarted(before, after)
        tell(console, tally, seed)
        console.print(f"grown by MiB: {grown_mib(before, after)}")
        console.print(f"restarted: {', '.join(dead) or 'nothing'}")
        for finding in tally.findings:
            finding.keep(FOLDER)
    return not tally.findings and not dead


def tell(console: Console, tally: Tally, seed: int) -> None:
    """For people."""
    table = Table("what", "how much", title=f"fuzz, seed {seed}")
    slow = sorted(tally.seconds)
    table.add_row("inputs", f"{tally.tried.total()}: {dict(tally.tried)}")
    table.add_row("methods", f"{len(tally.methods)} of {len(METHODS)}")
    table.add_row("callers", str(dict(tally.callers)))
    table.add_row("answers", str(dict(tally.codes.most_common())))
    table.add_row(
        "seconds", f"median {slow[len(slow) // 2]:.3f}, p99 {slow[len(slow) * 99 // 100]:.2f}, most {slow[-1]:.2f}"
    )
    console.print(table)
    found = Counter(f"{one.path} by {one.way}: {one.what}" for one in tally.findings)
    for what, times in found.most_common(40):
        console.print(f"[red]{times} × {what}")
    console.print(f"{len(tally.findings)} findings, kept in {FOLDER}" if found else "no findings")


def main() -> None:
    parser = ArgumentParser(description="Send every method what nobody should send.")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="send one failure of an earlier run again")
    seconds = float(os.environ.get("FUZZ_SECONDS", "300"))
    seed = int(os.environ.get("FUZZ_SEED", secrets.randbelow(1 << 32)))
    sys.exit(not asyncio.run(look(seconds, seed, parser.parse_args().replay)))


if __name__ == "__main__":
    main()
