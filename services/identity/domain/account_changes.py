"""Changes of an account that take two people: who may decide them, and when they take effect (ADR 0030)."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

RESET_DELAY = timedelta(hours=24)
"""Between the approval of a reset and its effect: the owner, who is told, can stop it by showing the second factor."""
OPEN_FOR = timedelta(days=7)


class Kind(StrEnum):
    """What is changed."""

    RESET_SECOND_FACTOR = "reset_second_factor"
    GIVE_ADMIN = "give_admin"


class State(StrEnum):
    """Where a change stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class OwnAccountChange(Exception):
    """Nobody changes their own account, or approves what they proposed."""

    def __init__(self) -> None:
        super().__init__("another administrator has to do this")


class ChangeInWrongState(Exception):
    """The change, or the account, does not allow this any more."""

    def __init__(self) -> None:
        super().__init__("there is nothing to change, or the change is over")


class AdministratorsCanAct(Exception):
    """The operator acts only for administrators who are missing."""

    def __init__(self, others: int) -> None:
        what = "let two administrators do it" if others > 1 else "let the other administrator propose it first"
        super().__init__(f"{what}, or say --emergency")


def require_other(actor: UUID, *others: UUID) -> None:
    """Raise `OwnAccountChange` when the actor is one of the others."""
    if actor in others:
        raise OwnAccountChange


def effective_time(kind: Kind, now: datetime) -> datetime:
    """Return when a change that is approved now takes effect."""
    return now + RESET_DELAY if kind is Kind.RESET_SECOND_FACTOR else now


def require_operator(other_admins: int, *, proposed: bool, emergency: bool) -> None:
    """Raise `AdministratorsCanAct` unless the operator stands in for a missing administrator: there is no other one, or
    the only other one has proposed the change."""
    if emergency or other_admins == 0 or (other_admins == 1 and proposed):
        return
    raise AdministratorsCanAct(other_admins)
