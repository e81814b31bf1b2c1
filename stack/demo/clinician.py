"""The clinician's side: who the patients are, and what happens to them."""

import asyncio
from collections.abc import Callable

from apricot.identity.v1.care_pb2 import ListMyPatientsRequest, Patient

from clients.sdk import ApricotError, Session
from stack.demo.answers import CLINICIAN_SECONDS, Answers
from stack.demo.people import SignedIn
from stack.demo.screen import Lines, Show

SNAPSHOT_MINUTES = 540  # the widest chart's
_PAUSE_SECONDS = 1.0


async def watch_ward(clinician: SignedIn, show: Show, screen: Lines, attended: Callable[[], bool]) -> None:
    """Keep the ward as the clinician's watch tells it, for ever. While it is `attended`, a person answers the alerts.

    The watch mends itself. Where it cannot, since a grant or the session has ended, begin anew with the patients left.
    """
    said = ""
    while True:
        try:
            show.clinician = clinician.account.profile.display_name
            patients = await patients_of(clinician.session)
            show.ward.admit(patients)
            if not patients:
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            await _watch([patient.patient_id for patient in patients], clinician, show, screen, attended)
        except ApricotError as error:
            if str(error) != said:
                said = str(error)
                screen.say(f"the watch begins anew: {error}")
            await asyncio.sleep(_PAUSE_SECONDS)
            await clinician.recover(error)


async def _watch(
    patient_ids: list[str], clinician: SignedIn, show: Show, screen: Lines, attended: Callable[[], bool]
) -> None:
    watch = clinician.session.watch(patient_ids, snapshot_minutes=SNAPSHOT_MINUTES, on_state=screen.state_changed)
    with Answers(clinician, CLINICIAN_SECONDS, attended) as answers:
        async with watch:
            show.watch = watch
            async for update in watch:
                row = show.ward.apply(update)
                if row:
                    screen.happened(row)
                for alert in (*update.snapshot.active_alerts, update.alert_changed.alert):
                    answers.consider(alert)


async def patients_of(session: Session) -> list[Patient]:
    """All who granted the caller access, by name."""
    request, patients = ListMyPatientsRequest(page_size=1000), list[Patient]()
    while True:
        page = await session.care.ListMyPatients(request)
        patients.extend(page.patients)
        if not page.next_page_token:
            return patients
        request.page_token = page.next_page_token
