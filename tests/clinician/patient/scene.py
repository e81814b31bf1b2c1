"""A chart of a made-up patient that stands still: the real model and views, with a clock of the test's own."""

from datetime import UTC, datetime, timedelta

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_DOSE_READ, SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, Scope
from apricot.identity.v1.care_pb2 import Patient

from clients.clinician.models.desk import Desk
from clients.clinician.models.patient.chart import ChartModel, Loading
from clients.clinician.models.patient.sharing import Sharing
from clients.sdk.entries import Recorder

NOW = datetime(2026, 11, 24, 6, 35, tzinfo=UTC)
PATIENT = "6f0d9a52-3c1b-4e0e-9a6b-7a1d2f4c8e31"
EVERYTHING = SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, SCOPE_DOSE_READ, SCOPE_ALERT_READ
SENSOR = Recorder.by_hand("sensor/1", "Asia/Shanghai")
METER = Recorder.by_hand("meter/1", "Asia/Shanghai")


class Clock:
    """Stands still until the test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def chart_of(desk: Desk, scopes: tuple[Scope.ValueType, ...] = EVERYTHING) -> ChartModel:
    """As it is when everything was loaded; nobody loads more."""
    desk.feed.patients = {PATIENT: Patient(patient_id=PATIENT, display_name="Li Haoran", time_zone="Asia/Shanghai")}
    model = ChartModel(desk, PATIENT)
    model.sharing = Sharing(dict.fromkeys(scopes, ((None, None),)))
    model.loaded_since = NOW - timedelta(days=400)
    model.look_back_to(NOW - timedelta(days=400))
    model.loading = Loading.READY
    return model
