"""The watch as others see it by their grants, and as those change."""

import asyncio
import random
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from apricot.access.v1.access_pb2 import (
    SCOPE_ALERT_READ,
    SCOPE_DOSE_READ,
    SCOPE_GLUCOSE_READ,
    SCOPE_GLUCOSE_WRITE,
    SCOPE_MEAL_READ,
    SCOPE_PLAN_READ,
    Scope,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, Entry
from apricot.glucose.v1.events_pb2 import AlertChanged
from apricot.glucose.v1.timeline_pb2 import AlertStep, Comment, TimelineItem

from kit.outbox import add_event
from kit.times import to_timestamp
from kit.views import View, Window
from services.glucose import events
from services.glucose.rpc import live
from services.glucose.rpc.resume import Position
from tests.glucose.diaries import HAND, ago, ids
from tests.glucose.sharing.diary import MAKERS, Rebuilt, shown_of
from tests.glucose.sharing.service import Messages, Service, one_of_each
from tests.kit.identity import Granted
from tests.patience import PATIENCE


async def test_a_watch_tells_what_is_open_and_goes_on_past_the_rest(service: Service) -> None:
    service.grants.change(service.patient, SCOPE_MEAL_READ)
    meal, reading = HAND.meal(ago(60), 30), HAND.sensor_reading(ago(60), 100)
    await service.log(meal, reading)
    hidden, last = HAND.sensor_reading(ago(2), 100), HAND.note(ago(1), "last")
    async with service.watch() as watch:
        snapshot = (await watch.next()).snapshot
        assert (ids(snapshot.entries), snapshot.HasField("latest_reading")) == ([meal.entry_id], False)
        both = one_of_each(3)
        await service.log(*both)
        assert await watch.entry_ids() == [e.entry_id for e in both if e.WhichOneof("content") in MEALS]
        await service.log(hidden)
        before = (await watch.next(heartbeats=True)).resume_token
        while (token := (await watch.next(heartbeats=True)).resume_token) == before:
            pass  # the heartbeats' token moves on over what is hidden
        await service.log(last)
        assert await watch.entry_ids() == [last.entry_id]
    async with service.watch(resume_token=token) as watch:
        assert await watch.entry_ids() == [last.entry_id]


MEALS = {"meal", "exercise", "note"}


async def test_an_amendment_over_the_edge_of_the_view_is_one_in_or_out_of_it(service: Service) -> None:
    service.grants.change(service.patient, Window(SCOPE_MEAL_READ, ago(90), ago(30)))
    entry = HAND.meal(ago(10), 30)

    def moved(minutes: float) -> Entry:
        made = HAND.meal(ago(minutes), 30)
        made.entry_id = entry.entry_id
        return made

    await service.log(entry)
    async with service.watch() as watch:
        assert not (await watch.next()).snapshot.entries
        await service.amend(moved(60), 1)
        logged = (await watch.next()).entries_logged
        assert [(one.entry_id, one.revision) for one in logged.entries] == [(entry.entry_id, 2)]
        await service.amend(moved(50), 2)
        amended = (await watch.next()).entry_amended
        assert (amended.previous, amended.entry.revision) == (logged.entries[0], 3)
        await service.amend(moved(5), 3)
        deleted = (await watch.next()).entry_deleted
        assert (deleted.previous, deleted.revision) == (amended.entry, 4)
        await service.amend(moved(4), 4)
        await service.delete(entry.entry_id, 5)
        last = moved(60)
        last.entry_id = str(uuid4())
        await service.log(last)
        assert await watch.entry_ids() == [last.entry_id]


@pytest.mark.parametrize("scope", [SCOPE_ALERT_READ, SCOPE_PLAN_READ])
async def test_alerts_and_the_timeline_come_by_their_scopes(service: Service, scope: Scope.ValueType) -> None:
    window = Window(scope, ago(60), ago(30))
    service.grants.change(service.patient, window)
    patient = str(service.patient)
    async with service.watch() as watch:
        await watch.next()
        async with service.parts.database.transaction() as session:
            for minutes in 90, 45, 15:
                time = to_timestamp(ago(minutes))
                alert = Alert(alert_id=str(UUID(int=minutes)), patient_id=patient, raise_time=time)
                changed = AlertChanged(patient_id=patient, alert=alert)
                add_event(session, events.subject(events.ALERT_CHANGED, patient), changed)
                for step in (
                    TimelineItem(item_id=str(uuid4()), patient_id=patient, time=time, alert_step=AlertStep()),
                    TimelineItem(item_id=str(uuid4()), patient_id=patient, time=time, comment=Comment(text="?")),
                ):
                    events.add_timeline_item(session, step)
        await service.parts.relay.wake()
        if scope == SCOPE_ALERT_READ:
            assert (await watch.next()).alert_changed.alert.alert_id == str(UUID(int=45))
            assert (await watch.next()).timeline_item_added.item.HasField("alert_step")
        else:
            assert (await watch.next()).timeline_item_added.item.HasField("comment")
        service.grants.change(service.patient, window, SCOPE_MEAL_READ)
        last = HAND.note(ago(1), "last")
        await service.log(last)
        assert await watch.entry_ids() == [last.entry_id]


async def test_a_window_of_the_past_is_a_silent_watch(service: Service) -> None:
    """A second opinion: it stays open, and says that it lives, but what happens now is not its concern."""
    old, new = HAND.sensor_reading(ago(600), 100), HAND.sensor_reading(ago(10), 200)
    await service.log(old, new)
    service.grants.change(service.patient, Window(SCOPE_GLUCOSE_READ, ago(700), ago(300)))
    async with service.watch() as watch:
        snapshot = (await watch.next()).snapshot
        assert ids(snapshot.entries) == [snapshot.latest_reading.entry_id] == [old.entry_id]
        await service.log(HAND.sensor_reading(ago(1), 100))
        stored = datetime.now(UTC)
        while True:
            message = await watch.next(heartbeats=True)
            assert message.HasField("heartbeat")
            if message.heartbeat.complete_until.ToDatetime(UTC) > stored:
                break
        late = HAND.sensor_reading(ago(500), 150)  # uploaded now, of then
        await service.log(late)
        assert await watch.entry_ids() == [late.entry_id]


async def test_a_narrower_grant_counts_from_when_it_is_known(service: Service) -> None:
    """Nothing goes out while it is asked what the grant allows now, though the old answer would have allowed it."""
    service.grants.change(service.patient, SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ)
    reading, meal = HAND.sensor_reading(ago(2), 100), HAND.meal(ago(1), 30)
    async with service.watch() as watch:
        await watch.next()
        service.grants.identity.open.clear()
        service.grants.change(service.patient, SCOPE_MEAL_READ)
        await service.log(reading)
        await service.log(meal)
        coming = asyncio.create_task(watch.next())
        await _handed_on(service)
        assert not coming.done()
        service.grants.identity.open.set()
        assert ids((await coming).entries_logged.entries) == [meal.entry_id]


async def test_a_wider_grant_shows_what_happens_from_now_on(service: Service) -> None:
    service.grants.change(service.patient, SCOPE_MEAL_READ)
    before, meal, after = HAND.sensor_reading(ago(3), 100), HAND.meal(ago(2), 30), HAND.sensor_reading(ago(1), 100)
    async with service.watch() as watch:
        await watch.next()
        await service.log(before)
        await service.log(meal)
        assert await watch.entry_ids() == [meal.entry_id]
        service.grants.change(service.patient, SCOPE_MEAL_READ, SCOPE_GLUCOSE_READ)
        await service.log(after)
        assert await watch.entry_ids() == [after.entry_id]


async def test_a_grant_for_other_things_opens_no_watch_and_ends_one(service: Service) -> None:
    service.grants.change(service.patient, SCOPE_GLUCOSE_READ)
    async with service.watch() as watch:
        await watch.next()
        service.grants.change(service.patient, SCOPE_GLUCOSE_WRITE)
        assert await watch.end() == Reason.REASON_GRANT_ENDED
    async with service.watch() as watch:
        assert await watch.end() == Reason.REASON_GRANT_ENDED


async def test_a_snapshot_that_a_change_overtook_is_narrowed(service: Service) -> None:
    """And one whose grant ended meanwhile is not sent at all."""
    first, second, third = (uuid4() for _ in range(3))
    entries = [HAND.meal(ago(5), 30), HAND.sensor_reading(ago(5), 100)]
    for service.patient in first, second, third:
        await service.log(*entries)
        service.grants.change(service.patient, SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ)
    service.patient = first
    async with service.watch(second, third) as watch:
        assert len((await watch.next()).snapshot.entries) == 2
        service.grants.change(second, SCOPE_MEAL_READ)
        snapshot = (await watch.next()).snapshot
        assert (ids(snapshot.entries), snapshot.HasField("latest_reading")) == ([entries[0].entry_id], False)
        service.grants.change(third)
        assert await watch.end() == Reason.REASON_GRANT_ENDED


async def test_when_nobody_can_tell_the_watch_ends(service: Service) -> None:
    service.grants.change(service.patient, SCOPE_MEAL_READ)
    async with service.watch() as watch:
        await watch.next()
        service.grants.identity.broken = True
        service.grants.change(service.patient, SCOPE_MEAL_READ)
        await service.log(HAND.meal(ago(1), 30))
        assert await watch.end() == Reason.REASON_UNAVAILABLE


@pytest.mark.parametrize("seed", range(3))
async def test_a_filtered_watch_that_breaks_off_ends_where_the_list_does(service: Service, seed: int) -> None:
    chance = random.Random(seed)
    scopes = chance.sample([SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, SCOPE_DOSE_READ], 2)
    granted: list[Granted] = [Window(scopes[0], ago(900), ago(300)), Window(scopes[1], ago(700))]
    service.grants.change(service.patient, *granted)
    view = View(frozenset(window for window in granted if isinstance(window, Window)))
    last = [
        HAND.sensor_reading(ago(400), 100),
        HAND.meal(ago(400), 1),
        HAND.medicine_dose(ago(400), "x", "1", DOSE_UNIT_MG),
    ]

    async def change() -> None:
        diary: list[Entry] = []
        for _ in range(60):
            made = [chance.choice(MAKERS)(ago(chance.uniform(0, 1200))) for _ in range(chance.randrange(1, 4))]
            step = chance.choice(["log", "amend", "delete"]) if diary else "log"
            if step == "log":
                await service.log(*made)
                diary += [entry for entry in await service.listed() if entry.entry_id in ids(made)]
                continue
            entry = diary.pop(chance.randrange(len(diary)))
            if step == "delete":
                await service.delete(entry.entry_id, entry.revision)
            else:
                made[0].entry_id = entry.entry_id
                diary.append(await service.amend(made[0], entry.revision))
        await service.log(*last)

    watcher, token = Rebuilt(), ""
    changing = asyncio.create_task(change())
    while not any(entry.entry_id in watcher.entries for entry in last):
        async with service.watch(resume_token=token) as watch:
            for _ in range(chance.randrange(1, 10)):
                update = await watch.next(heartbeats=True)
                token = update.resume_token
                watcher.take_update(update)
    await changing
    assert watcher.entries == shown_of(view, await service.listed())
    assert watcher.entries == {entry.entry_id: entry for entry in await service.listed(service.other)}


async def test_watches_with_equal_views_share_one_message(service: Service) -> None:
    """However many watch: it is filtered and serialized once."""
    service.grants.change(service.patient, SCOPE_MEAL_READ, SCOPE_GLUCOSE_WRITE)
    async with service.watch() as one, service.watch(by=uuid4()) as other, service.watch(by=service.patient) as own:
        for watch in one, other, own:
            await _settled(watch)
        made = live._shared_bytes.cache_info().misses
        await service.log(*one_of_each())
        for watch in one, other, own:
            assert (await watch.next()).HasField("entries_logged")
        assert live._shared_bytes.cache_info().misses == made + 2


async def _settled(watch: Messages) -> None:
    """Until its token no longer holds what the snapshot saw: from then on its messages are shared."""
    await watch.next()
    while Position.decode((await watch.next(heartbeats=True)).resume_token).visible is not None:
        pass


async def _handed_on(service: Service) -> None:
    """Until the hub has handed on everything that is stored by now."""
    stored = datetime.now(UTC)
    async with asyncio.timeout(PATIENCE):
        while service.parts.hub.complete_until < stored:
            await asyncio.sleep(0.01)
