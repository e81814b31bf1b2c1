"""Calls as the contract has them."""

from collections.abc import Iterable

from apricot.consult.v1.call_pb2 import Call, CallEnd, CallMedia, CallParticipant, CallState

from kit.times import to_timestamp
from services.consult.domain.calls import State
from services.consult.store.call_tables import CallParticipantRow, CallRow


def call_message(row: CallRow, participants: Iterable[CallParticipantRow]) -> Call:
    """A call with the devices in it; of one that has ended, with those that were."""
    return Call(
        call_id=str(row.call_id),
        consultation_id=str(row.consultation_id),
        state=CallState.ValueType(row.state),
        media=CallMedia.ValueType(row.media),
        caller_id=str(row.caller_id),
        participants=[
            CallParticipant(account_id=str(one.account_id), device_id=str(one.device_id))
            for one in participants
            if one.leave_time is None or row.state == State.ENDED
        ],
        ringing_ids=[str(account) for account in row.ringing_ids],
        create_time=to_timestamp(row.create_time),
        answer_time=to_timestamp(row.answer_time) if row.answer_time else None,
        end_time=to_timestamp(row.end_time) if row.end_time else None,
        end=CallEnd.ValueType(row.end_reason or 0),
    )
