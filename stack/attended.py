"""Whether somebody has the clinician's app open beside the demo: then the demo's own doctor does nothing for her."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Attended:
    """A lock on a file of the state folder: held while an app is open, and given back however the app ends."""

    def __init__(self, state: Path) -> None:
        self._path = state / "clinician.lock"

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Say that an app is open; there may be several."""
        with self._path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield

    def is_held(self) -> bool:
        """Return whether an app is open."""
        if not self._path.exists():
            return False
        with self._path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False
