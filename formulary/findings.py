"""What a check has to say."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """What a finding is about."""

    NOT_ALLOWED = 1
    MEDICINE = 2
    INTERACTION = 3
    DUPLICATE = 4
    ALLERGY = 5
    DAILY_DOSE = 6
    KIDNEY = 7
    PREGNANCY = 8
    AGE = 9
    QUANTITY = 10
    LIVER = 11


class Severity(IntEnum):
    """How grave a finding is."""

    MINOR = 1
    MODERATE = 2
    MAJOR = 3
    CONTRAINDICATED = 4
    UNKNOWN = 5
    """Nobody knows from these data; never as good as safe."""


class Consequence(IntEnum):
    """What a finding means for the prescription."""

    INFORMS = 1
    NEEDS_REASON = 2
    """The prescriber has to write why all the same."""
    BLOCKS = 3


_CONSEQUENCES = {
    Severity.MINOR: Consequence.INFORMS,
    Severity.MODERATE: Consequence.INFORMS,
    Severity.MAJOR: Consequence.NEEDS_REASON,
    Severity.CONTRAINDICATED: Consequence.BLOCKS,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found."""

    key: str
    """The same whenever the same is found, such as "interaction:A10BB12:J02AC01"."""
    kind: Kind
    severity: Severity
    consequence: Consequence
    subject: str
    """The medicine or substance."""
    other: str
    """The other one; empty: none."""
    effect: str
    action: str
    source: str
    is_unreviewed: bool = False
    """Whether it rests on a row of the data that no pharmacist has reviewed."""


def found(
    kind: Kind,
    severity: Severity,
    of: Iterable[str],
    *,
    subject: str,
    other: str = "",
    effect: str,
    action: str,
    source: str = "",
    is_reviewed: bool = True,
) -> Finding:
    """Return a finding about what is known, with the consequence of its severity. `of` names it within its kind."""
    consequence = _CONSEQUENCES[severity]
    return Finding(_key(kind, of), kind, severity, consequence, subject, other, effect, action, source, not is_reviewed)


def unknown(
    kind: Kind,
    consequence: Consequence,
    of: Iterable[str],
    *,
    subject: str,
    other: str = "",
    effect: str,
    action: str,
    source: str = "",
    is_reviewed: bool = True,
) -> Finding:
    """Return a finding about a check that could not be made. It blocks where somebody can make it possible (ask, or
    write otherwise), and where not knowing may harm most: a pregnant patient, a child, a recorded allergy."""
    return Finding(
        _key(kind, of), kind, Severity.UNKNOWN, consequence, subject, other, effect, action, source, not is_reviewed
    )


def _key(kind: Kind, of: Iterable[str]) -> str:
    return ":".join([kind.name.lower(), *of])
