"""A watched inbox over a network that fails."""

from collections.abc import AsyncIterator
from itertools import cycle, islice

import grpc
import pytest
from apricot.consult.v1 import consultation_pb2, consultation_pb2_grpc
from apricot.consult.v1.consultation_pb2 import Consultation, WatchInboxResponse
from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk import Apricot, ApricotError, InboxWatch, Pace, Phase, Session
from tests.sdk.conftest import PHONE
from tests.sdk.fake import DROPPED, TOKEN_EXPIRED, UNAVAILABLE, Context, Fake, Fault, hang, refuse, unimplemented
from tests.sdk.servicers import serve

FAULTS: list[Fault] = [UNAVAILABLE, DROPPED, TOKEN_EXPIRED, hang]
HASTY = Pace(silence=0.1, first_delay=0.001, longest_delay=0.01)
LIVE, SIGN_OF_LIFE = WatchInboxResponse(live=True), WatchInboxResponse()


def shown(name: str, last_sequence: int = 0) -> WatchInboxResponse:
    return WatchInboxResponse(consultation=Consultation(consultation_id=name, last_sequence=last_sequence))


def gone(name: str) -> WatchInboxResponse:
    return WatchInboxResponse(gone_consultation_id=name)


class Consultations(consultation_pb2_grpc.ConsultationServiceServicer):
    """Tells each stream what the test says, then nothing."""

    OpenConsultation = GetConsultation = ListConsultations = ClaimConsultation = DeclineConsultation = unimplemented
    CancelConsultation = InviteColleague = DecideEligibility = CloseConsultation = unimplemented

    def __init__(self, fake: Fake) -> None:
        self._fake = fake
        self.streams: list[list[WatchInboxResponse]] = []
        """Of the next streams; the last one goes on for ever."""

    async def WatchInbox(
        self, request: consultation_pb2.WatchInboxRequest, context: Context
    ) -> AsyncIterator[WatchInboxResponse]:
        await self._fake.arrive("WatchInbox", request, context)
        for message in self.streams.pop(0) if len(self.streams) > 1 else self.streams[0]:
            yield message
        left, cut = self._fake.cuts.popleft() if self._fake.cuts else (-1, hang)
        assert left <= 0
        await cut(context)


@pytest.fixture
async def consultations(fake: Fake) -> Consultations:
    return Consultations(fake)


@pytest.fixture
async def doctor(fake: Fake, consultations: Consultations) -> AsyncIterator[Session]:
    """Signed in at a platform with this service."""
    server = grpc.aio.server()
    serve(fake, server)
    consultation_pb2_grpc.add_ConsultationServiceServicer_to_server(consultations, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with Apricot(f"127.0.0.1:{port}", pace=HASTY) as apricot:
        yield await apricot.sign_in_with_code(PHONE, "123456")
    await server.stop(None)


async def told(watch: InboxWatch, count: int) -> list[WatchInboxResponse]:
    return [await anext(watch) for _ in range(count)]


async def test_a_first_look_then_live_then_what_changes(doctor: Session, consultations: Consultations) -> None:
    consultations.streams = [[shown("a"), shown("b"), LIVE, SIGN_OF_LIFE, shown("a", 1), gone("b")]]
    phases = list[Phase]()
    async with doctor.watch_inbox(on_phase=phases.append) as watch:
        assert await told(watch, 2) == [shown("a"), shown("b")]
        assert phases == []
        assert await told(watch, 1) == [LIVE]
        assert watch.phase is Phase.LIVE
        assert await told(watch, 2) == [shown("a", 1), gone("b")]
        assert phases == [Phase.LIVE]


@pytest.mark.parametrize("fault", FAULTS)
async def test_behind_a_break_comes_what_is_new_and_what_is_gone(
    doctor: Session, fake: Fake, consultations: Consultations, fault: Fault
) -> None:
    consultations.streams = [
        [shown("same"), shown("changed"), shown("gone"), LIVE],
        [shown("same"), shown("changed", 4), shown("new"), LIVE],
    ]
    fake.cuts.append((0, fault))
    async with doctor.watch_inbox() as watch:
        await told(watch, 4)
        assert await told(watch, 2) == [shown("changed", 4), shown("new")]
        assert await told(watch, 1) == [WatchInboxResponse(gone_consultation_id="gone", live=True)]
        assert watch.phase is Phase.LIVE


async def test_a_look_that_breaks_takes_nothing_away(doctor: Session, fake: Fake, consultations: Consultations) -> None:
    consultations.streams = [[shown("a"), shown("b"), LIVE], [shown("b")], [shown("a", 1), shown("b"), LIVE]]
    fake.cuts.extend([(0, DROPPED), (0, UNAVAILABLE)])
    async with doctor.watch_inbox() as watch:
        await told(watch, 3)
        assert await told(watch, 2) == [shown("a", 1), LIVE]


async def test_a_break_is_told_and_an_expired_token_is_none(
    doctor: Session, fake: Fake, consultations: Consultations
) -> None:
    consultations.streams = [[shown("a", number), LIVE] for number in range(3)]
    fake.cuts.extend([(0, TOKEN_EXPIRED), (0, UNAVAILABLE)])
    phases = list[Phase]()
    async with doctor.watch_inbox(on_phase=phases.append) as watch:
        await told(watch, 6)
    assert phases == [
        Phase.LIVE,
        Phase.CATCHING_UP,
        Phase.LIVE,
        Phase.STALE,
        Phase.CATCHING_UP,
        Phase.LIVE,
    ]


async def test_over_many_breaks_each_state_comes_once(
    doctor: Session, fake: Fake, consultations: Consultations
) -> None:
    consultations.streams = [[shown("a", number), shown("b"), LIVE] for number in range(20)]
    fake.cuts.extend((0, fault) for fault in islice(cycle(FAULTS), 19))
    async with doctor.watch_inbox() as watch:
        updates = list[WatchInboxResponse]()
        while len(updates) == 0 or updates[-1] != LIVE or updates[-2] != shown("a", 19):
            updates += await told(watch, 1)
    states = [each for each in updates if each != LIVE]
    assert states.count(shown("b")) == 1
    numbers = [each.consultation.last_sequence for each in states if each != shown("b")]
    assert numbers == sorted(set(numbers)), "a break may take a state with it that a later one replaces"
    assert len(fake.calls("WatchInbox")) >= 20


async def test_no_reconnect_where_none_helps(doctor: Session, fake: Fake, consultations: Consultations) -> None:
    consultations.streams = [[shown("a"), LIVE]]
    fake.cuts.append((0, refuse(Reason.REASON_TOO_MANY, grpc.StatusCode.RESOURCE_EXHAUSTED)))
    watch = doctor.watch_inbox()
    await told(watch, 2)
    with pytest.raises(ApricotError) as caught:
        await anext(watch)
    assert caught.value.reason == Reason.REASON_TOO_MANY
    assert watch.phase is Phase.STALE
    assert len(fake.calls("WatchInbox")) == 1


async def test_it_ends_with_its_session(doctor: Session, consultations: Consultations) -> None:
    consultations.streams = [[shown("a"), LIVE]]
    watch = doctor.watch_inbox()
    await told(watch, 2)
    await doctor.close()
    assert [update async for update in watch] == []
