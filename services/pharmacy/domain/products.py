"""What a product is: by what it is told from others, and how its pack is written."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import NAMESPACE_URL, UUID, uuid5

_SHOWN_UNITS = {"[iU]": "IU", "ug": "µg", "[iU]/mL": "IU/mL", "ug/mL": "µg/mL"}
_COUNTED = "{"
"""Units of UCUM that count things begin so."""


class NoSuchAilmentsError(Exception):
    """Of a prescription medicine it is not told to everybody what it is for."""


class MedicineNotAllowedError(Exception):
    """The medicine may not be sold online."""


def product_id(approval_number: str, pack_value: str, pack_unit: str) -> UUID:
    """The id of a product: the authority approves a medicine in one strength of one maker, and it comes in packs."""
    return uuid5(NAMESPACE_URL, f"apricot:product:{approval_number}:{_plain(pack_value)} {pack_unit}")


def amount_text(value: str, unit: str) -> str:
    """Such as "500 mg", "100 IU/mL" or, of counted things, "60"."""
    return _plain(value) if unit.startswith(_COUNTED) else f"{_plain(value)} {_SHOWN_UNITS.get(unit, unit)}"


def pack_text(strength: str, pack: str, measure: str) -> str:
    """Such as "500 mg × 60", or "100 IU/mL × 1 (3 mL)"."""
    return f"{strength} × {pack}" + (f" ({measure})" if measure else "")


def require_allowed(ban: str | None, *, is_prescription: bool, ailments: Sequence[str]) -> None:
    """What may be in the catalogue at all. Errors: `MedicineNotAllowedError`, `NoSuchAilmentsError`."""
    if ban is not None:
        raise MedicineNotAllowedError(f"may not be sold online: {ban}")
    if is_prescription and ailments:
        raise NoSuchAilmentsError("prescription medicines are not found by what they are for")


def _plain(value: str) -> str:
    number = Decimal(value)
    return f"{number.normalize():f}"
