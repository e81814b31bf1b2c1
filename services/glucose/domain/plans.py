"""The life of a plan's revision, and what is to be decided on a draft."""

from collections.abc import Collection, Mapping, Sequence
from enum import Enum, IntEnum
from typing import NamedTuple
from uuid import UUID

from services.glucose.domain.entries import RevisionMismatchError


class State(IntEnum):
    """Where a revision stands, numbered as in the contract."""

    PROPOSED = 1
    ACTIVE = 2
    DECLINED = 3
    ENDED = 4


class Act(Enum):
    """What happens to a revision."""

    ACCEPT = "accept"
    DECLINE = "decline"
    REPLACE = "replace"
    """Another revision or plan takes its place: of one that waits when another is written, of the one in force when
    another is accepted."""


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.PROPOSED, Act.ACCEPT): State.ACTIVE,
    (State.PROPOSED, Act.DECLINE): State.DECLINED,
    (State.PROPOSED, Act.REPLACE): State.ENDED,
    (State.ACTIVE, Act.REPLACE): State.ENDED,
}


class WrongStateError(Exception):
    """The plan is in a state that does not allow this."""


class UndecidedDraftError(Exception):
    """Some line of the draft has no decision."""


class UnknownLineError(ValueError):
    """A decision is on no line of the draft, or the second one on a line."""


class Standing(NamedTuple):
    """Where one revision of a plan stands."""

    revision: int
    state: State
    answered: bool
    """Whether the patient has answered it; one that has ended with an answer was in force."""


def after(state: State, act: Act) -> State:
    """Errors: `WrongStateError`."""
    if (state, act) not in TRANSITIONS:
        raise WrongStateError(f"the revision is {state.name.lower()}")
    return TRANSITIONS[state, act]


def require_revisable(revisions: Sequence[Standing], expected: int) -> None:
    """All of a plan's revisions, the newest first. A plan has ended when another took its place: while it was in force,
    or while it waited for an answer. Errors: `RevisionMismatchError`, `WrongStateError`."""
    newest = revisions[0]
    _require_newest(newest, expected)
    in_force = any(each.state is State.ACTIVE for each in revisions)
    was_in_force = any(each.state is State.ENDED and each.answered for each in revisions)
    if not in_force and (was_in_force or newest.state is State.ENDED):
        raise WrongStateError("the plan has ended; write a new one")


def require_answerable(newest: Standing, revision: int) -> None:
    """Errors: `RevisionMismatchError`, `WrongStateError`."""
    _require_newest(newest, revision)
    if newest.state is not State.PROPOSED:
        raise WrongStateError(f"the revision is {newest.state.name.lower()}")


def require_decided(lines: Collection[UUID], decided: Sequence[UUID]) -> None:
    """Each line of a draft has its one decision. Errors: `UnknownLineError`, `UndecidedDraftError`."""
    if len(set(decided)) < len(decided) or not set(decided) <= set(lines):
        raise UnknownLineError("each decision is on a line of its own of the draft")
    if missing := len(lines) - len(decided):
        raise UndecidedDraftError(f"{missing} lines of the draft have no decision")


def _require_newest(newest: Standing, revision: int) -> None:
    if newest.revision != revision:
        raise RevisionMismatchError(f"the plan is at revision {newest.revision}")
