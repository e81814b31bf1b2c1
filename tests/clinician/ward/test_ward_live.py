"""The board against the real platform: it shows what is there, as it happens, and over broken streams."""

import random
import time
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ
from apricot.glucose.v1.alert_pb2 import AcknowledgeAlertRequest
from apricot.glucose.v1.entry_pb2 import Entry

from clients.clinician.models.ward.board import Board
from clients.clinician.models.ward.needs import owner_of
from clients.clinician.models.ward.row import Need, Owner, Row
from clients.clinician.models.ward.ward import Ward
from clients.clinician.models.ward.ward_model import WardModel
from clients.readings.levels import Level
from clients.sdk import Apricot
from stack.platform import Platform
from tests.clinician.conftest import OpenDesk
from tests.clinician.ward.cut import wire_to
from tests.clinician.ward.told import picture, reading
from tests.glucose.diaries import amend, delete, log
from tests.kit.running import until
from tests.people import PASSWORD, People, Person

SCOPES = SCOPE_GLUCOSE_READ, SCOPE_ALERT_READ, SCOPE_REPORT_READ
FUZZ_SECONDS, FUZZ_PATIENTS, CUTS = 10.0, 4, 4


def _now_reading(minutes_ago: float, mg_per_dl: float) -> Entry:
    return reading(uuid4().int, minutes_ago, mg_per_dl, now=_milliseconds())


def _milliseconds() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


async def _acknowledge(by: Person, patient_id: str, alert_id: str) -> None:
    request = AcknowledgeAlertRequest(patient_id=patient_id, request_id=str(uuid4()), alert_id=alert_id)
    await by.session.alerts.AcknowledgeAlert(request)


async def test_a_row_follows_the_diary_and_the_alerts(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    patient, other = await people.patient(), await people.patient()
    for each in patient, other:
        await each.grant(clinician, *SCOPES)
    await log(patient, _now_reading(5, 100))
    ward = Ward(await open_desk(clinician))
    model = WardModel(ward, calm_seconds=0.0)
    await until(lambda: all(row.is_known for row in ward.board.rows.values()) and len(ward.board.rows) == 2)
    row = ward.board.rows[patient.account_id]
    assert (row.level, ward.board.rows[other.account_id].level) == (Level.IN_RANGE, None)
    await until(lambda: model.patient_at(0) == patient.account_id)

    high = _now_reading(0, 300)
    await log(other, high)
    await until(lambda: ward.board.rows[other.account_id].level is Level.VERY_HIGH)
    await until(lambda: model.patient_at(0) == other.account_id)
    lower = Entry()
    lower.CopyFrom(high)
    lower.sensor_reading.glucose.value = 120
    await amend(other, lower, 1)
    await until(lambda: ward.board.rows[other.account_id].level is Level.IN_RANGE)
    await delete(other, high.entry_id, 2)
    # Nothing is left: the platform was asked whether there is an older one, and there is none.
    await until(lambda: row_is_empty(ward.board.rows[other.account_id]))

    await log(patient, _now_reading(0, 45))
    await until(lambda: row.need is Need.URGENT_LOW)
    await until(lambda: model.patient_at(0) == patient.account_id)
    assert row.alert is not None
    await _acknowledge(clinician, patient.account_id, row.alert.alert_id)
    await until(lambda: owner_of(row, clinician.account_id) is Owner.ME and row.need is Need.VERY_LOW)


def row_is_empty(row: Row) -> bool:
    return row.is_known and row.newest is None and row.level is None


async def test_the_newest_reading_is_asked_for_where_the_chart_has_forgotten_it(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await people.patient()
    await patient.grant(clinician, *SCOPES)
    older, newer = _now_reading(600, 80), _now_reading(300, 90)
    await log(patient, older, newer)
    ward = Ward(await open_desk(clinician))
    await until(lambda: bool(ward.board.rows) and ward.board.rows[patient.account_id].newest is not None)
    row = ward.board.rows[patient.account_id]
    await delete(patient, newer.entry_id, 1)
    await until(lambda: row.newest is not None and row.newest.entry_id == older.entry_id)


async def test_who_takes_the_grant_back_is_gone(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    stays, leaves = await people.patient(), await people.patient()
    await stays.grant(clinician, *SCOPES)
    grant = await leaves.grant(clinician, *SCOPES)
    ward = Ward(await open_desk(clinician))
    model = WardModel(ward, calm_seconds=0.0)
    await until(lambda: model.rowCount() == 2 and all(row.is_known for row in ward.board.rows.values()))
    await leaves.revoke(grant)
    await until(lambda: [*ward.board.rows] == [stays.account_id] and model.rowCount() == 1)
    await log(stays, _now_reading(0, 110))
    await until(lambda: ward.board.rows[stays.account_id].level is Level.IN_RANGE)


async def test_the_day_s_shares_are_of_who_is_in_sight(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    shown, hidden, secret = [await people.patient() for _ in range(3)]
    for each in shown, hidden:
        await each.grant(clinician, *SCOPES)
    await secret.grant(clinician, SCOPE_GLUCOSE_READ)
    for each in shown, hidden, secret:
        # 25 hours ago is no part of the day, though it is of yesterday.
        await log(each, _now_reading(25 * 60, 300), *(_now_reading(100 - 5 * k, 100 if k else 50) for k in range(4)))
    ward = Ward(await open_desk(clinician))
    ward.open()
    model = WardModel(ward)
    await until(lambda: model.rowCount() == 3)
    for each in shown, secret:
        position = model.position_of(each.account_id)
        assert position is not None
        model.in_sight(position, position)
        if each is shown:
            await until(lambda: ward.shares.of(shown.account_id) is not None)
    share = ward.shares.of(shown.account_id)
    assert share is not None
    assert {level: percent for level, percent in share.percents.items() if percent} == {
        Level.VERY_LOW: 25.0,
        Level.IN_RANGE: 75.0,
    }
    assert ward.shares.of(hidden.account_id) is None
    assert ward.shares.of(secret.account_id) is None


async def test_after_any_story_the_board_is_the_platform_s_truth(
    platform: Platform, people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    seed = int(time.time())
    print(f"seed {seed}")  # noqa: T201  shown where the test fails
    dice = random.Random(seed)
    patients = [await people.patient() for _ in range(FUZZ_PATIENTS)]
    for each in patients:
        await each.grant(clinician, *SCOPES)
    assert clinician.authenticator is not None
    async with (
        wire_to(platform.gateway_address.removeprefix("http://")) as (wire, address),
        Apricot(address) as through,
    ):
        session = await through.sign_in_with_password(clinician.phone, PASSWORD, totp=clinician.authenticator.code())
        desk = await open_desk(replace(clinician, session=session))
        ward = Ward(desk)
        await until(lambda: len(ward.board.rows) == FUZZ_PATIENTS)
        story = _Story(dice, clinician, patients, ward)
        began, cuts = time.monotonic(), 0
        while (passed := time.monotonic() - began) < FUZZ_SECONDS:
            await story.go_on()
            if passed > (cuts + 1) * FUZZ_SECONDS / (CUTS + 1):
                cuts += 1
                wire.cut()
        assert wire.cuts == CUTS
        assert story.steps > 50
        await until(lambda: _is_true(ward, clinician))
        await desk.close()


class _Story:
    """What patients and the clinician do, one after the other, by the real services."""

    def __init__(self, dice: random.Random, clinician: Person, patients: list[Person], ward: Ward) -> None:
        self._dice = dice
        self._clinician = clinician
        self._ward = ward
        self._diaries: dict[str, tuple[Person, dict[str, Entry]]] = {each.account_id: (each, {}) for each in patients}
        self.steps = 0

    async def go_on(self) -> None:
        """One more step."""
        self.steps += 1
        patient, diary = self._diaries[self._dice.choice([*self._diaries])]
        match self._dice.choice(["log", "log", "log", "amend", "delete", "acknowledge"]):
            case "log":
                logged = [self._reading() for _ in range(self._dice.randint(1, 4))]
                await log(patient, *logged)
                diary |= {entry.entry_id: entry for entry in logged}
                for entry in logged:
                    entry.revision = 1
            case "amend" if diary:
                known = diary[self._dice.choice([*diary])]
                entry = self._reading()
                entry.entry_id = known.entry_id
                diary[entry.entry_id] = await amend(patient, entry, known.revision)
            case "delete" if diary:
                # Often the newest one: it uncovers what was before.
                newest = max(diary.values(), key=lambda entry: entry.time.ToNanoseconds())
                known = self._dice.choice([newest, *diary.values()])
                await delete(patient, known.entry_id, known.revision)
                del diary[known.entry_id]
            case "acknowledge":
                row = self._ward.board.rows[patient.account_id]
                for alert_id in list(row.alerts):
                    await _acknowledge(self._clinician, patient.account_id, alert_id)

    def _reading(self) -> Entry:
        minutes = self._dice.choice(
            [self._dice.uniform(0, 12), self._dice.uniform(0, 160), self._dice.uniform(240, 900)]
        )
        return reading(
            self._dice.getrandbits(120), minutes, self._dice.randint(41, 320), now=_milliseconds(),
            device=self._dice.choice(["sensor", "other"]),
        )  # fmt: skip


async def _is_true(ward: Ward, clinician: Person) -> bool:
    """Whether the board equals one made anew from a fresh watch's snapshots."""
    fresh = Board()
    fresh.admit(ward.desk.feed.patients.values(), ward.now_ns)
    async with clinician.session.watch([*fresh.rows]) as watch:
        for _ in fresh.rows:
            fresh.apply(await anext(watch), ward.now_ns)
    now_ns = ward.now_ns
    for board in ward.board, fresh:
        for row in board.rows.values():
            board.settle(row, now_ns)
    return all(picture(ward.board, ward.board.rows[each]) == picture(fresh, row) for each, row in fresh.rows.items())
