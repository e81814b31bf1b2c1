"""What is checked: the medicines of a prescription, and what is known of the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from formulary.amounts import Amount

ADULT_YEARS = 18


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine to be handed out."""

    atc: str
    """ATC code, 5th level."""
    name_en: str
    name_zh: str
    injected: bool


@dataclass(frozen=True, slots=True)
class Item(Medicine):
    """A medicine to be prescribed."""

    strength: Amount
    dose: Amount
    doses_per_day: int
    """The most that may be taken on one day."""
    doses: int
    """In all, each time it is handed out."""
    as_needed: bool
    """Whether it may be fewer."""
    quantity: Amount
    """Each time it is handed out."""


@dataclass(frozen=True, slots=True)
class MedicineInUse:
    """A medicine that the patient takes already."""

    atc: str
    """Empty: not known."""
    name: str
    prescribed: bool = False
    """By a prescription that is still to be handed out; otherwise told by the patient or a doctor."""


@dataclass(frozen=True, slots=True)
class Allergy:
    """An allergy to a substance (7 places of ATC) or a class (fewer)."""

    atc: str
    """Empty: not known."""
    name: str
    confirmed: bool


class Pregnancy(Enum):
    """Whether there is a child to think of."""

    UNKNOWN = auto()
    NEITHER = auto()
    """Or not possible."""
    PREGNANT = auto()
    BREASTFEEDING = auto()


class Liver(Enum):
    """How well the liver works: the Child-Pugh class of liver disease."""

    UNKNOWN = -1
    HEALTHY = 0
    CHILD_PUGH_A = 1
    CHILD_PUGH_B = 2
    CHILD_PUGH_C = 3


@dataclass(frozen=True, slots=True)
class Patient:
    """What is known of a patient; None: not known, which is not the same as none."""

    age_years: int
    allergies: Sequence[Allergy] | None
    medicines: Sequence[MedicineInUse] | None
    """What was recorded that the patient takes."""
    prescribed: Sequence[MedicineInUse]
    """What other prescriptions that are still valid hold."""
    egfr: Decimal | None
    """Glomerular filtration in mL/min/1.73 m², recent enough."""
    pregnancy: Pregnancy
    weight_kg: Decimal | None = None
    """Recent enough."""
    liver: Liver = Liver.UNKNOWN
    """Recent enough."""

    @property
    def in_use(self) -> list[MedicineInUse]:
        """All that is known to be taken."""
        return [*(self.medicines or ()), *self.prescribed]
