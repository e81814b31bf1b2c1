"""What a call wants of the platform."""

from typing import Protocol
from uuid import uuid4

from apricot.consult.v1.call_pb2 import (
    Call,
    CallMedia,
    JoinCallRequest,
    JoinCallResponse,
    LeaveCallRequest,
    ListCallsRequest,
    Signal,
)

from clients.sdk import Session


class Talk(Protocol):
    """A consultation's conversation, as a call needs it; its updates are to be given to `CallModel.hear`."""

    @property
    def consultation_id(self) -> str: ...

    @property
    def device_id(self) -> str: ...

    async def send_signal(self, signal: Signal) -> object: ...


class CallService:
    """Of one consultation, for this device. Errors: ApricotError."""

    def __init__(self, session: Session, consultation_id: str, device_id: str) -> None:
        self._session = session
        self._consultation_id = consultation_id
        self._device_id = device_id

    async def join(self, media: CallMedia.ValueType) -> JoinCallResponse:
        """The call that rings or goes on, or a new one."""
        request = JoinCallRequest(
            request_id=str(uuid4()), consultation_id=self._consultation_id, device_id=self._device_id, media=media
        )
        return await self._session.consult_calls.JoinCall(request)

    async def leave(self, call_id: str) -> Call:
        """Hang up, give up, or decline; the call as it then is."""
        request = LeaveCallRequest(
            request_id=str(uuid4()),
            consultation_id=self._consultation_id,
            call_id=call_id,
            device_id=self._device_id,
        )
        return (await self._session.consult_calls.LeaveCall(request)).call

    async def find(self, call_id: str) -> Call | None:
        """One of the last ones."""
        request = ListCallsRequest(consultation_id=self._consultation_id)
        calls = (await self._session.consult_calls.ListCalls(request)).calls
        return next((call for call in calls if call.call_id == call_id), None)
