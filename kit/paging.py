"""Page tokens: the key of the last row shown, so that a page begins behind it whatever was inserted meanwhile."""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.message import Message

from kit.errors import ApricotError

type Key = Sequence[str | int]

DEFAULT_PAGE_SIZE = 100


def page_size(requested: int) -> int:
    """The number of rows in a page; 0 means 100."""
    return requested or DEFAULT_PAGE_SIZE


def encode(key: Key, request: Message) -> str:
    """A token that continues `request`'s list behind the row of that key."""
    return base64.urlsafe_b64encode(json.dumps([_filters(request), *key]).encode()).decode()


def decode(token: str, request: Message, kinds: Sequence[type]) -> list[Any] | None:
    """The key in a token, its parts of these kinds; none for the first page. Errors: INVALID_PAGE_TOKEN."""
    if not token:
        return None
    try:
        filters, *rest = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, RecursionError) as error:
        raise invalid() from error
    key: list[Any] = rest
    if filters != _filters(request) or [type(part) for part in key] != list(kinds) or not all(map(_is_storable, key)):
        raise invalid()
    return key


def _is_storable(part: Any) -> bool:
    """Whether PostgreSQL can compare with it: 64 bits of a number; a text without U+0000 and lone surrogates."""
    if isinstance(part, str):
        return "\0" not in part and not any("\ud800" <= character <= "\udfff" for character in part)
    return not isinstance(part, int) or -(2**63) <= part < 2**63


def _filters(request: Message) -> str:
    """Names the list that a token belongs to: the request without its page fields."""
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField("page_token")
    bare.ClearField("page_size")
    return hashlib.sha256(bare.DESCRIPTOR.full_name.encode() + bare.SerializeToString(deterministic=True)).hexdigest()[
        :16
    ]


def invalid() -> ApricotError:
    """The refusal of a token that this list did not make."""
    return ApricotError(Reason.REASON_INVALID_PAGE_TOKEN, "the page token does not belong to this list")
