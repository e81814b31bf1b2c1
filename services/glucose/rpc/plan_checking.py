"""The safety check of a plan's medicines: the prescription's own, for what is known of the patient. What cannot be
checked is not sent."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import grpc
import structlog
from apricot.consult.v1.health_record_pb2 import GetFactsForDispensingRequest, HealthFacts
from apricot.consult.v1.health_record_pb2_grpc import HealthRecordServiceStub
from apricot.consult.v1.prescription_pb2 import Finding, Prescription
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.plan_pb2 import PlanContent
from apricot.identity.v1.care_pb2 import GetBirthDateRequest
from apricot.identity.v1.care_pb2_grpc import CareServiceStub

from formulary.model import MedicineInUse
from kit import telemetry
from kit.errors import ApricotError
from kit.profiles import age_years
from kit.service_identity import ServiceIdentity
from prescribing.checks import counted
from prescribing.safety import findings_of_items, medicines_of, patient_of
from services.glucose.rpc.plan_medicines import items_of

log = structlog.get_logger()


class KnownPatient(NamedTuple):
    """What the platform knows of a patient."""

    age_years: int | None
    """None: the profile has no birth date."""
    facts: HealthFacts
    prescriptions: Sequence[Prescription]
    """In force."""


class PatientFacts(Protocol):
    """Finds what is known of a patient."""

    async def of(self, patient_id: UUID, now: datetime) -> KnownPatient:
        """Return all of it or nothing. Raises whatever keeps it from being known."""


class RemotePatientFacts:
    """Asks identity and consult in glucose's own name."""

    def __init__(self, identity: ServiceIdentity, accounts: grpc.aio.Channel, consult: grpc.aio.Channel) -> None:
        self._identity = identity
        self._care = CareServiceStub(accounts)
        self._records = HealthRecordServiceStub(consult)

    async def of(self, patient_id: UUID, now: datetime) -> KnownPatient:
        """Return all of it or nothing. Raises `grpc.aio.AioRpcError`."""
        patient = str(patient_id)
        born, known = await asyncio.gather(
            self._identity.ask(self._care.GetBirthDate, GetBirthDateRequest(patient_id=patient)),
            self._identity.ask(self._records.GetFactsForDispensing, GetFactsForDispensingRequest(patient_id=patient)),
        )
        age = None
        if born.birth_date:
            today = now.astimezone(ZoneInfo(born.time_zone)).date()
            age = age_years(date.fromisoformat(born.birth_date), today)
        return KnownPatient(age, known.record.facts, known.prescriptions)


class PlanChecks:
    """Checks plans."""

    def __init__(self, facts: PatientFacts) -> None:
        self._facts = facts

    async def findings(self, patient_id: UUID, content: PlanContent, now: datetime) -> list[Finding]:
        """Return what is unsafe about a plan's medicines, the gravest first; nothing is asked where it has none. Raises
        INVALID_FIELD, AGE_UNKNOWN, UNAVAILABLE (a part does not answer, or data cannot be read)."""
        items = items_of(content)
        if not items:
            return []
        try:
            with counted():
                known = await self._facts.of(patient_id, now)
                if known.age_years is not None:
                    patient = patient_of(known.facts, known.age_years, _in_use(known.prescriptions), now)
                    return findings_of_items(items, patient)
        except Exception as error:
            log.error("plan_check_failed", error=type(error).__name__, places=telemetry.places(error))
            raise ApricotError(Reason.REASON_UNAVAILABLE, "a check cannot run, and so no plan is sent") from error
        raise ApricotError(Reason.REASON_AGE_UNKNOWN, "the patient's age is not known: no medicine is planned")


def _in_use(prescriptions: Sequence[Prescription]) -> list[MedicineInUse]:
    """Return what other doctors prescribed, as taken already: a plan may repeat it, and nothing is handed out twice."""
    return [
        replace(medicine, prescribed=False)
        for each in prescriptions
        for medicine in medicines_of(UUID(each.prescription_id), each.state, None if each.altered else each.content)
    ]
