"""Where a courier is, told to the platform over broken connections too."""

import asyncio
from collections.abc import AsyncIterable
from typing import TYPE_CHECKING

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1.delivery_pb2 import ReportLocationRequest, ReportLocationResponse

from clients.sdk.calls import bearer
from clients.sdk.errors import ApricotError
from clients.sdk.pace import Backoff, Pace
from clients.sdk.parts import settled
from clients.sdk.tokens import TokenKeeper

if TYPE_CHECKING:
    from apricot.pharmacy.v1.delivery_pb2_grpc import DeliveryServiceAsyncStub

type _Stream = grpc.aio.StreamUnaryCall[ReportLocationRequest, ReportLocationResponse]

_STREAM_SECONDS = 300.0
"""Then a new one is opened: the gateway ends those of ten minutes."""


class Reporter:
    """Tells the newest place that there is."""

    def __init__(self, stub: "DeliveryServiceAsyncStub", tokens: TokenKeeper, pace: Pace) -> None:
        self._stub = stub
        self._tokens = tokens
        self._backoff = Backoff(pace)
        self._newest: ReportLocationRequest | None = None
        self._arrived = asyncio.Event()
        self._is_last = False
        self._has_told = False
        """On an earlier stream, which broke."""
        self._totals = ReportLocationResponse()

    async def report(self, places: AsyncIterable[ReportLocationRequest]) -> ReportLocationResponse:
        """See `Session.report_location`."""
        taking = asyncio.create_task(self._take(places))
        rejected = ""
        try:
            while True:
                token = ""
                try:
                    token = await (self._tokens.renew(rejected) if rejected else self._tokens.token())
                    if await self._tell(token):
                        return self._totals
                    rejected = ""
                except ApricotError as error:
                    if error.token_rejected and token and not rejected:
                        rejected = token
                        continue
                    if self._has_told and error.reason == Reason.REASON_WRONG_STATE:
                        return self._totals  # handed over while there was no connection
                    if not error.temporary:
                        raise
                    rejected = ""
                    await asyncio.sleep(max(self._backoff.next_delay(), error.retry_after_seconds))
        finally:
            taking.cancel()
            if taking.done() and not taking.cancelled():
                taking.result()  # what broke the caller's places is the caller's

    async def _take(self, places: AsyncIterable[ReportLocationRequest]) -> None:
        try:
            async for place in places:
                self._newest = place
                self._arrived.set()
        finally:
            self._is_last = True
            self._arrived.set()

    async def _tell(self, token: str) -> bool:
        """One stream. Whether there is nothing more to tell. Errors: ApricotError."""
        stream = self._stub.ReportLocation(metadata=bearer(token))
        told: ReportLocationRequest | None = None
        stream.add_done_callback(lambda _: self._arrived.set())
        end = asyncio.get_running_loop().time() + _STREAM_SECONDS
        try:
            try:
                while asyncio.get_running_loop().time() < end and (place := await self._next_place(stream)) is not None:
                    told = place
                    await stream.write(place)
                    self._backoff.reset()
                was_ended = stream.done()
                if not was_ended:
                    await stream.done_writing()
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                was_ended = True
                await settled(stream)
            answer = await stream
        except grpc.aio.AioRpcError as error:
            self._newest = self._newest or told  # to be told anew, unless there is a newer one
            failed = ApricotError.of(error)
            self._has_told = self._has_told or (failed.temporary and told is not None)
            raise failed from error
        finally:
            stream.cancel()
        self._totals.received_count += answer.received_count
        self._totals.kept_count += answer.kept_count
        return was_ended or (self._is_last and self._newest is None)

    async def _next_place(self, stream: "_Stream") -> ReportLocationRequest | None:
        """The newest that was not told yet; None: no more come, or the stream has ended."""
        while self._newest is None and not self._is_last and not stream.done():
            self._arrived.clear()
            await self._arrived.wait()
        if stream.done():
            return None
        place, self._newest = self._newest, None
        return place
