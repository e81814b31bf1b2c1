"""What raises an alert, and what ends it."""

from uuid import UUID

from apricot.glucose.v1 import alert_pb2 as pb

from tests.glucose.alerts.clinic import Clinic


async def test_an_urgent_low_is_raised_by_one_reading(clinic: Clinic, patient: UUID) -> None:
    await clinic.sensor(patient, 0, 80)
    entry = await clinic.sensor(patient, 5, 55)
    alert = await clinic.one(patient, pb.ALERT_RULE_URGENT_LOW)
    assert alert.cause_entry_id == entry.entry_id
    assert alert.glucose.value == 55
    assert alert.urgency == pb.ALERT_URGENCY_URGENT
    assert [found.account_id for found in alert.recipients] == [str(patient)]
