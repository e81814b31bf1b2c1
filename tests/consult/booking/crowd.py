"""A crowd of patients before one slot, through the real gateway. PostgreSQL makes their accounts, and their tokens are
signed with the platform's key: a thousand sign-ins would take longer than what is tested."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import grpc
from apricot.consult.v1 import booking_pb2 as pb
from apricot.consult.v1.booking_pb2_grpc import BookingServiceStub
from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk import ApricotError
from kit.clock import utc_now
from kit.database import Database
from stack.platform import Platform
from tests.e2e.signer import Signer
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from apricot.consult.v1.booking_pb2_grpc import BookingServiceAsyncStub

CHANNELS = 8
DEADLINE_SECONDS = PATIENCE
PASSING = {"UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED"}
"""What trying again may help against."""
ZONE = "Asia/Shanghai"
_ACCOUNTS = """
insert into account (account_id, phone, display_name, sex, time_zone, language, create_time)
select account_id, account_id::text, 'Patient', 'unspecified', '', '', now() from unnest($1::uuid[]) as account_id
"""


@dataclass(frozen=True)
class Somebody:
    """A patient with a token."""

    account_id: UUID
    token: str

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.token}"),)


async def gather_crowd(platform: Platform, how_many: int) -> list[Somebody]:
    """New patients."""
    ids = [uuid4() for _ in range(how_many)]
    identity = Database(platform.database_url or "", "identity", platform.sealing_keys("identity"))
    async with identity.connection() as connection:
        await connection.execute(_ACCOUNTS, ids)
    await identity.close()
    signer = await Signer.of(platform)
    return [Somebody(one, signer.token(str(one))) for one in ids]


@asynccontextmanager
async def doors(platform: Platform) -> AsyncIterator[Sequence["BookingServiceAsyncStub"]]:
    """Connections to the gateway, each of its own, so that both replicas serve."""
    address = platform.gateway_address.removeprefix("http://")
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with AsyncExitStack() as stack:
        yield [
            BookingServiceStub(await stack.enter_async_context(grpc.aio.insecure_channel(address, options=options)))
            for _ in range(CHANNELS)
        ]


async def publish(
    stub: "BookingServiceAsyncStub",
    capacity: int,
    days_ahead: int = 1,
    minute: int = 9 * 60,
    metadata: tuple[tuple[str, str], ...] = (),
) -> pb.Slot:
    """A slot of half an hour, by a doctor's stub."""
    day = (utc_now().astimezone(ZoneInfo(ZONE)) + timedelta(days=days_ahead)).date().isoformat()
    request = pb.PublishSlotsRequest(
        request_id=str(uuid4()),
        time_zone=ZONE,
        single=pb.SingleSlots(starts=[pb.LocalStart(date=day, start_minute=minute)]),
        length_minutes=30,
        capacity=capacity,
        place=pb.SlotPlace(in_person=pb.InPerson()),
    )
    (made,) = (await stub.PublishSlots(request, metadata=metadata, timeout=DEADLINE_SECONDS)).results
    assert made.outcome == pb.PUBLISH_OUTCOME_PUBLISHED
    return made.slot


async def try_to_book(stub: "BookingServiceAsyncStub", who: Somebody, slot: pb.Slot, request_id: str = "") -> str:
    """BOOKED, or the reason; without one, the status."""
    request = pb.BookAppointmentRequest(request_id=request_id or str(uuid4()), slot_id=slot.slot_id)
    try:
        await stub.BookAppointment(request, metadata=who.metadata, timeout=DEADLINE_SECONDS)
    except grpc.aio.AioRpcError as error:
        refusal = ApricotError.of(error)
        return Reason.Name(refusal.reason).removeprefix("REASON_") if refusal.reason else refusal.code.name
    return "BOOKED"


async def insist(stub: "BookingServiceAsyncStub", who: Somebody, slot: pb.Slot) -> str:
    """The same request again and again, until it is answered for good."""
    request_id = str(uuid4())
    while (found := await try_to_book(stub, who, slot, request_id)) in PASSING:
        await asyncio.sleep(0.05)
    return found


async def rush(stubs: Sequence["BookingServiceAsyncStub"], crowd: Sequence[Somebody], slot: pb.Slot) -> Counter[str]:
    """Everybody at once, until all are answered for good; how often each came out."""
    tries = [insist(stubs[number % len(stubs)], who, slot) for number, who in enumerate(crowd)]
    return Counter(await asyncio.gather(*tries))
