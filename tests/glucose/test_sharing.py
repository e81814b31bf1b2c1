"""The diary and the watch as others see them by their grants, wired in this process: PostgreSQL and NATS are real,
identity answers with the grants that the test gives."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
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
from apricot.glucose.v1 import diary_pb2
from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, Entry, EntryKind
from apricot.glucose.v1.events_pb2 import AlertChanged
from apricot.glucose.v1.timeline_pb2 import AlertStep, Comment, TimelineItem
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse

from kit import migrate
from kit.call import Call
from kit.clock import utc_now
from kit.errors import ApricotError
from kit.outbox import add_event
from kit.times import to_timestamp
from kit.views import View, Window
from services.glucose import events
from services.glucose.domain.entries import RevisionMismatchError
from services.glucose.rpc import live
from services.glucose.rpc.diary import Diary
from services.glucose.rpc.live import Sources
from services.glucose.rpc.resume import Position
from services.glucose.rpc.watch import Watch
from services.glucose.rpc.watchers import Watchers
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.glucose.diaries import HAND, ago, ids
from tests.glucose.direct import PATIENCE
from tests.glucose.shared import MAKERS, Rebuilt, is_shown, shown_of
from tests.glucose.wired import Wired, wired
from tests.kit.calls import call
from tests.kit.identity import Granted, Relations, relations

DIARY = "/apricot.glucose.v1.DiaryService/"
WATCH = "/apricot.glucose.v1.WatchService/WatchPatients"


class Service:
    """The diary and the watch of one replica; `patient` is a new one for each test, `other` whoever holds grants."""

    def __init__(self, parts: Wired, grants: Relations) -> None:
        self.parts, self.grants = parts, grants
        self.diary = Diary(parts.database, parts.journal, parts.relay, parts.clock)
        sources = Sources(parts.database, parts.bus, parts.feed, parts.hub, parts.clock)
        self._watch = Watch(sources, grants.remote, Watchers(grants.remote))
        self.patient, self.other = uuid4(), uuid4()

    async def call(self, method: str, by: UUID | None = None) -> Call:
        """A call that the chain has let in: what identity says of the caller is on it."""
        made = call(by or self.patient, utc_now() + timedelta(minutes=10), DIARY + method)
        if made.caller.account_id != self.patient:
            (decision,) = await self.grants.remote.decide(made, [self.patient])
            made.views[self.patient] = decision.view
        return made

    async def log(self, *entries: Entry, by: UUID | None = None) -> Sequence[diary_pb2.EntryResult]:
        request = diary_pb2.LogEntriesRequest(patient_id=str(self.patient), request_id=str(uuid4()), entries=entries)
        return (await self.diary.LogEntries(request, await self.call("LogEntries", by))).results

    async def listed(self, by: UUID | None = None, page_size: int = 1000) -> list[Entry]:
        request = diary_pb2.ListEntriesRequest(patient_id=str(self.patient), page_size=page_size)
        found: list[Entry] = []
        while True:
            page = await self.diary.ListEntries(request, await self.call("ListEntries", by))
            found += page.entries
            if not page.next_page_token:
                return found
            assert len(page.entries) == page_size
            request.page_token = page.next_page_token

    async def revisions(self, entry_id: str, by: UUID | None = None) -> Sequence[diary_pb2.EntryRevision]:
        request = diary_pb2.ListEntryRevisionsRequest(patient_id=str(self.patient), entry_id=entry_id)
        return (await self.diary.ListEntryRevisions(request, await self.call("ListEntryRevisions", by))).revisions

    async def amend(self, entry: Entry, revision: int, by: UUID | None = None) -> Entry:
        request = diary_pb2.AmendEntryRequest(
            patient_id=str(self.patient), request_id=str(uuid4()), entry=entry, expected_revision=revision
        )
        return (await self.diary.AmendEntry(request, await self.call("AmendEntry", by))).entry

    async def delete(self, entry_id: str, revision: int, by: UUID | None = None) -> None:
        request = diary_pb2.DeleteEntryRequest(
            patient_id=str(self.patient), request_id=str(uuid4()), entry_id=entry_id, expected_revision=revision
        )
        await self.diary.DeleteEntry(request, await self.call("DeleteEntry", by))

    @asynccontextmanager
    async def watch(self, *others: UUID, by: UUID | None = None, resume_token: str = "") -> AsyncIterator["Messages"]:
        """A watch of the patient, and of others."""
        patients = [str(patient) for patient in (self.patient, *others)]
        request = WatchPatientsRequest(patient_ids=patients, resume_token=resume_token, snapshot_minutes=1440)
        stream = self._watch.WatchPatients(request, call(by or self.other, utc_now() + timedelta(minutes=10), WATCH))
        try:
            yield Messages(stream)
        finally:
            await stream.aclose()


class Messages:
    """What a watch sends."""

    def __init__(self, stream: AsyncGenerator[live.Update]) -> None:
        self._stream = stream

    async def next(self, *, heartbeats: bool = False) -> WatchPatientsResponse:
        async with asyncio.timeout(PATIENCE):
            while True:
                update = await anext(self._stream)
                message = WatchPatientsResponse.FromString(update) if isinstance(update, bytes) else update
                if heartbeats or not message.HasField("heartbeat"):
                    return message

    async def entry_ids(self) -> list[str]:
        """Of the next message, in which entries were logged."""
        message = await self.next()
        assert message.WhichOneof("event") == "entries_logged", message
        return ids(message.entries_logged.entries)

    async def end(self) -> Reason.ValueType:
        while True:
            try:
                await self.next()
            except ApricotError as error:
                return error.reason


@pytest.fixture(scope="module")
async def engines() -> AsyncIterator[Platform]:
    async with temporary_platform(("postgres", "nats")) as platform:
        await asyncio.to_thread(migrate.upgrade, platform.database_url, "glucose")
        yield platform


@pytest.fixture(scope="module")
async def parts(engines: Platform) -> AsyncIterator[Wired]:
    async with wired(engines) as made:
        yield made


@pytest.fixture
async def service(parts: Wired, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    async with relations() as grants:
        yield Service(parts, grants)


def one_of_each(minutes: float = 30) -> list[Entry]:
    """An entry of every kind, minutes ago."""
    return [make(ago(minutes)) for make in MAKERS]


def refused(reason: Reason.ValueType) -> "pytest.RaisesExc[ApricotError]":
    return pytest.raises(ApricotError, check=lambda error: error.reason == reason)


# The diary


@pytest.mark.parametrize("scope", [SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, SCOPE_DOSE_READ])
async def test_a_scope_lists_its_kinds_alone(service: Service, scope: Scope.ValueType) -> None:
    entries = one_of_each()
    await service.log(*entries)
    service.grants.change(service.patient, scope)
    found = await service.listed(service.other)
    assert set(ids(found)) == set(shown_of(View(frozenset({Window(scope)})), entries))
    request = diary_pb2.ListEntriesRequest(patient_id=str(service.patient), kinds=set(EntryKind.values()) - {0})
    page = await service.diary.ListEntries(request, await service.call("ListEntries", service.other))
    assert ids(page.entries) == ids(found)


@pytest.mark.parametrize("seed", range(6))
async def test_pages_hold_what_a_view_opens_and_are_full_while_there_is_more(service: Service, seed: int) -> None:
    chance = random.Random(seed)
    entries = [chance.choice(MAKERS)(ago(minute + 1)) for minute in range(120)]
    await service.log(*entries[:60])
    await service.log(*entries[60:])
    windows = []
    for _ in range(chance.randrange(1, 6)):
        start = chance.randrange(120)
        scope = chance.choice([SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, SCOPE_DOSE_READ])
        windows.append(Window(scope, ago(start + chance.randrange(1, 60)), ago(start)))
    service.grants.change(service.patient, *windows)
    expected = [entry.entry_id for entry in entries if is_shown(View(frozenset(windows)), entry)]
    assert ids(await service.listed(service.other, page_size=chance.randrange(1, 20))) == expected
    assert ids(await service.listed(page_size=50)) == ids(entries)


async def test_a_page_goes_on_where_it_was_though_what_is_open_changes(service: Service) -> None:
    entries = [HAND.note(ago(minute), str(minute)) for minute in range(6)]
    await service.log(*entries)
    service.grants.change(service.patient, SCOPE_MEAL_READ)
    request = diary_pb2.ListEntriesRequest(patient_id=str(service.patient), page_size=2)
    page = await service.diary.ListEntries(request, await service.call("ListEntries", service.other))
    service.grants.change(service.patient, Window(SCOPE_MEAL_READ, ago(4.5), ago(2.5)))
    request.page_token = page.next_page_token
    page = await service.diary.ListEntries(request, await service.call("ListEntries", service.other))
    assert (ids(page.entries), page.next_page_token) == ([entries[3].entry_id, entries[4].entry_id], "")


async def test_revisions_are_shown_by_their_own_kind_and_time(service: Service) -> None:
    meal, hidden = HAND.meal(ago(60), 30), HAND.sensor_reading(ago(60), 100)
    await service.log(meal, hidden)
    moved = HAND.meal(ago(10), 40)
    moved.entry_id = meal.entry_id
    await service.amend(moved, 1)
    service.grants.change(service.patient, Window(SCOPE_MEAL_READ, ago(90), ago(30)))
    assert [found.entry.revision for found in await service.revisions(meal.entry_id, service.other)] == [1]
    service.grants.change(service.patient, SCOPE_MEAL_READ)
    assert [found.entry.revision for found in await service.revisions(meal.entry_id, service.other)] == [1, 2]
    for entry_id in hidden.entry_id, str(uuid4()):
        with refused(Reason.REASON_NOT_FOUND):
            await service.revisions(entry_id, service.other)


async def test_what_a_writer_does_not_see_is_not_there_to_change(service: Service) -> None:
    meal, reading = HAND.meal(ago(5), 30), HAND.sensor_reading(ago(5), 100)
    await service.log(meal, reading)
    service.grants.change(service.patient, SCOPE_GLUCOSE_WRITE, SCOPE_MEAL_READ)
    for revision in 1, 2:  # also when the revision is wrong
        with refused(Reason.REASON_NOT_FOUND):
            await service.amend(reading, revision, service.other)
        with refused(Reason.REASON_NOT_FOUND):
            await service.delete(reading.entry_id, revision, service.other)
    meal.meal.carbohydrate_g = 40
    assert (await service.amend(meal, 1, service.other)).author_id == str(service.other)
    with pytest.raises(RevisionMismatchError):
        await service.delete(meal.entry_id, 1, service.other)
    await service.delete(meal.entry_id, 2, service.other)
    assert ids(await service.listed()) == [reading.entry_id]


async def test_a_writer_who_reads_nothing_changes_what_they_wrote_themselves(service: Service) -> None:
    service.grants.change(service.patient, SCOPE_GLUCOSE_WRITE)
    mine = HAND.fingerstick_reading(ago(5), 100)
    await service.log(mine, by=service.other)
    mine.fingerstick_reading.glucose.value = 110
    await service.amend(mine, 1, service.other)
    mine.fingerstick_reading.glucose.value = 120
    await service.amend(mine, 2)  # the patient's own words now
    with refused(Reason.REASON_NOT_FOUND):
        await service.delete(mine.entry_id, 3, service.other)


async def test_writing_too_keeps_to_the_range_of_the_data_s_time(service: Service) -> None:
    service.grants.change(service.patient, Window(SCOPE_GLUCOSE_WRITE, ago(60), ago(30)), SCOPE_MEAL_READ)
    inside, before, after = (HAND.meal(ago(minutes), 30) for minutes in (45, 75, 15))
    results = await service.log(inside, before, after, by=service.other)
    assert [result.outcome for result in results] == [
        diary_pb2.ENTRY_OUTCOME_CREATED,
        diary_pb2.ENTRY_OUTCOME_REJECTED,
        diary_pb2.ENTRY_OUTCOME_REJECTED,
    ]
    assert {(result.reason, result.field) for result in results[1:]} == {(Reason.REASON_NOT_ALLOWED, "time")}
    moved = HAND.meal(ago(15), 30)
    moved.entry_id = inside.entry_id
    with refused(Reason.REASON_NOT_ALLOWED):
        await service.amend(moved, 1, service.other)
    await service.log(before)
    with refused(Reason.REASON_NOT_FOUND):
        await service.delete(before.entry_id, 1, service.other)
    assert ids(await service.listed()) == [inside.entry_id, before.entry_id]


@pytest.mark.parametrize("sees", [True, False])
async def test_no_answer_names_an_entry_that_the_writer_does_not_see(service: Service, sees: bool) -> None:
    time = ago(5)
    theirs = HAND.sensor_reading(time, 100)
    await service.log(theirs)
    service.grants.change(service.patient, SCOPE_GLUCOSE_WRITE, *([SCOPE_GLUCOSE_READ] if sees else []))
    same, different = HAND.sensor_reading(time, 100), HAND.sensor_reading(time, 101)
    by_id = HAND.sensor_reading(ago(3), 100)
    by_id.entry_id = theirs.entry_id
    results = await service.log(same, different, by_id, by=service.other)
    conflict, duplicate = diary_pb2.ENTRY_OUTCOME_CONFLICT, diary_pb2.ENTRY_OUTCOME_DUPLICATE
    assert [result.outcome for result in results] == [duplicate, conflict, conflict]
    known = theirs.entry_id if sees else ""
    assert [result.existing_entry_id for result in results] == [known, known, theirs.entry_id]

    async def batches() -> AsyncIterator[diary_pb2.UploadEntriesRequest]:
        yield diary_pb2.UploadEntriesRequest(patient_id=str(service.patient), entries=[different])

    totals = await service.diary.UploadEntries(batches(), await service.call("UploadEntries", service.other))
    assert [problem.existing_entry_id for problem in totals.problems] == [known]


# The watch


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
                alert = AlertChanged(patient_id=patient, alert=Alert(alert_id=f"{minutes}", raise_time=time))
                add_event(session, events.subject(events.ALERT_CHANGED, patient), alert)
                for step in (
                    TimelineItem(item_id=str(uuid4()), patient_id=patient, time=time, alert_step=AlertStep()),
                    TimelineItem(item_id=str(uuid4()), patient_id=patient, time=time, comment=Comment(text="?")),
                ):
                    events.add_timeline_item(session, step)
        await service.parts.relay.wake()
        if scope == SCOPE_ALERT_READ:
            assert (await watch.next()).alert_changed.alert.alert_id == "45"
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
