"""What may be handed out on a prescription: how often, how much, and when.

A prescription is handed out as a whole, each time by one order: the first time within its validity (three days,
Prescription Administration Measures 2007, article 18), again as often as its items' repeats say, until the course with
all repeats is over. An item takes part in the first dispensing and in as many more as it has repeats. What an order
leaves out of a dispensing is not handed out later.

What came back was of no use to the patient: a parcel that could not be handed over or was lost, or faulty goods, which
may be exchanged (Good Supply Practice, 2016: for faults of quality alone). Where the order was placed in time, its
dispensing may be ordered once more for as long as a prescription is valid, from when it came back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import Enum, IntEnum, StrEnum
from itertools import count

from formulary.amounts import Amount, substance

_NEARLY_USED = 0.8
"""Of a supply, before there is another."""
EXCHANGE_TIME = timedelta(days=3)
"""How long what came back may be ordered once more."""
_PACK = "{box}"
"""A quantity in packs, whatever is in them."""


class State(IntEnum):
    """Where a revision stands, for the pharmacy."""

    ISSUED = 1
    REPLACED = 2
    """A newer revision took its place."""
    REVOKED = 3
    """The doctor took it back."""
    REJECTED = 4
    """A pharmacist rejected it."""


class Act(Enum):
    """What happens to a revision."""

    REPLACE = "replace"
    REVOKE = "revoke"
    REJECT = "reject"


TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.ISSUED, Act.REPLACE): State.REPLACED,
    (State.ISSUED, Act.REVOKE): State.REVOKED,
    (State.ISSUED, Act.REJECT): State.REJECTED,
    (State.REJECTED, Act.REPLACE): State.REPLACED,
    (State.REJECTED, Act.REVOKE): State.REVOKED,
}


class Why(StrEnum):
    """Why a prescription cannot be used, as the contract names it."""

    UNKNOWN = "UNKNOWN"
    NOT_GENUINE = "NOT_GENUINE"
    REPLACED = "REPLACED"
    REVOKED = "REVOKED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class NotValidError(Exception):
    """The prescription cannot be used: unknown, altered, taken back, replaced, rejected, or its time is over."""

    def __init__(self, message: str, why: Why) -> None:
        super().__init__(message)
        self.metadata = {"why": str(why)}


def require_issued(state: State) -> None:
    """Raise `NotValidError` when a revision of this state cannot be used."""
    if state is not State.ISSUED:
        raise NotValidError(f"the prescription is {state.name.lower()}", Why(state.name))


class UsedError(Exception):
    """It was handed out as often as it may be, or another order uses it."""


class NotHeldError(Exception):
    """The prescription does not hold this medicine, or not so much of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One medicine of a prescription."""

    atc_code: str
    strength: Amount
    quantity: Amount
    """What is handed out each time."""
    duration_days: int
    """How long that lasts."""
    repeats: int


@dataclass(frozen=True, slots=True)
class Product:
    """A product, as far as a prescription asks for it."""

    atc_code: str
    strength: Amount
    pack: Sequence[Amount]
    """What is in one pack, in each unit that tells it, such as 1 {pen} and 3 mL."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an order takes of a prescription."""

    prescription_item: int
    """Which of its items, from 1 on."""
    packs: int
    product: Product | None
    """None: nothing is known of it."""


def heard(state: State, act: Act) -> State:
    """Where it stands once this is heard of. What has ended stays so: events come in any order."""
    return TRANSITIONS.get((state, act), state)


def most_dispensings(lines: Sequence[Line]) -> int:
    """How often it may be handed out."""
    return 1 + max((line.repeats for line in lines), default=0)


def supply_days(lines: Sequence[Line]) -> int:
    """How long the whole course lasts, with all repeats."""
    return max((line.duration_days * (1 + line.repeats) for line in lines), default=0)


def require_held(lines: Sequence[Line], wanted: Sequence[Wanted], number: int) -> int:
    """All of this is in the dispensing of this number; for how many days it lasts. Errors: `NotHeldError`."""
    places = [each.prescription_item for each in wanted]
    if not places or len(set(places)) < len(places):
        raise NotHeldError("each item of a prescription by one product")
    for each in wanted:
        line = lines[each.prescription_item - 1] if 0 < each.prescription_item <= len(lines) else None
        if line is None or each.product is None or not _is_the_same(line, each.product):
            raise NotHeldError("the prescription does not hold this medicine in this strength")
        if number > 1 + line.repeats:
            raise NotHeldError("this medicine of the prescription was handed out as often as it may be")
        if each.packs > _most_packs(line, each.product):
            raise NotHeldError("the prescription does not hold so much")
    return max(lines[place - 1].duration_days for place in places)


def next_number(used: Collection[int]) -> int:
    """Of the dispensing that comes next: that of one that came back, before a new one."""
    return next(number for number in count(1) if number not in used)


def again_from(dispense_time: datetime, duration_days: int) -> datetime:
    """When the next dispensing may be ordered: the supply of the last one is nearly used."""
    return dispense_time + _NEARLY_USED * timedelta(days=duration_days)


def _is_the_same(line: Line, product: Product) -> bool:
    return line.atc_code == product.atc_code and _in_mg(line.strength) == _in_mg(product.strength)


def _in_mg(strength: Amount) -> Amount:
    return substance(strength, strength) or strength


def _most_packs(line: Line, product: Product) -> int:
    """Packs are not broken: the last one may hold more than is left. Units that cannot be compared hold nothing."""
    if line.quantity.unit == _PACK:
        return int(line.quantity.value)
    for amount in product.pack:
        prescribed, in_pack = line.quantity, amount
        if prescribed.unit != in_pack.unit:
            told, held = substance(prescribed, line.strength), substance(in_pack, product.strength)
            if told is None or held is None or told.unit != held.unit:
                continue
            prescribed, in_pack = told, held
        if in_pack.value > Decimal(0):
            return int((prescribed.value / in_pack.value).to_integral_value(ROUND_CEILING))
    return 0
