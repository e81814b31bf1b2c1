"""A consultation's talk, as if the network never failed: what is said waits until it is acknowledged, what comes is
iterated, each update once and in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import grpc
from apricot.consult.v1.call_pb2 import Signal
from apricot.consult.v1.conversation_pb2 import (
    Acknowledged,
    Attachment,
    Card,
    ConverseRequest,
    ConverseResponse,
    Join,
    MessageContent,
    Receipt,
    Refused,
    Send,
    SendSignal,
    Typing,
    VoiceNote,
)
from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk.calls import bearer
from clients.sdk.errors import ApricotError, network_error
from clients.sdk.pace import Backoff, Pace
from clients.sdk.resuming import Phase
from clients.sdk.tokens import TokenKeeper

if TYPE_CHECKING:
    from apricot.consult.v1.conversation_pb2_grpc import ConversationServiceAsyncStub

type _Stream = grpc.aio.StreamStreamCall[ConverseRequest, ConverseResponse]
type Upload = Callable[[bytes], Awaitable[Attachment]]
type OnPhase = Callable[[Phase], None]

_MOST_WAITING = 1000
_SLOWER_SECONDS = 0.5
"""What came too fast waits so long."""
_RECEIPT_SECONDS = 0.1
"""Receipts of this long go together."""


class Conversation:
    """A device in a consultation's conversation; used in an `async with`.

    `say` and its like return when the platform has acknowledged, however long that takes: what is not acknowledged is
    sent again on a new connection, and counts once. Errors: ApricotError with the reason of the refusal.

    Iterate it for updates: `joined` (anew after each reconnect), messages (one's own too), receipts, typing, presence,
    signals, calls, and the consultation itself. It ends with an ApricotError where no reconnect helps. Somebody has to
    iterate it: when a thousand updates wait, nothing more is read, acknowledgements included.
    """

    def __init__(
        self,
        stub: "ConversationServiceAsyncStub",
        tokens: TokenKeeper,
        pace: Pace,
        upload: Upload,
        consultation_id: str,
        device_id: str,
        *,
        resume_token: str = "",
        on_phase: OnPhase | None = None,
    ) -> None:
        self._stub = stub
        self._tokens = tokens
        self._pace = pace
        self._upload = upload
        self._on_phase = on_phase
        self._join = Join(consultation_id=consultation_id, device_id=device_id, resume_token=resume_token)
        self._resume_token = resume_token
        self._phase = Phase.CATCHING_UP
        self._backoff = Backoff(pace)
        self._updates: asyncio.Queue[ConverseResponse | None] = asyncio.Queue(_MOST_WAITING)
        self._unacknowledged: dict[str, tuple[ConverseRequest, asyncio.Future[Acknowledged]]] = {}
        self._to_send: deque[ConverseRequest] = deque()
        self._wake = asyncio.Event()
        self._delivered = self._read = self._told = 0
        self._telling = False
        self._error: ApricotError | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def phase(self) -> Phase:
        """How far what was handed over is to be believed."""
        return self._phase

    @property
    def resume_token(self) -> str:
        """Goes on behind the last update handed over, also in another process."""
        return self._resume_token

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Leave. What is not acknowledged fails with CANCELLED."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def say(self, text: str) -> Acknowledged:
        """A text, 1 to 4000 characters."""
        return await self.send(MessageContent(text=text))

    async def show_picture(self, content: bytes) -> Acknowledged:
        """A picture: JPEG, PNG, WebP or HEIC."""
        return await self.send(MessageContent(picture_attachment_id=(await self._upload(content)).attachment_id))

    async def show_document(self, content: bytes) -> Acknowledged:
        """A PDF."""
        return await self.send(MessageContent(document_attachment_id=(await self._upload(content)).attachment_id))

    async def speak(self, content: bytes, duration_seconds: int) -> Acknowledged:
        """A voice note: Ogg Opus or MP4 AAC, 1 to 300 seconds."""
        attachment = await self._upload(content)
        note = VoiceNote(attachment_id=attachment.attachment_id, duration_seconds=duration_seconds)
        return await self.send(MessageContent(voice_note=note))

    async def show_card(self, card: Card) -> Acknowledged:
        """Something of the patient's record."""
        return await self.send(MessageContent(card=card))

    async def send(self, content: MessageContent, *, client_id: str = "") -> Acknowledged:
        """Anything that a message can say. The same `client_id` again, also in another process, is the same message."""
        client_id = client_id or str(uuid4())
        return await self._sent(client_id, ConverseRequest(send=Send(client_id=client_id, content=content)))

    async def send_signal(self, signal: Signal, *, client_id: str = "") -> Acknowledged:
        """A call's signal to the other side."""
        client_id = client_id or str(uuid4())
        return await self._sent(client_id, ConverseRequest(signal=SendSignal(client_id=client_id, signal=signal)))

    def typing(self, typing: bool = True) -> None:
        """The person types; others see it for five seconds. Lost where there is no connection."""
        if self._phase is not Phase.STALE:
            self._hand_out(ConverseRequest(typing=Typing(typing=typing)))

    def read_up_to(self, sequence: int) -> None:
        """The person has read everything up to there; others see it soon."""
        if sequence > self._read:
            self._read = sequence
            self._delivered = max(self._delivered, sequence)
            self._tell_soon()

    def __aiter__(self) -> AsyncIterator[ConverseResponse]:
        return self

    async def __anext__(self) -> ConverseResponse:
        update = await self._updates.get()
        if update is None:
            self._updates.put_nowait(None)  # whoever iterates again finds the end again
            if self._error is None or self._error.code is grpc.StatusCode.CANCELLED:
                raise StopAsyncIteration
            raise self._error
        self._resume_token = update.resume_token
        if update.HasField("message") and update.message.sequence > self._delivered:
            self._delivered = update.message.sequence
            self._tell_soon()
        return update

    async def _sent(self, client_id: str, frame: ConverseRequest) -> Acknowledged:
        if self._error is not None:
            raise self._error
        if client_id in self._unacknowledged:  # said twice at once
            return await asyncio.shield(self._unacknowledged[client_id][1])
        answer: asyncio.Future[Acknowledged] = asyncio.get_running_loop().create_future()
        self._unacknowledged[client_id] = frame, answer
        self._hand_out(frame)
        try:
            return await answer
        finally:
            self._unacknowledged.pop(client_id, None)

    def _hand_out(self, frame: ConverseRequest) -> None:
        self._to_send.append(frame)
        self._wake.set()

    def _tell_soon(self) -> None:
        """The receipts, together with those that come in a moment."""
        if self._running is not None and not self._telling:
            self._telling = True
            self._running.get_loop().call_later(_RECEIPT_SECONDS, self._tell)  # a window's event may come outside it

    def _tell(self) -> None:
        self._telling = False
        self._wake.set()

    async def _run(self) -> None:
        try:
            await self._connect_again_and_again()
        finally:
            self._finish(network_error(grpc.StatusCode.CANCELLED, "the conversation was left"))

    async def _connect_again_and_again(self) -> None:
        """Until no reconnect helps."""
        rejected = ""
        while True:
            token = ""
            try:
                token = await (self._tokens.renew(rejected) if rejected else self._tokens.token())
                rejected = ""
                await self._converse(token)
            except ApricotError as error:
                if error.token_rejected and token:
                    rejected = token  # the ten minutes are over, as they always are
                    self._enter(Phase.CATCHING_UP)
                    continue
                self._enter(Phase.STALE)
                if not error.temporary:
                    if error.reason == Reason.REASON_SESSION_ENDED:
                        self._tokens.end()
                    self._finish(error)
                    return
                await asyncio.sleep(max(self._backoff.next_delay(), error.retry_after_seconds))

    async def _converse(self, token: str) -> None:
        """One stream, to its end. Errors: ApricotError, always."""
        stream: _Stream = self._stub.Converse(metadata=bearer(token))
        writing: asyncio.Task[None] | None = None
        try:
            await stream.write(ConverseRequest(join=self._join))
            while True:
                update = await self._read_one(stream)
                self._join.resume_token = update.resume_token
                if writing is None:
                    self._backoff.reset()
                    self._to_send = deque(frame for frame, _ in self._unacknowledged.values())
                    self._told = 0
                    writing = asyncio.create_task(self._write_all(stream))
                await self._take(update)
        except grpc.aio.AioRpcError as error:
            raise ApricotError.of(error) from error
        except asyncio.InvalidStateError as error:  # a write to a stream that has ended: its end is what counts
            raise network_error(grpc.StatusCode.UNAVAILABLE, "the stream has ended") from error
        finally:
            if writing is not None:
                writing.cancel()
            stream.cancel()

    async def _read_one(self, stream: _Stream) -> ConverseResponse:
        try:
            async with asyncio.timeout(self._pace.silence):
                update = await stream.read()
        except TimeoutError as error:
            raise network_error(grpc.StatusCode.DEADLINE_EXCEEDED, "the stream has fallen silent") from error
        if isinstance(update, ConverseResponse):
            return update
        raise network_error(grpc.StatusCode.UNAVAILABLE, "the stream has ended")

    async def _write_all(self, stream: _Stream) -> None:
        """Until the stream breaks; its reader finds out why."""
        with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            while True:
                self._wake.clear()
                while self._to_send:
                    await stream.write(self._to_send.popleft())
                if self._delivered + self._read > self._told:
                    self._told = self._delivered + self._read
                    receipt = Receipt(delivered_sequence=self._delivered, read_sequence=self._read)
                    await stream.write(ConverseRequest(receipt=receipt))
                await self._wake.wait()

    async def _take(self, update: ConverseResponse) -> None:
        match update.WhichOneof("update"):
            case "acknowledged":
                self._settle(update.acknowledged.client_id, update.acknowledged)
            case "refused" if update.refused.reason == Reason.REASON_RATE_LIMITED:
                self._try_again_soon(update.refused.client_id)
            case "refused":
                self._settle(update.refused.client_id, _refusal(update.refused))
            case "sign_of_life":
                self._enter(Phase.LIVE)
            case _:
                await self._updates.put(update)

    def _try_again_soon(self, client_id: str) -> None:
        """What came too fast is sent again a little later, unless a new connection has sent it meanwhile."""
        if client_id in self._unacknowledged:
            frame, _ = self._unacknowledged[client_id]
            asyncio.get_running_loop().call_later(_SLOWER_SECONDS, self._hand_out, frame)

    def _settle(self, client_id: str, answer: Acknowledged | ApricotError) -> None:
        _, waiting = self._unacknowledged.pop(client_id, (None, None))
        if waiting is None or waiting.done():
            return
        if isinstance(answer, ApricotError):
            waiting.set_exception(answer)
        else:
            waiting.set_result(answer)

    def _enter(self, phase: Phase) -> None:
        changed, self._phase = phase != self._phase, phase
        if changed and self._on_phase:
            self._on_phase(phase)

    def _finish(self, error: ApricotError) -> None:
        """No more comes, and nothing more is sent."""
        if self._error is not None:
            return
        self._error = error
        for _, waiting in self._unacknowledged.values():
            if not waiting.done():
                waiting.set_exception(error)
        if self._updates.full():
            self._updates.get_nowait()
        self._updates.put_nowait(None)


def _refusal(refused: Refused) -> ApricotError:
    return ApricotError(refused.reason, grpc.StatusCode.FAILED_PRECONDITION, refused.message)
