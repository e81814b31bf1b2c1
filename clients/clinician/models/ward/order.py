"""In which order the list shows patients: by need, or by the column that the clinician chose."""

from dataclasses import dataclass
from enum import Enum
from math import inf

from clients.clinician.models.ward.row import Key, Row


class By(Enum):
    """What rows are ordered by."""

    NEED = "need"
    NAME = "name"
    VALUE = "value"
    AGE = "age"


@dataclass(frozen=True)
class Order:
    """One order. The list begins with the most pressing need."""

    by: By = By.NEED
    descending: bool = False

    def after_choosing(self, by: By) -> "Order":
        """Return the next order when a column's head is clicked: up, then down, then by need again."""
        if by is not self.by:
            return Order(by)
        return Order(by, descending=True) if not self.descending and by is not By.NEED else Order()

    def key_of(self, row: Row) -> Key:
        """Return what the row sorts by; a row without a value comes last."""
        need, name, patient_id = row.key
        if self.by is By.NEED or (self.by is not By.NAME and row.newest is None):
            return (need if self.by is By.NEED else -inf if self.descending else inf), name, patient_id
        if self.by is By.NAME or row.newest is None:
            return 0, name, patient_id
        return (row.newest.mg_per_dl if self.by is By.VALUE else -row.newest.time_ns), name, patient_id
