"""How thoroughly to measure."""

from dataclasses import dataclass

from rich.console import Console

_console = Console(stderr=True, highlight=False)


@dataclass(frozen=True)
class Options:
    """What the command line chose."""

    repeats: int = 5
    quick: bool = False
    full: bool = False

    def seconds(self, wanted: float) -> float:
        """A window's length."""
        return min(wanted, 1.5) if self.quick else wanted

    def many(self, wanted: int) -> int:
        """A number of samples."""
        return max(1, wanted // 10) if self.quick else wanted


def say(text: str) -> None:
    """Progress, beside the table."""
    _console.print(text, style="dim", soft_wrap=True)
