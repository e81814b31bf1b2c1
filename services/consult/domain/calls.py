"""The life of a call: who may have one, what happens to it, and how it ended."""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum, IntEnum

RING = timedelta(seconds=45)
"""How long a call rings before it is missed."""
LOST = timedelta(seconds=30)
"""How long a device in a call may be away from the conversation: a change of network takes seconds."""


class State(IntEnum):
    """Where a call stands, numbered as in the contract."""

    RINGING = 1
    ACTIVE = 2
    ENDED = 3


class Act(Enum):
    """What happens to a call."""

    ANSWER = "answer"
    DECLINE = "decline"
    """The last of those whom it rings declines."""
    CANCEL = "cancel"
    """The caller gives up before an answer."""
    HANG_UP = "hang up"
    """So many leave that at most one is left."""
    MISS = "miss"
    """It rang long enough."""
    BUSY = "busy"
    """Everybody else is in another call."""
    FAIL = "fail"
    """Every device lost its connection, or the consultation ended."""


class End(IntEnum):
    """How a call ended, numbered as in the contract."""

    HUNG_UP = 1
    MISSED = 2
    DECLINED = 3
    CANCELLED = 4
    BUSY = 5
    FAILED = 6


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.RINGING, Act.ANSWER): State.ACTIVE,
    (State.RINGING, Act.DECLINE): State.ENDED,
    (State.RINGING, Act.CANCEL): State.ENDED,
    (State.RINGING, Act.MISS): State.ENDED,
    (State.RINGING, Act.BUSY): State.ENDED,
    (State.RINGING, Act.FAIL): State.ENDED,
    (State.ACTIVE, Act.HANG_UP): State.ENDED,
    (State.ACTIVE, Act.FAIL): State.ENDED,
}

ENDS: Mapping[Act, End] = {
    Act.DECLINE: End.DECLINED,
    Act.CANCEL: End.CANCELLED,
    Act.HANG_UP: End.HUNG_UP,
    Act.MISS: End.MISSED,
    Act.BUSY: End.BUSY,
    Act.FAIL: End.FAILED,
}
"""How a call ended, by what ended it."""


class Mode(IntEnum):
    """How patient and doctor talk, numbered as in the contract."""

    TEXT = 1
    VOICE = 2
    VIDEO = 3


class Media(IntEnum):
    """What a call carries, numbered as in the contract."""

    AUDIO = 1
    VIDEO = 2


_CALLS: Mapping[Mode, frozenset[Media]] = {
    Mode.TEXT: frozenset(),
    Mode.VOICE: frozenset({Media.AUDIO}),
    Mode.VIDEO: frozenset({Media.AUDIO, Media.VIDEO}),
}


class WrongStateError(Exception):
    """The call is in a state that does not allow this."""


class NoSuchCallsError(Exception):
    """A consultation in this mode has no calls of that kind."""


class InCallError(Exception):
    """Another device of the person's is in this call, or the person is in another one."""


def after(state: State, act: Act) -> State:
    """Errors: `WrongStateError`."""
    if (state, act) not in TRANSITIONS:
        raise WrongStateError(f"the call is {state.name.lower()}")
    return TRANSITIONS[state, act]


def require_offered(mode: Mode, media: Media) -> None:
    """Errors: `NoSuchCallsError`."""
    if media not in _CALLS[mode]:
        raise NoSuchCallsError(f"a consultation by {mode.name.lower()} has no {media.name.lower()} calls")


def hanging_up(state: State, *, is_caller: bool, others_in: int, others_ringing: int) -> Act | None:
    """What it makes of a call that is not over when somebody hangs up or declines; None: it goes on without them."""
    if state is State.RINGING:
        if is_caller:
            return Act.CANCEL
        return Act.DECLINE if others_ringing == 0 else None
    return Act.HANG_UP if others_in < 2 else None


def losing(*, others_in: int) -> Act | None:
    """What it makes of a call when a device is lost; None: the others wait for it to come back, or hang up."""
    return Act.FAIL if others_in == 0 else None
