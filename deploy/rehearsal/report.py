"""What a rehearsal says, as it goes on and in the end."""

import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from deploy.rehearsal.clients import Tally
from deploy.rehearsal.load import Figures
from deploy.rehearsal.platform import Rehearsed
from deploy.rehearsal.stand_ins import SETTINGS

_WIDTH = 110
"""Where nobody says how wide it is, a pipe has less than the table."""


class Report:
    """On the terminal."""

    def __init__(self, began: float) -> None:
        self._console = Console(highlight=False)
        self._console.width = max(self._console.width, _WIDTH)
        self._began = began

    def say(self, text: str) -> None:
        self._console.print(f"[dim]{time.monotonic() - self._began:6.1f} s[/]  {text}", soft_wrap=True)

    def tell_of(self, platform: Rehearsed) -> None:
        """What runs, and what does not."""
        self.say(f"up: {', '.join((*platform.deployments, *platform.stateful_sets))}")
        self.say(
            f"stood in for: {', '.join(platform.stand_ins.names)}, the stores of secrets and objects, cert-manager"
        )
        self.say(f"set for the rehearsal: {', '.join(SETTINGS)}")
        not_run = (f"{kind} {', '.join(names)}" for kind, names in platform.not_run.items())
        self.say(f"not run: {'; '.join(not_run)}; nor users, groups, limits of resources")

    def tell(self, figures: Figures) -> None:
        mark = "[green]✓[/]" if figures.clean else "[red]✗[/]"
        self.say(f"{mark} {figures.act}: {figures.calls:,} calls, {figures.failed} failed; {figures.lost} events lost")

    def tell_failures(self, tally: Tally) -> None:
        for what, times in tally.failures.most_common():
            self.say(f"{times} x {what}")

    def end(self, acts: Sequence[Figures]) -> bool:
        """The table. Whether nothing was lost."""
        table = Table(box=None, pad_edge=False)
        for name in (
            "under load",
            "calls",
            "refused tries",
            "failed",
            "events",
            "lost",
            "doubled",
            "longest gap",
            "took",
        ):
            table.add_column(name, justify="left" if name == "under load" else "right")
        for one in acts:
            counts = (one.calls, one.refused_tries, one.failed, one.events, one.lost, one.doubled)
            gap = f"{one.longest_gap_seconds:.1f} s"
            table.add_row(one.act, *(f"{count:,}" for count in counts), gap, f"{one.seconds:.1f} s")
        self._console.print(table)
        clean = bool(acts) and all(one.clean for one in acts)
        self.say("nothing was lost" if clean else "[red]something was lost[/]")
        return clean
