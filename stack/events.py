"""What happens to a part, as told to whoever listens: the command line prints it, tests stay silent."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["starting", "ready", "died", "restarting", "stopping", "stopped"]


@dataclass(frozen=True)
class Event:
    part: str
    state: State
    log: Path
    seconds: float = 0.0
    """`ready`: how long it took. `died`: how long it had run. `restarting`: how long until then."""
    detail: str = ""
    """`ready`: where it answers. `died`: why."""


Listener = Callable[[Event], None]


def silent(_: Event) -> None:
    pass


class PartFailed(Exception):
    """A part did not become ready."""

    def __init__(self, part: str, why: str, log: Path, log_tail: str) -> None:
        super().__init__(f"{part} {why}; its log: {log}")
        self.part, self.why, self.log, self.log_tail = part, why, log, log_tail
