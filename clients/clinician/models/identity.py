"""Who a patient is, as far as the contract tells: what keeps two people of one name apart."""

from dataclasses import dataclass
from datetime import date

from apricot.identity.v1.account_pb2 import SEX_UNSPECIFIED, Sex
from apricot.identity.v1.care_pb2 import Patient

_GROUP = 4
_NUMBER = 8


@dataclass(frozen=True, slots=True)
class Identity:
    """Of one patient; what the patient has not told is empty, and is said to be unknown."""

    patient_id: str
    name: str = ""
    birth_date: str = ""
    """ISO 8601: the full date, or the year alone; "" is not told."""
    sex: Sex.ValueType = SEX_UNSPECIFIED

    def age_years(self, today: date) -> int | None:
        """Return the age in whole years; of a birth year alone the lower of two. None: not known."""
        if not self.birth_date:
            return None
        year, _, day = self.birth_date.partition("-")
        had_birthday = bool(day) and day <= f"{today:%m-%d}"
        return today.year - int(year) - (not had_birthday)

    @property
    def record_number(self) -> str:
        """The number that the platform's record has, in two groups: "C434 443E"."""
        digits = self.patient_id.replace("-", "")[:_NUMBER].upper()
        return f"{digits[:_GROUP]} {digits[_GROUP:]}".strip()


def identity_of(patient: Patient | None, patient_id: str) -> Identity:
    """Return the identity of a patient; of one who is not known, the record number alone."""
    if patient is None:
        return Identity(patient_id)
    born = patient.birth_date or (str(patient.birth_year) if patient.birth_year else "")
    return Identity(patient_id, patient.display_name, born, patient.sex)
