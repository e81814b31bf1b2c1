"""What a part runs; each engine and service is one of these."""

import signal
from abc import ABC, abstractmethod
from pathlib import Path

from stack.account import Account


class Program(ABC):
    """A name, a command and a question, "are you ready?"; `stack.process` does the rest."""

    account: Account = "same"
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10.0
    death_signal: int = signal.SIGKILL
    """What it gets when the stack itself is killed."""
    ready_seconds: float = 300.0

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address
        """Where it answers, for people."""

    @abstractmethod
    async def command(self) -> list[str]:
        """The command line. Asked before every start, so it prepares the ground first."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Its whole environment."""

    def folder(self) -> Path | None:
        """Where it runs; the stack's own working folder by default."""
        return None

    @abstractmethod
    async def ready(self) -> bool:
        """Whether it serves. An OSError says no as well."""
