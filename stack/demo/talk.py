"""The demo's consultation as those who take part see it. No terminal, no network."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from apricot.consult.v1.consultation_pb2 import Consultation, ConsultationState
from apricot.consult.v1.conversation_pb2 import Card, ConverseResponse, MessageContent, Notice, NoticeKind

KEPT = 50


@dataclass(frozen=True)
class Line:
    """Something that was said or done."""

    time: datetime
    who: str
    """As others see them; empty: the platform tells it."""
    text: str


class Talk:
    """One consultation: who takes part, where it stands, and what was said."""

    def __init__(self) -> None:
        self._consultation = Consultation()
        self.lines: deque[Line] = deque(maxlen=KEPT)
        """The newest last."""
        self.untold: deque[Line] = deque(maxlen=KEPT)
        """Those that whoever tells them one by one has not taken yet."""
        self.typing = ""
        """Who types just now; empty: nobody."""
        self._last_sequence = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a consultation to show."""
        return bool(self._consultation.consultation_id)

    @property
    def patient(self) -> str:
        """The patient's name."""
        return self._consultation.patient_name

    @property
    def department(self) -> str:
        """In a word or two."""
        return self._consultation.department_code.replace("_", " ")

    @property
    def state(self) -> str:
        """In a word."""
        return ConsultationState.Name(self._consultation.state).removeprefix("CONSULTATION_STATE_").lower()

    def begin(self, consultation: Consultation) -> None:
        """A consultation was opened."""
        self._consultation, self._last_sequence, self.typing = consultation, 0, ""
        asked = f"asks: {' '.join(consultation.complaint.split())}"
        self.happened(consultation.create_time.ToDatetime(UTC), asked, consultation.patient_name)

    def changed(self, consultation: Consultation) -> None:
        """It changed."""
        self._consultation = consultation

    def apply(self, update: ConverseResponse) -> None:
        """Take in what the conversation tells; what came already is not told twice."""
        match update.WhichOneof("update"):
            case "joined":
                self.changed(update.joined.consultation)
            case "consultation":
                self.changed(update.consultation)
            case "typing":
                self.typing = self._name(update.typing.account_id) if update.typing.typing else ""
            case "message" if update.message.sequence > self._last_sequence:
                message = update.message
                self._last_sequence, self.typing = message.sequence, ""
                who = self._name(message.sender_id) if message.sender_id else ""
                self.happened(message.create_time.ToDatetime(UTC), self._words(message.content), who)

    def happened(self, time: datetime, text: str, who: str = "") -> None:
        """Something was said or done."""
        line = Line(time, who, text)
        self.lines.append(line)
        self.untold.append(line)

    def _name(self, account_id: str) -> str:
        found = (member.display_name for member in self._consultation.members if member.account_id == account_id)
        return next(found, "somebody")

    def _words(self, content: MessageContent) -> str:
        match content.WhichOneof("content"):
            case "text":
                return " ".join(content.text.split())
            case "picture_attachment_id":
                return "sends a picture"
            case "voice_note":
                return f"sends a voice note of {content.voice_note.duration_seconds} s"
            case "document_attachment_id":
                return "sends a document"
            case "card":
                return f"shares {_card(content.card)}"
            case _:
                return self._notice(content.notice)

    def _notice(self, notice: Notice) -> str:
        name = self._name(notice.account_id) if notice.account_id else ""
        match notice.kind:
            case NoticeKind.NOTICE_KIND_CLAIMED:
                return f"{name or 'a doctor'} has taken the question"
            case NoticeKind.NOTICE_KIND_CALL_ENDED:
                minutes, seconds = divmod(notice.duration_seconds, 60)
                return f"call ended after {minutes}:{seconds:02}"
            case _:
                return NoticeKind.Name(notice.kind).removeprefix("NOTICE_KIND_").lower().replace("_", " ")


def _card(card: Card) -> str:
    match card.WhichOneof("card"):
        case "reading_window":
            window = card.reading_window
            hours = (window.end_time.seconds - window.start_time.seconds) // 3600
            return f"{hours} h of readings"
        case "report_window":
            return "a report"
        case "plan":
            return "a plan"
        case _:
            return "a prescription"
