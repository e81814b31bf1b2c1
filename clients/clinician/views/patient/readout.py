"""What the chart says of one instant, in words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.entry_pb2 import Entry
from PySide6.QtCore import QCoreApplication

from clients.clinician.models.settings import Unit
from clients.clinician.views import words
from clients.clinician.views.patient import entry_words
from clients.readings.levels import level_of
from clients.readings.trend import glucose_of


def instant(at: datetime, zone: ZoneInfo) -> str:
    """A time of the patient's, with the zone's name: "Tue 24 Nov 14:05 (Asia/Shanghai)"."""
    local = at.astimezone(zone)
    return f"{entry_words.day(local)} {local:%H:%M} ({zone.key})"


def reading(entry: Entry, unit: Unit, zone: ZoneInfo) -> str:
    """A sensor's or a fingerstick's value, its level, its time."""
    glucose = glucose_of(entry)
    sort = (
        QCoreApplication.translate("Words", "Sensor")
        if entry.HasField("sensor_reading")
        else QCoreApplication.translate("Words", "Fingerstick")
    )
    value = f"{words.value(glucose, unit)} {unit.value}"
    return " · ".join([value, words.level(level_of(glucose)), sort, instant(entry.time.ToDatetime(UTC), zone)])


def item(of: Entry | Alert, zone: ZoneInfo) -> str:
    """Something of the lanes."""
    if isinstance(of, Entry):
        return " · ".join([entry_words.whole(of), instant(of.time.ToDatetime(UTC), zone)])
    raised = instant(of.raise_time.ToDatetime(UTC), zone)
    if not of.HasField("resolve_time"):
        return " · ".join([words.rule(of.rule), raised, QCoreApplication.translate("Words", "still active")])
    lasted = words.age(of.resolve_time.ToDatetime(UTC) - of.raise_time.ToDatetime(UTC))
    text = QCoreApplication.translate("Words", "resolved after {age}").format(age=lasted)
    return " · ".join([words.rule(of.rule), raised, text])
