"""A ward of made-up patients, and what a watch would tell of them: for the board's benchmark."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ
from apricot.glucose.v1.alert_pb2 import (
    ALERT_RULE_HIGH,
    ALERT_RULE_LOW,
    ALERT_RULE_URGENT_LOW,
    Alert,
    AlertRecipient,
    AlertRule,
    AlertUrgency,
    RecipientKind,
)
from apricot.glucose.v1.entry_pb2 import GLUCOSE_UNIT_MG_PER_DL, Entry, Glucose, SensorReading
from apricot.glucose.v1.events_pb2 import AlertChanged, EntriesLogged
from apricot.glucose.v1.watch_pb2 import PatientSnapshot, WatchPatientsResponse
from apricot.identity.v1.care_pb2 import Patient

_SCOPES = SCOPE_GLUCOSE_READ, SCOPE_ALERT_READ, SCOPE_REPORT_READ
_FAMILY, _GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华"
_STEP = timedelta(minutes=5)
_ALERT_EVERY = 53
"""Of so many events one is an alert's."""


class SyntheticWard:
    """The same for the same seed, but for the clock."""

    def __init__(self, patients: int, now: datetime, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._now = now
        self.patients = [
            Patient(
                patient_id=str(UUID(int=number + 1)),
                display_name=self._name(),
                birth_year=self._random.randint(1938, 2012),
                time_zone="Asia/Shanghai",
                scopes=_SCOPES,
            )
            for number in range(patients)
        ]
        self._phase = [self._random.uniform(0, 2 * math.pi) for _ in self.patients]
        self._mean = [self._random.gauss(138, 26) for _ in self.patients]
        self._count = 0
        self._alerts: dict[int, Alert] = {}

    def snapshots(self) -> Iterator[WatchPatientsResponse]:
        """Three hours of each; one in twenty-five fell silent, one in fifty never measured."""
        for number, patient in enumerate(self.patients):
            snapshot = PatientSnapshot(patient_id=patient.patient_id)
            if number % 50 != 7:
                last = self._now - timedelta(seconds=self._random.uniform(0, 290))
                if number % 25 == 3:
                    last -= timedelta(minutes=self._random.uniform(16, 140))
                snapshot.entries.extend(self._reading(number, last - k * _STEP) for k in range(35, -1, -1))
                snapshot.latest_reading.CopyFrom(snapshot.entries[-1])
            yield WatchPatientsResponse(snapshot=snapshot)

    def events(self) -> Iterator[WatchPatientsResponse]:
        """For ever, each patient in turn: what was measured, and now and then an alert that comes, is taken, goes."""
        while True:
            for number, patient in enumerate(self.patients):
                self._count += 1
                if number % 50 == 7 or number % 25 == 3:
                    continue  # never measured, or silent
                if self._count % _ALERT_EVERY == 0:
                    alert = AlertChanged(patient_id=patient.patient_id, alert=self._alert(number))
                    yield WatchPatientsResponse(alert_changed=alert)
                else:
                    logged = EntriesLogged(patient_id=patient.patient_id, entries=[self._reading(number, self._now)])
                    yield WatchPatientsResponse(entries_logged=logged)

    def pass_time(self, by: timedelta) -> None:
        """The ward's clock."""
        self._now += by

    @property
    def now(self) -> datetime:
        """By the ward's clock."""
        return self._now

    def _name(self) -> str:
        return self._random.choice(_FAMILY) + "".join(self._random.choices(_GIVEN, k=self._random.choice((1, 2, 2))))

    def _reading(self, number: int, at: datetime) -> Entry:
        hours = at.timestamp() / 3600
        mg_per_dl = self._mean[number] + 42 * math.sin(hours * 1.9 + self._phase[number])
        mg_per_dl += 18 * math.sin(hours * 5.3 + 2 * self._phase[number]) + self._random.gauss(0, 3)
        entry = Entry(
            entry_id=str(UUID(int=self._random.getrandbits(128))),
            time_zone="Asia/Shanghai",
            device=f"sensor/{number}",
            sensor_reading=SensorReading(
                glucose=Glucose(value=round(min(max(mg_per_dl, 41), 399)), unit=GLUCOSE_UNIT_MG_PER_DL)
            ),
            revision=1,
        )
        entry.time.FromDatetime(at.astimezone(UTC))
        entry.record_time.CopyFrom(entry.time)
        return entry

    def _alert(self, number: int) -> Alert:
        """The patient's next step of an alert: raised, acknowledged, resolved."""
        alert = self._alerts.pop(number, None)
        if alert is None:
            rule: AlertRule.ValueType = self._random.choice((ALERT_RULE_URGENT_LOW, ALERT_RULE_LOW, ALERT_RULE_HIGH))
            alert = Alert(
                alert_id=str(UUID(int=self._random.getrandbits(128))),
                patient_id=self.patients[number].patient_id,
                rule=rule,
                urgency=AlertUrgency.ALERT_URGENCY_URGENT
                if rule == ALERT_RULE_URGENT_LOW
                else AlertUrgency.ALERT_URGENCY_WARNING,
                recipients=[
                    AlertRecipient(
                        account_id=self.patients[number].patient_id, kind=RecipientKind.RECIPIENT_KIND_PATIENT
                    )
                ],
            )
            alert.raise_time.FromDatetime(self._now.astimezone(UTC))
        elif not alert.recipients[0].HasField("acknowledge_time"):
            alert.recipients[0].acknowledge_time.FromDatetime(self._now.astimezone(UTC))
        else:
            alert.resolve_time.FromDatetime(self._now.astimezone(UTC))
        alert.revision += 1
        if not alert.HasField("resolve_time"):
            self._alerts[number] = alert
        kept = Alert()
        kept.CopyFrom(alert)
        return kept
