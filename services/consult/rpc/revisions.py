"""Revisions of prescriptions before they are signed: made from what was written, and made again to the same bytes."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from apricot.consult.v1.prescription_pb2 import FindingOverride, PrescriptionContent, WrittenPrescription
from google.protobuf.message import DecodeError
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.errors import invalid_field, not_found
from kit.times import to_datetime
from prescribing.genuineness import DoctorKeys
from services.consult.domain.prescriptions import Act, RevisionMismatchError, WrongStateError, after
from services.consult.rpc.genuineness import is_as_signed
from services.consult.rpc.participants import Seat
from services.consult.rpc.prescribing import Order, Prescribing, sit_down
from services.consult.store import prescriptions as store
from services.consult.store.tables import PrescriptionRow

_PREPARED_FOR = timedelta(minutes=10)


class Words(NamedTuple):
    """What a doctor has written."""

    written: WrittenPrescription
    overrides: Sequence[FindingOverride]


class Place(NamedTuple):
    """What a revision's bytes hold beside the words and the facts: chosen when it is prepared."""

    prescription_id: UUID
    issue_time: datetime


class Revision(NamedTuple):
    """What is to be signed and kept."""

    content: PrescriptionContent
    seat: Seat
    replaced: PrescriptionRow | None = None
    """The revision whose place it takes."""


type Make = Callable[[AsyncSession, datetime, bool], Awaitable[Revision]]
"""Makes a revision from what stands at an instant; with True it stands until the transaction ends."""


def content_bytes(content: PrescriptionContent) -> bytes:
    """Return the bytes that are signed."""
    return content.SerializeToString(deterministic=True)


def place_of(prepared: bytes, now: datetime) -> Place:
    """Return the place that prepared bytes name. Nothing else of them is believed: the revision is made again, and has
    to be these bytes. Raise INVALID_FIELD for other bytes, `RevisionMismatchError` when it was too long ago."""
    try:
        content = PrescriptionContent.FromString(prepared)
        place = Place(UUID(content.prescription_id), to_datetime(content.issue_time))
    except (DecodeError, ValueError, OverflowError) as error:
        raise invalid_field("content", "was not prepared") from error
    if not -_PREPARED_FOR < now - place.issue_time < _PREPARED_FOR:  # replicas' clocks differ a little
        raise RevisionMismatchError("it was prepared too long ago")
    return place


class Revisions:
    """Makes revisions, for the doctor of one call."""

    def __init__(self, keys: DoctorKeys, prescribing: Prescribing) -> None:
        self._keys = keys
        self._prescribing = prescribing

    def first(self, call: Call, consultation_id: str, words: Words, place: Place) -> Make:
        """Return what makes the first revision of a new prescription."""
        order = Order(place.prescription_id, 1, b"", *words, place.issue_time)

        async def make(session: AsyncSession, now: datetime, lock: bool) -> Revision:
            desk = await sit_down(session, call, consultation_id, words.written, now, lock=lock)
            return Revision(await self._prescribing.content(session, desk, order, now), desk.seat)

        return make

    def next(self, call: Call, expected_revision: int, words: Words, place: Place) -> Make:
        """Return what makes the revision after the expected one."""

        async def make(session: AsyncSession, now: datetime, lock: bool) -> Revision:
            consultation = (await found(session, call, place.prescription_id)).consultation_id
            desk = await sit_down(session, call, str(consultation), words.written, now, lock=lock)
            newest = await found(session, call, place.prescription_id)  # as it stands behind the lock
            if newest.revision != expected_revision:
                raise RevisionMismatchError(f"the prescription is at revision {newest.revision}")
            after(store.standing_of(newest, now), Act.REPLACE)
            if not await is_as_signed(self._keys, newest):
                raise WrongStateError("the prescription is not as it was signed")
            digest = hashlib.sha256(newest.signed_content).digest()
            order = Order(place.prescription_id, newest.revision + 1, digest, *words, place.issue_time)
            return Revision(await self._prescribing.content(session, desk, order, now), desk.seat, newest)

        return make


async def found(session: AsyncSession, call: Call, prescription_id: UUID, revision: int = 0) -> PrescriptionRow:
    """Return a revision, or the newest (0), of a consultation that the caller takes part in. Raise NOT_FOUND."""
    row = await store.find(session, call.caller.account_id, prescription_id, revision)
    if row is None:
        raise not_found("prescription")
    return row
