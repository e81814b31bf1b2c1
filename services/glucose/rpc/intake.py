"""An entry on its way in: checked by the contract's rules and the domain's, then made ready to store."""

import hashlib
from datetime import datetime
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import diary_pb2
from apricot.glucose.v1.entry_pb2 import Entry, Glucose

from kit import validation
from kit.times import to_datetime, to_timestamp
from services.glucose.domain import doses
from services.glucose.domain.entries import (
    ImpossibleAmountError,
    ImpossibleTimeError,
    UnknownZoneError,
    require_possible_time,
    require_zone,
)
from services.glucose.domain.glucose import Concentration, ImpossibleValueError, Unit
from services.glucose.store.group import NewEntry

type Rejection = diary_pb2.EntryResult

REASONS: dict[type[Exception], Reason.ValueType] = {
    ImpossibleValueError: Reason.REASON_VALUE_IMPOSSIBLE,
    ImpossibleAmountError: Reason.REASON_VALUE_IMPOSSIBLE,
    ImpossibleTimeError: Reason.REASON_TIME_IMPOSSIBLE,
    UnknownZoneError: Reason.REASON_ZONE_UNKNOWN,
}
_FIELDS: dict[type[Exception], str] = {ImpossibleTimeError: "time", UnknownZoneError: "time_zone"}


def admit(entry: Entry, patient: UUID, author: UUID, now: datetime, revision: int = 1) -> NewEntry | Rejection:
    """The entry ready to store, or why not."""
    broken = validation.violations(entry)
    if broken:
        return rejection(entry, Reason.REASON_INVALID_FIELD, broken[0].field, broken[0].description)
    for field, text in ("device", entry.device), ("medicine_dose.name", entry.medicine_dose.name):
        if "\0" in text:  # a column of text cannot hold it
            return rejection(entry, Reason.REASON_INVALID_FIELD, field, "holds the character U+0000")
    try:
        return _prepare(entry, patient, author, now, revision)
    except tuple(REASONS) as error:
        kind = type(error)
        field = _FIELDS.get(kind, str(entry.WhichOneof("content")))
        return rejection(entry, REASONS[kind], field, str(error))


def rejection(entry: Entry, reason: Reason.ValueType, field: str, message: str) -> Rejection:
    """An entry's result that says why it was not stored."""
    return diary_pb2.EntryResult(
        entry_id=entry.entry_id[:100],
        outcome=diary_pb2.ENTRY_OUTCOME_REJECTED,
        reason=reason,
        field=field,
        message=message,
    )


def _prepare(entry: Entry, patient: UUID, author: UUID, now: datetime, revision: int) -> NewEntry:
    time = to_datetime(entry.time)
    require_possible_time(time, now)
    require_zone(entry.time_zone)
    kind = entry.WhichOneof("content")
    assert kind is not None  # noqa: S101  the contract requires it
    mg_per_dl: float | None = None
    slot = ""
    match kind:
        case "sensor_reading":
            mg_per_dl = _mg_per_dl(entry.sensor_reading.glucose)
        case "fingerstick_reading":
            mg_per_dl = _mg_per_dl(entry.fingerstick_reading.glucose)
        case "insulin_dose":
            doses.require_possible_insulin(entry.insulin_dose.amount_units.value)
            slot = str(entry.insulin_dose.kind)
        case "medicine_dose":
            doses.require_possible_medicine(entry.medicine_dose.amount.value)
            slot = entry.medicine_dose.name
    content = getattr(entry, kind).SerializeToString(deterministic=True)
    digest = hashlib.blake2b(
        f"{time.isoformat()}|{entry.time_zone}|{entry.device}|{kind}|".encode() + content, digest_size=16
    ).digest()
    entry.revision = revision
    entry.record_time.CopyFrom(to_timestamp(now))
    entry.author_id = str(author)
    return NewEntry(
        patient_id=patient,
        entry_id=UUID(entry.entry_id),
        time=time,
        kind=Entry.DESCRIPTOR.fields_by_name[kind].number,
        device=entry.device,
        slot=slot,
        mg_per_dl=mg_per_dl,
        content_digest=digest,
        body=entry.SerializeToString(),
    )


def _mg_per_dl(glucose: Glucose) -> float:
    """The canonical value; where the device said LOW or HIGH, its limit."""
    concentration = Concentration(glucose.value, Unit(glucose.unit))
    concentration.require_possible()
    return concentration.mg_per_dl
