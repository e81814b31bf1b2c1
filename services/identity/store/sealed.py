"""Identity's sealed columns, and how rows are found by what they keep sealed."""

from typing import Any

from sqlalchemy import ColumnElement, String, and_, or_, type_coerce
from sqlmodel import col

from kit.sealed import SealedText
from services.identity.domain.indexed import Indexed


class SealedString(SealedText):
    """A text in a column that is varchar, as identity's are."""

    impl = String
    cache_ok = True


def keeps(column: Any, index: Any, wanted: Indexed) -> ColumnElement[bool]:
    """Whether a row keeps this value."""
    return or_(col(index) == wanted.index, keeps_open(column, index, wanted.value))


def keeps_open(column: Any, index: Any, value: str) -> ColumnElement[bool]:
    """Whether a row of an older release, which has no index yet, keeps this value."""
    return and_(col(index).is_(None), type_coerce(col(column), String) == value)
