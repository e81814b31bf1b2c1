"""Fresh proofs: that the holder of a session showed the account's factors within the last minutes (ADR 0030)."""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

LIFETIME = timedelta(minutes=10)


class Method(StrEnum):
    """How somebody proved who they are, as in RFC 8176."""

    CODE = "sms"
    PASSWORD = "pwd"  # noqa: S105
    SECOND_FACTOR = "mfa"


class FreshProofRequired(Exception):
    """The call brings no fresh proof of its session, or one that does not open this act."""

    def __init__(self) -> None:
        super().__init__("prove anew who you are")


def require(shown: Collection[Method], *, second_factor: bool) -> None:
    """Raise `FreshProofRequired` when the account has a second factor and the proof did not show it."""
    if second_factor and Method.SECOND_FACTOR not in shown:
        raise FreshProofRequired


def require_for_new_phone(shown: Collection[Method]) -> None:
    """Raise `FreshProofRequired` unless the old phone or a second factor was shown: a password alone is too little."""
    if Method.CODE not in shown and Method.SECOND_FACTOR not in shown:
        raise FreshProofRequired
