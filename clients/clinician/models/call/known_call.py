"""What is known of a consultation's call, whether or not this computer has to do with it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from apricot.consult.v1.call_pb2 import CALL_MEDIA_VIDEO, Call, CallEnd
from apricot.consult.v1.consultation_pb2 import CONSULTATION_MODE_VIDEO, CONSULTATION_MODE_VOICE, Consultation
from PySide6.QtCore import QObject

from clients.clinician.models.desk import Desk

_CALLABLE = CONSULTATION_MODE_VOICE, CONSULTATION_MODE_VIDEO


class KnownCall(QObject):
    """The consultation, and its last call, as the platform shows them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.consultation = Consultation()
        self._call = Call()

    @property
    def is_outgoing(self) -> bool:
        """Whether she called."""
        return self._call.caller_id in ("", self._me)

    @property
    def wants_picture(self) -> bool:
        """Whether the call began by video."""
        return self._call.media == CALL_MEDIA_VIDEO

    @property
    def may_call(self) -> bool:
        """Whether the consultation is of a kind that has calls."""
        return self.consultation.mode in _CALLABLE

    @property
    def may_show_picture(self) -> bool:
        return self.consultation.mode == CONSULTATION_MODE_VIDEO

    @property
    def end(self) -> CallEnd.ValueType:
        """How the last one ended."""
        return self._call.end

    @property
    def was_answered(self) -> bool:
        return self._call.HasField("answer_time")

    @property
    def talked(self) -> timedelta:
        """Since it was answered, or in all."""
        if not self.was_answered:
            return timedelta()
        ended = time_of(self._call.end_time) if self._call.HasField("end_time") else self.desk.now()
        return max(ended - time_of(self._call.answer_time), timedelta())

    @property
    def others(self) -> list[str]:
        """Who else is in the call, by name; while it rings, who takes part in the consultation."""
        present = {one.account_id for one in self._call.participants} | set(self._call.ringing_ids)
        names = {one.account_id: one.display_name for one in self.consultation.members}
        there = present & {*names} - {self._me}
        return [names[account] for account in names if account in (there or {*names} - {self._me})]

    @property
    def own_name(self) -> str:
        """As the others see it."""
        return next((one.display_name for one in self.consultation.members if one.account_id == self._me), "")

    @property
    def _me(self) -> str:
        return self.desk.account.account_id


def time_of(stamp: Any) -> datetime:
    """An instant of the contract's."""
    return stamp.ToDatetime(UTC)  # type: ignore[no-any-return]
