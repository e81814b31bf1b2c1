"""Where models keep what was typed until it is sent."""

from typing import Protocol


class DraftStore(Protocol):
    """`drafts.py: Drafts` in the app."""

    def get(self, key: str) -> str | None:
        """What was kept; None: nothing."""

    def put(self, key: str, text: str) -> None:
        """Keep it in the place of what was."""

    def drop(self, key: str) -> None:
        """It is needed no longer."""

    def flush(self) -> None:
        """Whatever waits to be written is on the disk after this."""
