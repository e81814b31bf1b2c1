"""Everything live, from one watch of all her patients."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from itertools import batched

from apricot.access.v1.access_pb2 import (
    SCOPE_ALERT_READ,
    SCOPE_DOSE_READ,
    SCOPE_GLUCOSE_READ,
    SCOPE_MEAL_READ,
    SCOPE_PLAN_READ,
    Scope,
)
from apricot.consult.v1.consultation_pb2 import Consultation
from apricot.identity.v1.care_pb2 import ListMyPatientsRequest, Patient
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.connection import Connection
from clients.clinician.models.identity import Identity, identity_of
from clients.sdk import ApricotError, Reason, Session

_PATIENTS_A_WATCH = 2000
"""As many as the contract lets a watch have."""
_TOLD = frozenset({SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, SCOPE_DOSE_READ, SCOPE_ALERT_READ, SCOPE_PLAN_READ})
"""Of each of these a watch tells something (`WatchService.WatchPatients`)."""
_LOOK_SECONDS = 30.0
"""How often it looks whether a patient has come or gone."""
_PAUSE_SECONDS = 1.0


class Feed(QObject):
    """The patients who granted her access, and what happens to them, each change once and in order."""

    patients_changed = Signal()
    """Somebody came or went (then what is live begins anew with snapshots), or opens something else."""
    updated = Signal(object)
    """A WatchPatientsResponse: a snapshot, entries, an alert, a step of the timeline, …"""

    def __init__(self, session: Session, connection: Connection, *, snapshot_minutes: int = 180) -> None:
        super().__init__()
        self.patients: dict[str, Patient] = {}
        """By id."""
        self._session = session
        self._connection = connection
        self._snapshot_minutes = snapshot_minutes

    async def run(self) -> None:
        """For ever. A watch mends itself; where it cannot, as when a grant has ended, it begins anew with who is left.
        Errors: ApricotError when the session has ended."""
        while True:
            try:
                self._admit(await self._list())
                await self._watch_until_somebody_comes_or_goes()
            except ApricotError as error:
                self._connection.lost(error)
                if error.reason == Reason.REASON_SESSION_ENDED:
                    raise
                await asyncio.sleep(max(_PAUSE_SECONDS, error.retry_after_seconds))

    def opens(self, patient_id: str, scope: Scope.ValueType) -> bool:
        """Whether the patient opens any of it to her."""
        patient = self.patients.get(patient_id)
        return patient is not None and scope in patient.scopes

    def time_zone_of(self, patient_id: str) -> str:
        """Of the patient's days, an IANA name; "" where it is not known."""
        patient = self.patients.get(patient_id)
        return patient.time_zone if patient else ""

    def identity(self, patient_id: str) -> Identity:
        """Return who the patient is, as far as it is known."""
        return identity_of(self.patients.get(patient_id), patient_id)

    def identity_in(self, consultation: Consultation) -> Identity:
        """Return who asks in a consultation: by name alone where the patient has opened nothing else."""
        known = self.identity(consultation.patient_id)
        return known if known.name else replace(known, name=consultation.patient_name)

    def _admit(self, patients: Iterable[Patient]) -> None:
        self.patients = {patient.patient_id: patient for patient in patients}
        self.patients_changed.emit()

    async def _watch_until_somebody_comes_or_goes(self) -> None:
        failures: list[ApricotError] = []
        watched = _watchable(self.patients.values())
        if not watched:
            self._connection.nobody_to_watch()
        try:
            async with asyncio.TaskGroup() as group:
                watching = [group.create_task(self._watch(ids)) for ids in batched(watched, _PATIENTS_A_WATCH)]
                await self._somebody_comes_or_goes(watched)
                for task in watching:
                    task.cancel()
        except* ApricotError as errors:
            failures += [error for error in errors.exceptions if isinstance(error, ApricotError)]
        if failures:
            raise failures[0]

    async def _watch(self, patient_ids: tuple[str, ...]) -> None:
        watch = self._session.watch(
            patient_ids, snapshot_minutes=self._snapshot_minutes, on_state=self._connection.tell
        )
        self._connection.begin(watch)
        try:
            async with watch:
                async for update in watch:
                    self.updated.emit(update)
        finally:
            self._connection.end(watch)

    async def _somebody_comes_or_goes(self, watched: list[str]) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                patients = await self._list()
            except ApricotError as error:
                if not error.temporary:
                    raise
                continue
            if _watchable(patients) != watched:
                return
            if patients != list(self.patients.values()):
                self._admit(patients)

    async def _list(self) -> list[Patient]:
        request, patients = ListMyPatientsRequest(page_size=1000), list[Patient]()
        while True:
            page = await self._session.care.ListMyPatients(request)
            patients.extend(page.patients)
            if not page.next_page_token:
                return patients
            request.page_token = page.next_page_token


def _watchable(patients: Iterable[Patient]) -> list[str]:
    """Whoever opens something that a watch tells; one who does not would end it for all."""
    return [patient.patient_id for patient in patients if not _TOLD.isdisjoint(patient.scopes)]
