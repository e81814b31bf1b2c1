"""Entries on their way in: checked by the contract's rules and the domain's, then made ready to store."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import diary_pb2
from apricot.glucose.v1.entry_pb2 import Entry

from glycemia.units import ImpossibleValueError, to_mg_per_dl
from kit import validation
from kit.ids import parse_uuid
from kit.times import to_datetime, to_timestamp
from kit.views import ALWAYS, Range
from services.glucose.domain import doses
from services.glucose.domain.entries import (
    QUARTER_SECONDS,
    ClosedTimeError,
    ImpossibleAmountError,
    ImpossibleTimeError,
    UnknownZoneError,
    require_open_time,
    require_possible_time,
    utc_offset_minutes,
)
from services.glucose.store.group import NewEntry

type Rejection = diary_pb2.EntryResult

_REASONS: dict[type[Exception], Reason.ValueType] = {
    ImpossibleValueError: Reason.REASON_VALUE_IMPOSSIBLE,
    ImpossibleAmountError: Reason.REASON_VALUE_IMPOSSIBLE,
    ImpossibleTimeError: Reason.REASON_TIME_IMPOSSIBLE,
    ClosedTimeError: Reason.REASON_NOT_ALLOWED,
    UnknownZoneError: Reason.REASON_ZONE_UNKNOWN,
}
_REFUSALS = tuple(_REASONS)
_FIELDS: dict[type[Exception], str] = {
    ImpossibleTimeError: "time",
    ClosedTimeError: "time",
    UnknownZoneError: "time_zone",
}
_KINDS = {field.name: field.number for field in Entry.DESCRIPTOR.oneofs_by_name["content"].fields}
_ID_BYTES = len(Entry(entry_id=36 * "0").SerializeToString())


class Intake:
    """Takes in the entries of one call: one patient, one author, one instant; at times that are open to the author."""

    def __init__(
        self,
        patient: UUID,
        author: UUID,
        now: datetime,
        revision: int = 1,
        open_times: Sequence[Range] = (ALWAYS,),
    ) -> None:
        self._patient = patient
        self._now = now
        self._open_times = open_times
        stamp = Entry(revision=revision, record_time=to_timestamp(now), author_id=str(author))
        self._stamp = stamp.SerializeToString()

    def admit(self, entry: Entry) -> NewEntry | Rejection:
        """The entry ready to store, or why not."""
        broken = validation.violations(entry)
        if broken:
            return rejection(entry, Reason.REASON_INVALID_FIELD, broken[0].field, broken[0].description)
        for field, text in ("device", entry.device), ("medicine_dose.name", entry.medicine_dose.name):
            if "\0" in text:  # a column of text cannot hold it
                return rejection(entry, Reason.REASON_INVALID_FIELD, field, "holds the character U+0000")
        kind: str = entry.WhichOneof("content") or ""
        try:
            return self._prepare(entry, kind)
        except _REFUSALS as error:
            found = type(error)
            return rejection(entry, _REASONS[found], _FIELDS.get(found, kind), str(error))

    def _prepare(self, entry: Entry, kind: str) -> NewEntry:
        time = to_datetime(entry.time)
        require_possible_time(time, self._now)
        require_open_time(time, self._open_times)
        offset_minutes = utc_offset_minutes(entry.time_zone, entry.time.seconds // QUARTER_SECONDS)
        unit: int | None = None
        mg_per_dl: float | None = None
        slot = ""
        match kind:
            case "sensor_reading":
                glucose = entry.sensor_reading.glucose
                unit, mg_per_dl = glucose.unit, to_mg_per_dl(glucose.value, glucose.unit)
            case "fingerstick_reading":
                glucose = entry.fingerstick_reading.glucose
                unit, mg_per_dl = glucose.unit, to_mg_per_dl(glucose.value, glucose.unit)
            case "insulin_dose":
                doses.require_possible_insulin(entry.insulin_dose.amount_units.value)
                slot = str(entry.insulin_dose.kind)
            case "medicine_dose":
                doses.require_possible_medicine(entry.medicine_dose.amount.value)
                slot = entry.medicine_dose.name
        for field in "revision", "record_time", "author_id":
            entry.ClearField(field)  # the server's to set
        content = entry.SerializeToString(deterministic=True)
        return NewEntry(
            patient_id=self._patient,
            entry_id=parse_uuid(entry.entry_id),
            time=time,
            kind=_KINDS[kind],
            device=entry.device,
            slot=slot,
            utc_offset_minutes=offset_minutes,
            unit=unit,
            mg_per_dl=mg_per_dl,
            # All but the id, which comes first: the same content under another id has the same digest.
            content_digest=hashlib.blake2b(content[_ID_BYTES:], digest_size=16).digest(),
            body=content + self._stamp,  # messages one behind the other are one message
        )


def rejection(entry: Entry, reason: Reason.ValueType, field: str, message: str) -> Rejection:
    """An entry's result that says why it was not stored."""
    return diary_pb2.EntryResult(
        entry_id=entry.entry_id[:100],
        outcome=diary_pb2.ENTRY_OUTCOME_REJECTED,
        reason=reason,
        field=field,
        message=message,
    )
