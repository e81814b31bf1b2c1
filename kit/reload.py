"""Beside a program that reads its files when it starts and at SIGHUP: tells it when they are other ones.

`python -m kit.reload --pid-file FILE FILE…`; both have to be in one process namespace.
"""

import asyncio
import os
import signal
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import structlog

log = structlog.get_logger()

PAUSE_SECONDS = 5.0


class Reloader:
    """Watches files, which may be links that are laid anew."""

    def __init__(self, pid_file: Path, files: Sequence[Path]) -> None:
        self._pid_file = pid_file
        self._files = files
        self._told = self._contents()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(PAUSE_SECONDS)

    def look(self) -> bool:
        """Whether the program was told. One that cannot be told yet is told at the next look."""
        try:
            if (contents := self._contents()) == self._told:
                return False
            os.kill(int(self._pid_file.read_text()), signal.SIGHUP)
        except (OSError, ValueError) as error:
            log.warning("the program is not told that its files are new", error=type(error).__name__)
            return False
        self._told = contents
        log.info("the program is told that its files are new")
        return True

    def _contents(self) -> list[bytes]:
        return [file.read_bytes() for file in self._files]


async def watch(reloader: Reloader) -> None:
    """Until SIGTERM."""
    watching = asyncio.create_task(reloader.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, watching.cancel)
    await asyncio.wait([watching])
    if not watching.cancelled():
        watching.result()


def main() -> None:
    arguments = ArgumentParser(description="Send SIGHUP to a program when files of its are other ones.")
    arguments.add_argument("--pid-file", type=Path, required=True)
    arguments.add_argument("files", type=Path, nargs="+")
    given = arguments.parse_args()
    asyncio.run(watch(Reloader(given.pid_file, given.files)))


if __name__ == "__main__":
    main()
