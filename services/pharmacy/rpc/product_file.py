"""Products from a file: lines of CSV, each one made into what is told of a product."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from apricot.consult.v1.prescription_pb2 import Amount, MedicineForm, Strength
from apricot.errors.v1.reason_pb2 import Reason
from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1.product_pb2 import ProductClass, ProductContent, ProductStorage

from kit.errors import invalid_field
from services.pharmacy.rpc.places import CURRENCY
from services.pharmacy.rpc.product_intake import Refusal

_PLAIN = (
    *("approval_number", "atc_code", "name_zh", "name_en", "brand", "manufacturer", "strength_text"),
    *("packaging_picture_url", "leaflet", "indications", "dosage"),
)
_AMOUNTS = {"strength": Strength, "pack": Amount, "pack_measure": Amount}
_LISTS = ("ingredients", "ailments")
_ENUMS = {
    "form": ("MEDICINE_FORM_", MedicineForm),
    "product_class": ("PRODUCT_CLASS_", ProductClass),
    "storage": ("PRODUCT_STORAGE_", ProductStorage),
}
_PRICE = "recommended_price_fen"
COLUMNS = (*_PLAIN, *_AMOUNTS, *_ENUMS, *_LISTS, _PRICE)
_NEEDED = frozenset({"approval_number", "atc_code", "name_zh", "name_en", "manufacturer", "strength", "pack", *_ENUMS})
_SEPARATOR = ";"
MOST_PRODUCTS = 5000
"""Of a file: all of its refused lines have to fit into one answer."""


class _BadValueError(Exception):
    """A column's text is none of its values."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Line:
    """A product of a file."""

    number: int
    """Of the line where it begins, counted from 1."""
    content: ProductContent | Refusal


def read(file: bytes) -> list[Line]:
    """The products of a file, or why one is none. Errors: INVALID_FIELD."""
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise invalid_field("csv", "is not UTF-8") from error
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = _columns(next(rows, []))
    except csv.Error as error:
        raise invalid_field("csv", f"the first line is not CSV: {error}") from error
    lines: list[Line] = []
    while True:
        begins = rows.line_num + 1
        try:
            if row := next(rows):
                lines.append(Line(begins, _content(row, columns)))
        except StopIteration:
            return lines
        except csv.Error as error:
            lines.append(Line(begins, Refusal(Reason.REASON_INVALID_FIELD, "", f"not CSV: {error}")))
        if len(lines) > MOST_PRODUCTS:
            raise invalid_field("csv", f"holds more than {MOST_PRODUCTS} products")


def _columns(first: Sequence[str]) -> list[str]:
    columns = [name.strip() for name in first]
    if unknown := sorted({*columns} - {*COLUMNS}):
        raise invalid_field("csv", f"unknown columns: {', '.join(unknown)[:200]}")
    if missing := sorted(_NEEDED - {*columns}):
        raise invalid_field("csv", f"missing columns: {', '.join(missing)}")
    if len({*columns}) < len(columns):
        raise invalid_field("csv", "a column comes twice")
    return columns


def _content(row: Sequence[str], columns: Sequence[str]) -> ProductContent | Refusal:
    if len(row) != len(columns):
        return Refusal(Reason.REASON_INVALID_FIELD, "", f"{len(row)} values for {len(columns)} columns")
    values = {column: value.strip() for column, value in zip(columns, row, strict=True) if value.strip()}
    content = ProductContent()
    try:
        for column, value in values.items():
            _set(content, column, value)
    except _BadValueError as error:
        return Refusal(Reason.REASON_INVALID_FIELD, error.column, str(error))
    return content


def _set(content: ProductContent, column: str, value: str) -> None:
    if column in _PLAIN:
        setattr(content, column, value)
    elif column in _AMOUNTS:
        number, _, unit = value.partition(" ")
        getattr(content, column).CopyFrom(_AMOUNTS[column](value=number, unit=unit))
    elif column in _LISTS:
        getattr(content, column).extend(part.strip() for part in value.split(_SEPARATOR) if part.strip())
    elif column in _ENUMS:
        prefix, kind = _ENUMS[column]
        if (found := kind.DESCRIPTOR.values_by_name.get(prefix + value.upper())) is None:
            raise _BadValueError(column, "no such value")
        setattr(content, column, found.number)
    elif column == _PRICE:
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise _BadValueError(column, "a whole number of fen")
        content.recommended_price.CopyFrom(Money(currency_code=CURRENCY, minor_units=int(value)))
