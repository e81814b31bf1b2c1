"""What happens to patients of the real platform, and how they see it themselves."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_GLUCOSE_READ
from apricot.glucose.v1.alert_pb2 import Alert, ListAlertsRequest

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.desk import Desk
from clients.clinician.models.ward.ward import Ward
from clients.sdk import Recorder
from tests.clinician.conftest import OpenDesk
from tests.kit.running import until
from tests.people import People, Person

ZONE = "Asia/Shanghai"

type Watched = tuple[AlertList, Person]


def alerts_of(desk: Desk) -> AlertList:
    """Hers, beside her ward, as in the app."""
    ward = Ward(desk)
    return AlertList(desk, ward.newest, ward.rate)


async def patient_of(people: People, clinician: Person) -> Person:
    """A new one whose alerts she may read."""
    patient = await people.patient()
    await patient.grant(clinician, SCOPE_ALERT_READ, SCOPE_GLUCOSE_READ)
    return patient


async def watched(people: People, clinician: Person, open_desk: OpenDesk) -> Watched:
    """Her alerts, live, and a patient of hers."""
    patient = await patient_of(people, clinician)
    alerts = alerts_of(await open_desk(clinician))
    await until(lambda: alerts.is_live)
    return alerts, patient


async def measures(patient: Person, mg_per_dl: float) -> None:
    """A fingerstick, now."""
    reading = Recorder.by_hand("meter", ZONE).fingerstick_reading(datetime.now(UTC), mg_per_dl)
    await patient.session.log(patient.account_id, [reading])


async def goes_low(alerts: AlertList, patient: Person, mg_per_dl: float = 50) -> Alert:
    """Urgently; the alert as she sees it."""
    await measures(patient, mg_per_dl)
    await until(lambda: any(alert.patient_id == patient.account_id for alert in alerts.active))
    return next(alert for alert in alerts.active if alert.patient_id == patient.account_id)


async def own_view(patient: Person) -> list[Alert]:
    """The patient's alerts as the platform shows them to her."""
    request = ListAlertsRequest(patient_ids=[patient.account_id])
    return list((await patient.session.alerts.ListAlerts(request)).alerts)


def acknowledged_for(patient: Person, by: Person) -> Callable[[], Awaitable[bool]]:
    """Whether the patient sees that somebody takes care of it."""

    async def seen() -> bool:
        return any(
            recipient.account_id == by.account_id and recipient.HasField("acknowledge_time")
            for alert in await own_view(patient)
            for recipient in alert.recipients
        )

    return seen
