"""What the platform's other services know of a patient to whom medicine is to be handed out."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import grpc
from apricot.consult.v1.health_record_pb2 import GetFactsForDispensingRequest, HealthFacts
from apricot.consult.v1.health_record_pb2_grpc import HealthRecordServiceStub
from apricot.consult.v1.prescription_pb2 import Prescription
from apricot.glucose.v1.dose_pb2 import MedicineDoses, SummarizeDosesRequest
from apricot.glucose.v1.dose_pb2_grpc import DoseServiceStub

from kit.service_identity import ServiceIdentity
from kit.times import to_timestamp

_DIARY_TIME = timedelta(days=30)
"""What was taken within it counts as being taken."""


class Facts(NamedTuple):
    """What is known."""

    record: HealthFacts
    prescriptions: Sequence[Prescription]
    """In force."""
    doses: Sequence[MedicineDoses]
    """Of the diary."""


class PatientFacts:
    """Asks consult and glucose in the pharmacy's own name."""

    def __init__(self, identity: ServiceIdentity, consult: grpc.aio.Channel, glucose: grpc.aio.Channel) -> None:
        self._identity = identity
        self._records = HealthRecordServiceStub(consult)
        self._doses = DoseServiceStub(glucose)

    async def of(self, patient_id: UUID, now: datetime) -> Facts:
        """All of it or nothing. Errors: `grpc.aio.AioRpcError`."""
        patient = str(patient_id)
        doses = SummarizeDosesRequest(
            patient_ids=[patient], start_time=to_timestamp(now - _DIARY_TIME), end_time=to_timestamp(now)
        )
        record, diary = await asyncio.gather(
            self._identity.ask(self._records.GetFactsForDispensing, GetFactsForDispensingRequest(patient_id=patient)),
            self._identity.ask(self._doses.SummarizeDoses, doses),
        )
        (logged,) = diary.patients
        return Facts(record.record.facts, record.prescriptions, logged.medicines)
