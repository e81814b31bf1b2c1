"""`apricot.glucose.v1.DoseService`."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from apricot.glucose.v1 import dose_pb2
from apricot.glucose.v1.entry_pb2 import Decimal as DecimalMessage
from apricot.glucose.v1.entry_pb2 import DoseUnit, Entry, InsulinKind

from kit.call import Call
from kit.database import Database
from kit.errors import invalid_field
from kit.times import to_datetime, to_timestamp
from services.glucose.domain.dose_totals import Medicine, Total, add_up
from services.glucose.store.doses import Found, dose_of, find_doses

_MOST_DAYS = timedelta(days=366)


class Doses:
    """Doses added up, for services alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def SummarizeDoses(
        self, request: dose_pb2.SummarizeDosesRequest, call: Call
    ) -> dose_pb2.SummarizeDosesResponse:
        start, end = to_datetime(request.start_time), to_datetime(request.end_time)
        if not start < end:
            raise invalid_field("end_time", "lies behind the start")
        if end - start > _MOST_DAYS:
            raise invalid_field("start_time", "lies at most 366 days before the end")
        found = await find_doses(self._database, [UUID(patient) for patient in request.patient_ids], start, end)
        patients = await asyncio.to_thread(_summaries, found)  # the process has watches to serve meanwhile
        return dose_pb2.SummarizeDosesResponse(
            patients=[
                patients.get(patient, dose_pb2.PatientDoses(patient_id=patient)) for patient in request.patient_ids
            ]
        )


def _summaries(found: Sequence[Found]) -> dict[str, dose_pb2.PatientDoses]:
    """By patient; of patients who logged something alone."""
    by_patient = groupby(found, key=lambda row: row[0])
    return {str(patient): _summary(str(patient), list(rows)) for patient, rows in by_patient}


def _summary(patient_id: str, rows: Sequence[Found]) -> dose_pb2.PatientDoses:
    entries = [(Entry.FromString(body), day) for _, day, body in rows]
    totals = add_up(dose_of(entry, day) for entry, day in entries)
    return dose_pb2.PatientDoses(
        patient_id=patient_id,
        medicines=[_medicine(medicine, totals[medicine]) for medicine in sorted(totals)],
        time_zone=entries[-1][0].time_zone,
    )


def _medicine(medicine: Medicine, total: Total) -> dose_pb2.MedicineDoses:
    message = dose_pb2.MedicineDoses(
        count=total.all.count,
        amounts=_amounts(total.all.amounts),
        first_time=to_timestamp(total.first_time),
        last_time=to_timestamp(total.last_time),
        days=[
            dose_pb2.DayDoses(local_date=day.isoformat(), count=some.count, amounts=_amounts(some.amounts))
            for day, some in sorted(total.days.items())
        ],
    )
    if medicine.atc_code:
        message.atc_code = medicine.atc_code
    elif medicine.insulin_kind:
        message.insulin_kind = InsulinKind.ValueType(medicine.insulin_kind)
    else:
        message.name = medicine.name
    return message


def _amounts(amounts: Mapping[int, Decimal]) -> Iterable[dose_pb2.DoseAmount]:
    for unit, amount in sorted(amounts.items()):
        value = DecimalMessage(value=format(amount, "f"))
        if unit:
            yield dose_pb2.DoseAmount(amount=value, dose_unit=DoseUnit.ValueType(unit))
        else:
            yield dose_pb2.DoseAmount(amount=value, international_units=True)
