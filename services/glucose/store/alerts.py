"""Queries on alerts. Each carries the patients; those who change a patient's alerts hold that patient's lock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from apricot.glucose.v1.alert_pb2 import AlertRules
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from glycemia.units import MG_PER_DL_PER_MMOL_PER_L, Unit
from kit.database import raw_connection
from services.glucose.domain.alerts.evaluate import Situation
from services.glucose.domain.alerts.model import Alert, Reading
from services.glucose.domain.alerts.rules import DEFAULTS, Rules
from services.glucose.store.alert_bodies import alert_message, read_alert, read_rules, rules_message
from services.glucose.store.bounds import BOUND

FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)
_MOST_READINGS = 150
"""Of one patient in one look: two hours of a sensor that sends every minute."""
_FINGERSTICK = 11
_PLACES = 4
"""float4 keeps seven digits: the canonical value, rounded so, is what was measured."""


async def lock(session: AsyncSession, patients: Collection[UUID]) -> dict[UUID, datetime | None]:
    """Hold these patients' alerts until the transaction ends; when each is due. Always in one order, so that no two
    workers wait for one another."""
    connection = await session.connection()
    wanted = {"patients": sorted(patients)}
    statement = text(
        "select patient_id, due_time from alert_state where patient_id = any(:patients) order by patient_id for update"
    )
    found = {row.patient_id: row.due_time for row in await connection.execute(statement, wanted)}
    if len(found) < len(patients):
        await connection.execute(
            text(
                "insert into alert_state (patient_id) select unnest(cast(:patients as uuid[])) "
                "order by 1 on conflict do nothing"
            ),
            wanted,
        )
        found = {row.patient_id: row.due_time for row in await connection.execute(statement, wanted)}
    return found


async def lock_due(session: AsyncSession, patients: Collection[UUID], now: datetime) -> dict[UUID, datetime | None]:
    """As `lock`, of those that are still due and that nobody else holds."""
    statement = text(
        "select patient_id, due_time from alert_state where patient_id = any(:patients) and due_time <= :now "
        "order by patient_id for update skip locked"
    )
    rows = await (await session.connection()).execute(statement, {"patients": sorted(patients), "now": now})
    return {row.patient_id: row.due_time for row in rows}


async def due_patients(connection: asyncpg.Connection, now: datetime, most: int) -> list[UUID]:
    """Those whom time alone may have changed, the longest due first."""
    rows = await connection.fetch(
        "select patient_id from alert_state where due_time <= $1 order by due_time limit $2", now, most
    )
    return [row["patient_id"] for row in rows]


async def first_due(connection: asyncpg.Connection) -> datetime | None:
    """When the first of all patients is due."""
    found: datetime | None = await connection.fetchval("select min(due_time) from alert_state")
    return found


async def set_due(session: AsyncSession, due_times: Mapping[UUID, datetime | None]) -> None:
    """When to look again."""
    await (await raw_connection(session)).execute(
        "update alert_state set due_time = due.due_time from unnest($1::uuid[], $2::timestamptz[]) "
        "as due (patient_id, due_time) where alert_state.patient_id = due.patient_id",
        list(due_times),
        list(due_times.values()),
    )


async def situations(
    session: AsyncSession, patients: Collection[UUID], window: timedelta, now: datetime
) -> dict[UUID, Situation]:
    """What is stored of each patient, in a few statements for all of them."""
    connection = await raw_connection(session)
    found = {patient: Situation(patient) for patient in patients}
    wanted = list(patients)
    for row in await connection.fetch(_READINGS, wanted, window, _MOST_READINGS):
        found[row[0]].readings.append(_reading(row))
    for patient, body, *cause in await connection.fetch(_ALERTS, wanted, now):
        alert = read_alert(body)
        found[patient].alerts.append(alert)
        if cause[0] is not None:
            found[patient].causes[alert.alert_id] = _reading((patient, *cause))
    for patient, body in await connection.fetch(_RULES, wanted):
        found[patient].rules = read_rules(AlertRules.FromString(body))
    return found


_COLUMNS = f"""
entry.time, entry.entry_id, entry.device, entry.kind, entry.unit, entry.mg_per_dl,
{BOUND.replace("body", "entry.body")}
"""
_READINGS = f"""
select patient_id, found.* from unnest($1::uuid[]) as patient (patient_id), lateral (
  select time from entry where entry.patient_id = patient.patient_id and not deleted and kind in (10, 11)
  order by time desc limit 1
) as newest, lateral (
  select * from (
    select {_COLUMNS} from entry where entry.patient_id = patient.patient_id and not deleted and kind in (10, 11)
    and entry.time > newest.time - $2::interval order by entry.time desc limit $3
  ) as latest order by time, entry_id
) as found
"""  # noqa: S608  fixed words
_ALERTS = f"""
select alert.patient_id, alert.body, {_COLUMNS} from alert
left join entry on entry.patient_id = alert.patient_id and entry.entry_id = alert.cause_entry_id
and not entry.deleted and entry.mg_per_dl is not null
where alert.patient_id = any($1) and alert.live_until > $2
"""  # noqa: S608  fixed words
_RULES = """
select patient_id, found.body from unnest($1::uuid[]) as patient (patient_id), lateral (
  select body from alert_rules where alert_rules.patient_id = patient.patient_id order by revision desc limit 1
) as found
"""


def _reading(row: Sequence[Any]) -> Reading:
    _, time, entry_id, device, kind, unit, mg_per_dl, bound = row
    value = mg_per_dl / MG_PER_DL_PER_MMOL_PER_L if unit == Unit.MMOL_PER_L else mg_per_dl
    is_fingerstick = kind == _FINGERSTICK
    return Reading(time, entry_id, device, is_fingerstick, round(value, _PLACES), unit, mg_per_dl, bound)


@dataclass(frozen=True)
class AlertList:
    """What to list: raised in these ranges (half-open) by patient."""

    ranges: Sequence[tuple[UUID, datetime, datetime]]
    active_only: bool
    limit: int
    behind: tuple[datetime, UUID] | None = None
    """Raise time and id of the last alert already shown."""


@dataclass(frozen=True)
class ListedAlert:
    """One listed alert: its place in the order, and its body."""

    raise_time: datetime
    alert_id: UUID
    body: bytes


async def list_alerts(connection: asyncpg.Connection, wanted: AlertList) -> list[ListedAlert]:
    """Alerts, newest first."""
    behind = wanted.behind or (FOR_EVER, UUID(int=2**128 - 1))
    rows = await connection.fetch(
        "select found.raise_time, found.alert_id, found.body from unnest($1::uuid[], $2::timestamptz[], "
        "$3::timestamptz[]) as range (patient_id, start_time, end_time), lateral ("
        "  select raise_time, alert_id, body from alert where alert.patient_id = range.patient_id "
        "  and raise_time >= range.start_time and raise_time < range.end_time "
        "  and (resolve_time is null or not $4) and (raise_time, alert_id) < ($5, $6) "
        "  order by raise_time desc, alert_id desc limit $7"
        ") as found order by found.raise_time desc, found.alert_id desc limit $7",
        *([list(column) for column in zip(*wanted.ranges, strict=True)] or [[], [], []]),
        wanted.active_only,
        *behind,
        wanted.limit,
    )
    return [ListedAlert(*row) for row in rows]


async def active_bodies(connection: asyncpg.Connection, patients: Sequence[UUID]) -> dict[UUID, list[bytes]]:
    """Each patient's active alerts, oldest first."""
    rows = await connection.fetch(
        "select patient_id, body from alert where patient_id = any($1) and resolve_time is null "
        "order by patient_id, raise_time, alert_id",
        patients,
    )
    found: dict[UUID, list[bytes]] = {}
    for patient, body in rows:
        found.setdefault(patient, []).append(body)
    return found


async def escalating(connection: asyncpg.Connection, patients: Sequence[UUID], now: datetime) -> list[UUID]:
    """Those of the patients who have an alert that is to be passed on."""
    found = []
    for patient, bodies in (await active_bodies(connection, patients)).items():
        times = [read_alert(body).escalate_time for body in bodies]
        if any(time is not None and time <= now for time in times):
            found.append(patient)
    return found


async def find(session: AsyncSession, patient: UUID, alert_id: UUID) -> Alert | None:
    """An alert of the patient's."""
    statement = text("select body from alert where patient_id = :patient and alert_id = :alert")
    body = (await (await session.connection()).execute(statement, {"patient": patient, "alert": alert_id})).scalar()
    return None if body is None else read_alert(body)


async def save(session: AsyncSession, alerts: Sequence[Alert]) -> None:
    """Alerts as they now stand, in this order."""
    await (await raw_connection(session)).executemany(
        "insert into alert (patient_id, alert_id, rule, raise_time, resolve_time, live_until, cause_entry_id, "
        "acknowledged, body) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (patient_id, alert_id) "
        "do update set resolve_time = excluded.resolve_time, live_until = excluded.live_until, "
        "acknowledged = excluded.acknowledged, body = excluded.body",
        [
            (
                alert.patient_id,
                alert.alert_id,
                alert.rule,
                alert.raise_time,
                alert.resolve_time,
                _live_until(alert),
                alert.cause_entry_id,
                alert.acknowledged,
                alert_message(alert).SerializeToString(),
            )
            for alert in alerts
        ],
    )


def _live_until(alert: Alert) -> datetime:
    if alert.resolve_time is None:
        return FOR_EVER
    snoozes = [recipient.snooze_end_time for recipient in alert.recipients if recipient.snooze_end_time]
    return max([alert.resolve_time, *snoozes])


async def rules_in_force(session: AsyncSession, patient: UUID) -> Rules:
    """A patient's rules; the defaults until somebody sets others."""
    statement = text("select body from alert_rules where patient_id = :patient order by revision desc limit 1")
    body = (await (await session.connection()).execute(statement, {"patient": patient})).scalar()
    return DEFAULTS if body is None else read_rules(AlertRules.FromString(body))


async def add_rules(session: AsyncSession, patient: UUID, rules: Rules) -> None:
    """A new revision; nothing is changed."""
    await (await session.connection()).execute(
        text(
            "insert into alert_rules (patient_id, revision, author_id, update_time, body) "
            "values (:patient, :revision, :author, :time, :body)"
        ),
        {
            "patient": patient,
            "revision": rules.revision,
            "author": rules.author_id,
            "time": rules.update_time,
            "body": rules_message(rules).SerializeToString(),
        },
    )
