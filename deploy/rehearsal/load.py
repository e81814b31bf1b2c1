"""What goes on while parts of the platform come and go: patients who log, apps that read, watches that count."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from apricot.consult.v1.consultation_pb2 import ListConsultationsRequest
from apricot.glucose.v1.diary_pb2 import ListEntriesRequest
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from apricot.identity.v1.account_pb2 import GetMeRequest
from apricot.pharmacy.v1.order_pb2 import ListOrdersRequest

from clients.sdk import Recorder, Session
from deploy.rehearsal.clients import Phone, Tally
from stack.demo.accounts import CODE, PATIENT_PHONES

WATCHES_EACH = 2
_PAUSE_SECONDS = 0.1
_SETTLING_SECONDS = 30.0
_ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Figures:
    """What one act did to the load."""

    act: str
    calls: int
    refused_tries: int
    failed: int
    events: int
    """Seen by all watches together."""
    lost: int
    doubled: int
    longest_gap_seconds: float
    """Without an event, in any watch, while events were written all the time."""
    seconds: float

    @property
    def clean(self) -> bool:
        return not (self.failed or self.lost or self.doubled)


class Seen:
    """One watch, and what came out of it."""

    def __init__(self, patient_id: str) -> None:
        self.patient_id = patient_id
        self.entries: Counter[str] = Counter()
        self.lost: set[str] = set()
        self.doubled: set[str] = set()
        self.history_gaps = 0
        self.begun = asyncio.Event()
        self._longest_gap = 0.0
        self._last = 0.0

    def mark(self) -> None:
        """Measure gaps from now on."""
        self._longest_gap, self._last = 0.0, _now()

    @property
    def longest_gap(self) -> float:
        """Since `mark`, in seconds, the one that lasts included."""
        return max(self._longest_gap, _now() - self._last)

    def take(self, update: WatchPatientsResponse) -> None:
        self._longest_gap, self._last = self.longest_gap, _now()
        self.entries.update(one.entry_id for one in (*update.snapshot.entries, *update.entries_logged.entries))
        self.history_gaps += update.HasField("history_gap")
        self.begun.set()

    def double(self) -> int:
        """How many came more than once, each told once."""
        twice = {entry for entry, count in self.entries.items() if count > 1} - self.doubled
        self.doubled |= twice
        return len(twice)

    def lose(self, wanted: set[str]) -> int:
        """How many of these did not come, each told once, and how often the platform itself said so."""
        missing = wanted - self.entries.keys() - self.lost
        self.lost |= missing
        if missing:
            print("LOST", self.patient_id, sorted(missing))
        gaps, self.history_gaps = self.history_gaps, 0
        return len(missing) + gaps

    async def run(self, session: Session) -> None:
        async with session.watch([self.patient_id]) as watch:
            async for update in watch:
                self.take(update)


class Load:
    """Under way in the block of `under_load`."""

    def __init__(self, open_phone: Callable[[Tally], Phone]) -> None:
        self.tally = Tally()
        self._open_phone = open_phone
        self.acknowledged: dict[str, set[str]] = {}
        self.seen: list[Seen] = []
        self._sessions: list[Session] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        """Sign in, watch, and once every watch has begun, log and read."""
        self._sessions = list(await asyncio.gather(*(self._sign_in(phone) for phone in PATIENT_PHONES)))
        watching = [session for session in self._sessions for _ in range(WATCHES_EACH)]
        for session in watching:
            seen = Seen(_id(session))
            self.seen.append(seen)
            self._run(self._watch(seen, session))
        async with asyncio.timeout(_SETTLING_SECONDS):
            await asyncio.gather(*(seen.begun.wait() for seen in self.seen))
        for session in self._sessions:
            self.acknowledged[_id(session)] = set()
            self._run(self._log(session))
        for read in _READS:
            self._run(self._read(self._sessions, read))

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check(self) -> None:
        """Raise what broke the load itself: a watch that has ended for good."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def act(self, name: str, body: Awaitable[None]) -> Figures:
        """Something done to the platform under load, and what the load saw of it."""
        calls, tries, failed, events = self.tally.calls, self.tally.refused_tries, self.tally.failed, self._events
        began = _now()
        for seen in self.seen:
            seen.mark()
        await body
        seconds = _now() - began
        lost = await self._lost()
        self.check()
        return Figures(
            act=name,
            calls=self.tally.calls - calls,
            refused_tries=self.tally.refused_tries - tries,
            failed=self.tally.failed - failed,
            events=self._events - events,
            lost=lost,
            doubled=sum(seen.double() for seen in self.seen),
            longest_gap_seconds=max(seen.longest_gap for seen in self.seen),
            seconds=seconds,
        )

    async def diaries(self) -> Figures:
        """Whether each diary holds what was acknowledged, once."""
        lost = doubled = 0
        began = _now()
        wanted = {patient: set(entries) for patient, entries in self.acknowledged.items()}
        for session in self._sessions:
            listed = Counter([one.entry_id async for one in session.entries(_id(session))])
            lost += len(wanted[_id(session)] - listed.keys())
            doubled += sum(count > 1 for count in listed.values())
        events = sum(map(len, wanted.values()))
        return Figures("the diaries in the end", 0, 0, 0, events, lost, doubled, 0.0, _now() - began)

    @property
    def _events(self) -> int:
        return sum(seen.entries.total() for seen in self.seen)

    async def _lost(self) -> int:
        """What was acknowledged by now and came to a watch neither then nor in the time to settle."""
        wanted = {patient: set(entries) for patient, entries in self.acknowledged.items()}
        deadline = _now() + _SETTLING_SECONDS
        while any(wanted[seen.patient_id] - seen.entries.keys() - seen.lost for seen in self.seen):
            if _now() > deadline:
                break
            await asyncio.sleep(0.05)
        return sum(seen.lose(wanted[seen.patient_id]) for seen in self.seen)

    async def _sign_in(self, phone: str) -> Session:
        return await self._open_phone(self.tally).sign_in_with_code(phone, CODE)

    async def _watch(self, seen: Seen, session: Session) -> None:
        """By an app of its own, so that watches are spread over the gateways."""
        assert session.signed_in is not None  # noqa: S101
        phone = self._open_phone(self.tally)
        own = await phone.sign_in_with_code(session.signed_in.account.phone, CODE)
        await seen.run(own)

    async def _log(self, session: Session) -> None:
        recorder, patient = Recorder.by_hand("phone", _ZONE), _id(session)
        while True:
            entry = recorder.note(datetime.now(UTC), "under load")
            if await self.tally.count(session.log(patient, [entry])) is not None:
                self.acknowledged[patient].add(entry.entry_id)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _read(self, sessions: Sequence[Session], read: "Read") -> None:
        while True:
            for session in sessions:
                await self.tally.count(read(session))
                await asyncio.sleep(_PAUSE_SECONDS)

    def _run(self, task: Awaitable[None]) -> None:
        self._tasks.append(asyncio.ensure_future(task))


type Read = Callable[[Session], Awaitable[object]]

_READS: list[Read] = [
    lambda session: session.account.GetMe(GetMeRequest()),
    lambda session: session.diary.ListEntries(ListEntriesRequest(patient_id=_id(session), page_size=10)),
    lambda session: session.consultations.ListConsultations(ListConsultationsRequest()),
    lambda session: session.orders.ListOrders(ListOrdersRequest()),
]
"""One of each service."""


@asynccontextmanager
async def under_load(open_phone: Callable[[Tally], Phone]) -> AsyncIterator[Load]:
    load = Load(open_phone)
    try:
        await load.begin()
        yield load
    finally:
        await load.end()


def _id(session: Session) -> str:
    if session.signed_in is None:
        raise LookupError("a resumed session")
    return session.signed_in.account.account_id


def _now() -> float:
    return asyncio.get_running_loop().time()
