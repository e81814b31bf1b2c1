"""What patients took, as glucose tells it."""

from collections.abc import Awaitable, Callable, Collection, Iterator
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.dose_pb2 import DoseAmount, MedicineDoses, PatientDoses, SummarizeDosesRequest
from apricot.glucose.v1.dose_pb2_grpc import DoseServiceStub
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, DOSE_UNIT_ML, DOSE_UNIT_TABLET, DOSE_UNIT_UG

from formulary.amounts import Amount
from kit.errors import from_rpc
from kit.service_identity import ServiceIdentity
from kit.times import to_timestamp
from services.pharmacy.domain.logged_doses import told_by_kind
from services.pharmacy.domain.supply import Taken
from services.pharmacy.store.supply_tables import SupplyRow

_UNITS = {DOSE_UNIT_MG: "mg", DOSE_UNIT_UG: "ug", DOSE_UNIT_TABLET: "{tablet}", DOSE_UNIT_ML: "mL"}

type FindDoses = Callable[[UUID, datetime, datetime], Awaitable[PatientDoses]]
"""A patient's doses from an instant (included) to another (excluded), added up. Errors: an outage."""


class Diaries:
    """Asks glucose."""

    def __init__(self, channel: grpc.aio.Channel, identity: ServiceIdentity) -> None:
        self._doses = DoseServiceStub(channel)
        self._identity = identity

    async def find_doses(self, patient: UUID, start: datetime, end: datetime) -> PatientDoses:
        """See `FindDoses`. More doses than glucose adds up (a pump's) count as none: the calendar tells then."""
        request = SummarizeDosesRequest(
            patient_ids=[str(patient)], start_time=to_timestamp(start), end_time=to_timestamp(end)
        )
        try:
            answer = await self._identity.ask(self._doses.SummarizeDoses, request)
        except grpc.aio.AioRpcError as error:
            if (refusal := from_rpc(error)) is not None and refusal.reason == Reason.REASON_TOO_LARGE:
                return PatientDoses(patient_id=str(patient))
            raise
        return answer.patients[0]


def taken_of(diary: PatientDoses, supply: SupplyRow, others: Collection[str]) -> list[Taken]:
    """What was taken of one medicine of the patient's, told by its code, its name, or how an insulin acts."""
    names = {supply.name_zh.lower(), supply.name_en.lower()} - {""}
    kind = told_by_kind(supply.atc_code, others)
    return [
        taken
        for medicine in diary.medicines
        if medicine.atc_code == supply.atc_code or medicine.name in names or (kind and medicine.insulin_kind == kind)
        for taken in _taken(medicine)
    ]


def _taken(medicine: MedicineDoses) -> Iterator[Taken]:
    for day in medicine.days:
        for amount in day.amounts:
            yield Taken(date.fromisoformat(day.local_date), _amount(amount))


def _amount(amount: DoseAmount) -> Amount:
    unit = "[iU]" if amount.international_units else _UNITS.get(amount.dose_unit, "")
    return Amount(Decimal(amount.amount.value), unit)
