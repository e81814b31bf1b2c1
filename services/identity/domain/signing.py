"""When a professional may sign: the second factor was just proven, in the very session that asks."""

from datetime import datetime, timedelta

FRESH = timedelta(minutes=5)
"""For how long a proof of the second factor opens signing."""


class ProofNotFresh(Exception):
    """The second factor was not proven in this session, or too long ago."""

    def __init__(self) -> None:
        super().__init__("prove the second factor in this session first")


def require_fresh(prove_time: datetime | None, now: datetime) -> None:
    """Errors: `ProofNotFresh`."""
    if prove_time is None or not prove_time <= now < prove_time + FRESH:
        raise ProofNotFresh
