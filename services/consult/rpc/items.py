"""What has a place in a conversation's order, as every device gets it: put together once, sent to each as the same
bytes, and carried as they are by the hints between processes."""

from dataclasses import dataclass
from uuid import UUID

from apricot.consult.v1.call_pb2 import Signal
from apricot.consult.v1.conversation_pb2 import ConverseResponse, Message, MessageContent, SignalShown

from kit.times import to_timestamp
from services.consult.rpc import resume
from services.consult.store.conversation_log import Said
from services.consult.store.conversations import SaidRow
from services.consult.store.tables import MessageRow


@dataclass(frozen=True, slots=True)
class Item:
    """A message, or a signal."""

    sequence: int
    update: bytes
    """A `ConverseResponse` with its resume token."""
    signal: SignalShown | None = None

    def is_for(self, account_id: str, device_id: str) -> bool:
        """Messages are for everybody; a signal is for the device it names, or for those of all others."""
        if self.signal is None:
            return True
        to_device = self.signal.signal.to_device_id
        return to_device == device_id if to_device else self.signal.account_id != account_id


def item_of_update(update: bytes, response: ConverseResponse) -> Item:
    """From what another process tells."""
    if response.HasField("signal"):
        return Item(response.signal.sequence, update, response.signal)
    return Item(response.message.sequence, update)


def update_of(consultation_id: UUID, said: Said | SaidRow) -> ConverseResponse:
    """What was said, as devices get it."""
    response = ConverseResponse(resume_token=resume.encode(consultation_id, said.sequence))
    if said.call_id is not None:
        response.signal.CopyFrom(
            SignalShown(
                sequence=said.sequence,
                account_id=str(said.sender_id),
                device_id=str(said.device_id),
                signal=Signal.FromString(said.content),
            )
        )
    else:
        response.message.CopyFrom(message_of(consultation_id, said))
    return response


def message_of(consultation_id: UUID, said: Said | SaidRow | MessageRow) -> Message:
    """A message as the contract has it."""
    return Message(
        consultation_id=str(consultation_id),
        sequence=said.sequence,
        sender_id=str(said.sender_id or ""),
        device_id=str(said.device_id or ""),
        client_id=str(said.client_id),
        create_time=to_timestamp(said.create_time),
        content=MessageContent.FromString(said.content),
    )
