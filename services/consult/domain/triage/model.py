"""What the rules are made of, and the people and answers they are about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

SEVERE = "severe"
SUDDEN = "sudden"


class Sex(StrEnum):
    """As far as it matters here."""

    UNKNOWN = "unknown"
    FEMALE = "female"
    MALE = "male"


class System(StrEnum):
    """A part of the body or of life, to group symptoms by."""

    GENERAL = "general"
    CIRCULATION = "circulation"
    BREATHING = "breathing"
    DIGESTION = "digestion"
    NERVES = "nerves"
    MOVEMENT = "movement"
    URINARY = "urinary"
    HORMONES = "hormones"
    SKIN = "skin"
    EYES = "eyes"
    EAR_NOSE_THROAT = "ear_nose_throat"
    MOUTH = "mouth"
    WOMEN = "women"
    MEN = "men"
    MIND = "mind"
    BLOOD = "blood"
    INJURY = "injury"
    CHILD = "child"


class Quantity(StrEnum):
    """What is measured, with its unit."""

    AGE_MONTHS = "age_months"
    TEMPERATURE_C = "temperature_c"
    GLUCOSE_MMOL_L = "glucose_mmol_l"
    SYSTOLIC_MMHG = "systolic_mmhg"
    DIASTOLIC_MMHG = "diastolic_mmhg"
    OXYGEN_PERCENT = "oxygen_percent"
    PULSE_PER_MINUTE = "pulse_per_minute"
    PILLS = "pills"


class Effect(StrEnum):
    """What a fact about the person does to a department."""

    FIRST = "first"
    """It comes before the others, which follow by their scores."""
    ALSO = "also"
    """It is added with a weight where anything was recognized."""
    EXCLUDE = "exclude"
    """It is left out."""


@dataclass(frozen=True, slots=True)
class Bilingual:
    """The same words twice."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Term:
    """A symptom, or a known condition (without a system)."""

    code: str
    name: Bilingual
    system: System | None
    departments: Mapping[str, float]
    """How strongly it speaks for each department, above 0 and below 1."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A value within these bounds is this sign."""

    sign: str
    quantity: Quantity
    at_least: float | None
    below: float | None

    def holds(self, value: float) -> bool:
        return (self.at_least is None or value >= self.at_least) and (self.below is None or value < self.below)


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A danger: of each group of signs at least one is there. A sign is a term, a term's quality such as
    "headache:sudden", or a fact about the person."""

    code: str
    needs: tuple[frozenset[str], ...]
    name: Bilingual
    phone_numbers: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a fact about the person does to a department."""

    sign: str
    department: str
    effect: Effect
    weight: float
    reason: Bilingual


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that an answer is made from, besides the words that are recognized."""

    terms: Mapping[str, Term]
    talked_of: frozenset[str]
    """Terms that people also name when nobody has them now: an earlier stroke, a fear of poisoning."""
    measures: Sequence[Measure]
    red_flags: Sequence[RedFlag]
    adjustments: Sequence[Adjustment]
    scopes: Mapping[str, Bilingual]
    """Of each department, what it looks after, in plain words."""
    advice: Mapping[tuple[str, ...], Bilingual]
    """What to do, by the numbers to call."""


@dataclass(frozen=True, slots=True)
class Told:
    """A symptom told by its code."""

    code: str
    duration_hours: int | None = None
    severity: int | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """Who complains of what."""

    text: str
    age_months: int
    sex: Sex = Sex.UNKNOWN
    pregnant: bool = False
    symptoms: tuple[Told, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A term as the text or the person tells it."""

    code: str
    span: Span | None
    negated: bool = False
    severe: bool = False
    sudden: bool = False
    severity: int | None = None
    history: bool = False
    """The words right before it tell of earlier times."""
    past: bool = False
    """Its clause tells of another time, of others or in general."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A red flag and the parts of the text that it rests on."""

    flag: RedFlag
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a department fits: a symptom, or something else where there is no code."""

    code: str
    text: Bilingual


@dataclass(frozen=True, slots=True)
class Fit:
    """A department, how well it fits, and why."""

    department: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The answer to a complaint."""

    raised: tuple[Raised, ...]
    fits: tuple[Fit, ...]
    mentions: tuple[Mention, ...]
