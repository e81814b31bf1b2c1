"""When a professional may sign: the second factor was just proven for just that, in the very session that asks."""

from datetime import datetime, timedelta

FRESH = timedelta(minutes=5)
"""For how long a proof of the second factor opens signing."""


class ProofNotFresh(Exception):
    """The second factor was not proven in this session, or too long ago, or for no content."""

    def __init__(self) -> None:
        super().__init__("prove the second factor in this session first")


class ProofOfOtherContent(Exception):
    """The second factor was proven for something else."""

    def __init__(self) -> None:
        super().__init__("the second factor was proven for other content")


def require_fresh(prove_time: datetime | None, now: datetime) -> None:
    """Raise `ProofNotFresh` unless the second factor was proven lately."""
    if prove_time is None or not prove_time <= now < prove_time + FRESH:
        raise ProofNotFresh


def require_proof_of(signed_sha256: bytes, proven_sha256: bytes | None) -> None:
    """Raise `ProofNotFresh` when the proof named nothing, `ProofOfOtherContent` when it named something else."""
    if proven_sha256 is None:
        raise ProofNotFresh
    if proven_sha256 != signed_sha256:
        raise ProofOfOtherContent
