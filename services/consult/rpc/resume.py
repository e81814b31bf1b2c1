"""Resume tokens: how much of a conversation's order a device has."""

import base64
import json
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError


def encode(consultation_id: UUID, sequence: int) -> str:
    """A token that goes on behind this place."""
    return base64.urlsafe_b64encode(f'["{consultation_id.hex}",{sequence}]'.encode()).decode()


def decode(token: str, consultation_id: UUID, last_sequence: int) -> int:
    """The place behind which to go on; 0 for an empty token. Errors: INVALID_RESUME_TOKEN."""
    if not token:
        return 0
    try:
        consultation, sequence = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError) as error:
        raise _invalid() from error
    if consultation != consultation_id.hex or type(sequence) is not int or not 0 <= sequence <= last_sequence:
        raise _invalid()
    return sequence


def _invalid() -> ApricotError:
    return ApricotError(Reason.REASON_INVALID_RESUME_TOKEN, "the resume token is not one of this conversation's")
