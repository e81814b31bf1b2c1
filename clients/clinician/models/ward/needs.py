"""Who needs a look first, and what the board can be narrowed to."""

from enum import Enum

from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT, RecipientKind

from clients.clinician.models.ward.row import Band, Filter, Need, Owner, Row
from clients.readings.alerts import holder, need
from clients.readings.levels import Level

_BY_LEVEL = {
    Level.VERY_LOW: Need.VERY_LOW,
    Level.LOW: Need.LOW,
    Level.VERY_HIGH: Need.VERY_HIGH,
    Level.HIGH: Need.HIGH,
    Level.IN_RANGE: Need.IN_RANGE,
}
_LOWS = Level.VERY_LOW, Level.LOW


def need_of(row: Row) -> Need:
    """By the most pressing alert and the newest reading."""
    waiting = row.alert is not None and holder(row.alert) is None
    if waiting and row.alert is not None and row.alert.urgency == ALERT_URGENCY_URGENT:
        return Need.URGENT if need(row.alert)[2] else Need.URGENT_LOW
    if row.level is None:
        by_level = Need.NONE
    elif row.is_old:
        by_level = Need.LAST_SEEN_LOW if row.level in _LOWS else Need.OLD
    else:
        by_level = _BY_LEVEL[row.level]
    return min(by_level, Need.ALERT) if waiting else by_level


def filters_of(row: Row) -> frozenset[Filter]:
    """Those that let the patient through."""
    found = {Filter.ALL}
    if row.need in _ATTENTION or (row.alert is not None and holder(row.alert) is None):
        found.add(Filter.ATTENTION)
    if any(alert.urgency == ALERT_URGENCY_URGENT for alert in row.alerts.values()):
        found.add(Filter.URGENT)
    if row.level is None:
        found.add(Filter.NONE)
    elif row.is_old:
        found.add(Filter.OLD)
    elif row.level in _LOWS:
        found.add(Filter.LOW)
    elif row.level is not Level.IN_RANGE:
        found.add(Filter.HIGH)
    return frozenset(found)


_ATTENTION = {
    Need.URGENT_LOW, Need.URGENT, Need.VERY_LOW, Need.LOW, Need.LAST_SEEN_LOW, Need.VERY_HIGH, Need.ALERT
}  # fmt: skip


class Grouping(Enum):
    """Under which heads patients stand together."""

    NOTHING = "nothing"
    LEVEL = "level"
    OWNER = "owner"
    """Who has the alert."""


_OWNERS = {
    RecipientKind.RECIPIENT_KIND_PATIENT: Owner.PATIENT,
    RecipientKind.RECIPIENT_KIND_FOLLOWER: Owner.FAMILY,
    RecipientKind.RECIPIENT_KIND_CLINICIAN: Owner.CLINIC,
}


def owner_of(row: Row, me: str) -> Owner:
    """`me` is the account that looks."""
    if row.alert is None:
        return Owner.NO_ALERT
    having = holder(row.alert)
    if having is None:
        return Owner.NOBODY
    return Owner.ME if having.account_id == me else _OWNERS.get(having.kind, Owner.CLINIC)


def band_of(row: Row) -> Band:
    """Where they belong now; what is old is no level."""
    if row.level is None:
        return Band.NONE
    return Band.OLD if row.is_old else Band[row.level.name]
