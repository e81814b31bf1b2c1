"""One part's log file."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

LONGEST = 8_000_000
TAIL = 3_000


class Log:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._start = 0

    def open(self) -> BinaryIO:
        """Continue it; a long one is put aside first, in place of the one before."""
        with suppress(FileNotFoundError):
            if self.path.stat().st_size > LONGEST:
                self.path.rename(self.path.with_suffix(".log.old"))
        log = self.path.open("ab")
        self._start = log.tell()
        return log

    def tail(self) -> str:
        """The end of what was written since it was opened."""
        with self.path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._start, size - TAIL))
            return log.read().decode(errors="replace").strip()
