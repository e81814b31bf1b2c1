"""Somebody else at the same gateway: each of their calls must be answered, and none is sent twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import grpc
from apricot.glucose.v1.diary_pb2 import LogEntriesRequest
from apricot.glucose.v1.diary_pb2_grpc import DiaryServiceStub
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest
from apricot.glucose.v1.watch_pb2_grpc import WatchServiceStub
from apricot.identity.v1.auth_pb2 import PhoneCode, RefreshTokenRequest, RequestCodeRequest, SignInRequest
from apricot.identity.v1.auth_pb2_grpc import AuthServiceStub

from clients.sdk import Recorder
from stack.platform import Platform
from tests.e2e.wire import OPTIONS, bearer
from tests.faults.load import entry_ids
from tests.patience import PATIENCE
from tests.people import People, Person, new_phone

ZONE = "Asia/Shanghai"


class Neighbour:
    """A patient who signs in, logs a reading and sees it on a watch that stays open, again and again.

    The first call that fails ends it with grpc.aio.AioRpcError.
    """

    def __init__(self, channel: grpc.aio.Channel, people: People, patient: Person, token: str) -> None:
        self.rounds = 0
        self._people = people
        self._patient_id = patient.account_id
        self._metadata = bearer(token)
        self._auth = AuthServiceStub(channel)
        self._diary = DiaryServiceStub(channel)
        self._recorder = Recorder.by_hand("phone", ZONE)
        request = WatchPatientsRequest(patient_ids=[patient.account_id])
        self._updates = aiter(WatchServiceStub(channel).WatchPatients(request, metadata=self._metadata))

    async def go_round(self) -> None:
        """Sign in as somebody new, refresh, log one reading, and see it."""
        await self._sign_in()
        entry = self._recorder.sensor_reading(datetime.now(UTC), 100)
        request = LogEntriesRequest(patient_id=self._patient_id, request_id=str(uuid4()), entries=[entry])
        await self._diary.LogEntries(request, metadata=self._metadata, timeout=PATIENCE)
        async with asyncio.timeout(PATIENCE):
            while entry.entry_id not in entry_ids(await anext(self._updates)):
                pass
        self.rounds += 1

    async def goes_round(self, times: int) -> None:
        """Wait until it has gone round that often from now."""
        last = self.rounds + times
        while self.rounds < last:
            await asyncio.sleep(0.02)

    async def _sign_in(self) -> None:
        phone = new_phone()
        await self._auth.RequestCode(RequestCodeRequest(phone=phone), timeout=PATIENCE)
        credential = PhoneCode(phone=phone, code=await self._people.sent_code(phone))
        signed_in = await self._auth.SignIn(SignInRequest(phone_code=credential), timeout=PATIENCE)
        refresh = RefreshTokenRequest(refresh_token=signed_in.tokens.refresh_token, request_id=str(uuid4()))
        await self._auth.RefreshToken(refresh, timeout=PATIENCE)


@asynccontextmanager
async def undisturbed(platform: Platform, people: People) -> AsyncIterator[Neighbour]:
    """As long as the block runs, a neighbour goes round, once more behind its end; no call of theirs may fail."""
    patient = await people.patient()
    over = asyncio.Event()
    address = platform.gateway_address.removeprefix("http://")
    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel, asyncio.TaskGroup() as group:
        neighbour = Neighbour(channel, people, patient, await patient.token())

        async def go_on() -> None:
            while not over.is_set():
                await neighbour.go_round()
            await neighbour.go_round()

        group.create_task(go_on())
        try:
            yield neighbour
        finally:
            over.set()
