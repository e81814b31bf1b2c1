"""What a doctor wrote, held against the rules that the contract cannot express."""

from decimal import Decimal

from apricot.consult.v1.prescription_pb2 import WrittenPrescription

from kit.errors import invalid_field
from services.consult.domain.prescriptions import MOST_SUPPLY_DAYS, ORDINARY_SUPPLY_DAYS, supply_days


def require_written(written: WrittenPrescription) -> None:
    """Errors: INVALID_FIELD; it names the field."""
    for place, item in enumerate(written.items):
        field = f"written.items[{place}]"
        for name in ("name_zh", "name_en"):
            if not getattr(item, name).strip():
                raise invalid_field(f"{field}.{name}", "holds no word")
        for name in ("strength", "dose", "quantity"):
            if not Decimal(getattr(item, name).value) > 0:
                raise invalid_field(f"{field}.{name}", "is more than 0")
        if supply_days([(item.duration_days, item.repeats)]) > MOST_SUPPLY_DAYS:
            raise invalid_field(f"{field}.repeats", f"with its repeats it lasts {MOST_SUPPLY_DAYS} days at most")
    longest = supply_days((item.duration_days, item.repeats) for item in written.items)
    if longest > ORDINARY_SUPPLY_DAYS and not written.long_supply_reason.strip():
        raise invalid_field("written.long_supply_reason", f"is needed for more than {ORDINARY_SUPPLY_DAYS} days")
