"""Doses of the diary, for whoever adds them up."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import Entry

from kit.database import Database
from kit.errors import ApricotError
from kit.times import to_datetime
from services.glucose.domain.dose_totals import Dose, Medicine
from services.glucose.store.archive import Span, diary

DOSES = 14, 15
"""The kinds (`EntryKind`) that are doses: insulin_dose, medicine_dose."""
MOST_DOSES = 50_000
"""A hundred patients who take five doses a day, for a hundred days."""

_SPAN = Span("asked.patient_id", "$3::timestamptz", "$4::timestamptz", "$2::int2[]")

type Found = tuple[UUID, date, bytes]
"""Whose dose it is, on which local day, and the entry's body."""


async def find_doses(database: Database, patients: Sequence[UUID], start: datetime, end: datetime) -> Sequence[Found]:
    """Every dose of a window, each patient's in order of time. Errors: TOO_LARGE."""
    entries = diary(("time", "entry_id", "utc_offset_minutes", "body"), _SPAN, since=start)
    async with database.connection() as connection:
        rows: Sequence[Found] = await connection.fetch(
            "select patient_id, (time at time zone 'UTC' + make_interval(mins => utc_offset_minutes))::date, body "  # noqa: S608  fixed words and placeholders
            f"from unnest($1::uuid[]) as asked (patient_id), lateral ({entries}) as dose "
            "order by patient_id, time, entry_id limit $5",
            patients,
            DOSES,
            start,
            end,
            MOST_DOSES + 1,
        )
    if len(rows) > MOST_DOSES:
        raise ApricotError(Reason.REASON_TOO_LARGE, "the window holds too many doses; ask for fewer, or for less time")
    return rows


def dose_of(entry: Entry, local_date: date) -> Dose:
    """An entry as a dose."""
    time = to_datetime(entry.time)
    if entry.HasField("insulin_dose"):
        insulin = entry.insulin_dose
        return Dose(Medicine(insulin_kind=insulin.kind), time, local_date, Decimal(insulin.amount_units.value), 0)
    dose = entry.medicine_dose
    medicine = Medicine(atc_code=dose.atc_code) if dose.atc_code else Medicine(name=dose.name.strip().lower())
    return Dose(medicine, time, local_date, Decimal(dose.amount.value), dose.unit)
