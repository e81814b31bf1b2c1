"""The fee of a consultation: what it is in the pool, and what becomes of it."""

from collections.abc import Mapping
from enum import Enum, IntEnum

from services.consult.domain.consultations import Act


class Mode(IntEnum):
    """How patient and doctor talk, numbered as in the contract."""

    TEXT = 1
    VOICE = 2
    VIDEO = 3


POOL_CURRENCY = "CNY"
POOL_FEE_MINOR: Mapping[Mode, int] = {Mode.TEXT: 20_00, Mode.VOICE: 40_00, Mode.VIDEO: 60_00}
"""What a question to the pool costs, in fen. A chosen doctor sets the fee in the directory."""


class FeeState(IntEnum):
    """What became of the fee, numbered as in the contract."""

    NONE = 0
    """It is free."""
    HELD = 1
    EARNED = 2
    REFUNDED = 3


class FeeAct(Enum):
    """What happens to a fee."""

    EARN = "earn"
    REFUND = "refund"


FEE_TRANSITIONS: Mapping[tuple[FeeState, FeeAct], FeeState] = {
    (FeeState.NONE, FeeAct.EARN): FeeState.NONE,
    (FeeState.NONE, FeeAct.REFUND): FeeState.NONE,
    (FeeState.HELD, FeeAct.EARN): FeeState.EARNED,
    (FeeState.HELD, FeeAct.REFUND): FeeState.REFUNDED,
}

_SETTLED_BY = {
    Act.CLOSE: FeeAct.EARN,
    Act.REFER: FeeAct.EARN,
    Act.DECLINE: FeeAct.REFUND,
    Act.CANCEL: FeeAct.REFUND,
}


class FeeSettledError(Exception):
    """The fee was earned or refunded already."""


def held(fee_minor: int) -> FeeState:
    """How a fee begins."""
    return FeeState.HELD if fee_minor else FeeState.NONE


def fee_after(state: FeeState, act: Act, *, answered: bool) -> FeeState:
    """The fee behind an act; one that ends nothing leaves it. A consultation that expired was worth its fee where the
    doctor had answered. Errors: `FeeSettledError`."""
    fee_act = (FeeAct.EARN if answered else FeeAct.REFUND) if act is Act.EXPIRE else _SETTLED_BY.get(act)
    return state if fee_act is None else settled(state, fee_act)


def settled(state: FeeState, act: FeeAct) -> FeeState:
    """Errors: `FeeSettledError`."""
    if (state, act) not in FEE_TRANSITIONS:
        raise FeeSettledError(f"the fee is {state.name.lower()}")
    return FEE_TRANSITIONS[state, act]
