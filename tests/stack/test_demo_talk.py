"""The demo's consultation: what its streams tell in words, and its place below the ward."""

from datetime import UTC, timedelta

import pytest
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_STATE_ACTIVE,
    CONSULTATION_STATE_WAITING,
    Consultation,
    ConsultationState,
    Member,
)
from apricot.consult.v1.conversation_pb2 import (
    NOTICE_KIND_CALL_ENDED,
    NOTICE_KIND_CLAIMED,
    Card,
    ConverseResponse,
    Message,
    MessageContent,
    Notice,
    ReadingWindow,
    TypingShown,
)
from rich.cells import cell_len

from kit.times import to_timestamp
from stack.demo.talk import Talk
from stack.demo.view import Scene
from tests.stack.test_demo_view import NOW, SIZES, lines, scene


def consultation(state: ConsultationState.ValueType = CONSULTATION_STATE_WAITING) -> Consultation:
    return Consultation(
        consultation_id="c",
        patient_name="李浩然 Li Haoran",
        department_code="endocrinology",
        state=state,
        complaint="High every morning\nfor two weeks.",
        members=[
            Member(account_id="p", display_name="李浩然 Li Haoran"),
            Member(account_id="d", display_name="Dr. 周明 Zhou Ming"),
        ],
        create_time=to_timestamp(NOW),
    )


def message(sequence: int, sender: str, content: MessageContent) -> ConverseResponse:
    time = to_timestamp(NOW + timedelta(seconds=sequence))
    return ConverseResponse(message=Message(sequence=sequence, sender_id=sender, content=content, create_time=time))


def told(*updates: ConverseResponse) -> Talk:
    talk = Talk()
    talk.begin(consultation())
    talk.changed(consultation(CONSULTATION_STATE_ACTIVE))
    for update in updates:
        talk.apply(update)
    return talk


def test_what_is_said_is_told_once_in_order() -> None:
    first = message(1, "d", MessageContent(text="Since  when?"))
    talk = told(first, message(2, "p", MessageContent(text="Two weeks.")), first)
    assert [(line.who, line.text) for line in talk.lines] == [
        ("李浩然 Li Haoran", "asks: High every morning for two weeks."),
        ("Dr. 周明 Zhou Ming", "Since when?"),
        ("李浩然 Li Haoran", "Two weeks."),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (MessageContent(picture_attachment_id="a"), "sends a picture"),
        (
            MessageContent(
                card=Card(
                    reading_window=ReadingWindow(
                        start_time=to_timestamp(NOW - timedelta(hours=12)), end_time=to_timestamp(NOW)
                    )
                )
            ),
            "shares 12 h of readings",
        ),
        (MessageContent(notice=Notice(kind=NOTICE_KIND_CLAIMED, account_id="d")), "Dr. 周明 Zhou Ming has taken"),
        (MessageContent(notice=Notice(kind=NOTICE_KIND_CALL_ENDED, duration_seconds=62)), "call ended after 1:02"),
    ],
)
def test_each_kind_of_message_in_words(content: MessageContent, words: str) -> None:
    assert words in told(message(1, "d", content)).lines[-1].text


def test_typing_is_shown_until_something_is_said() -> None:
    typing = ConverseResponse(typing=TypingShown(account_id="d", typing=True))
    assert told(typing).typing == "Dr. 周明 Zhou Ming"
    assert told(typing, message(1, "d", MessageContent(text="Hello."))).typing == ""


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_stands_below_the_ward_and_everything_fits(width: int, height: int) -> None:
    ward = scene()
    talk = told(*(message(n, "d", MessageContent(text=f"Words {n} " * 30)) for n in range(1, 9)))
    drawn = lines(Scene(ward.rows, NOW.astimezone(UTC), ward.around, faded=False, talk=talk), width, height)
    assert len(drawn) <= height
    assert max(map(cell_len, drawn)) <= width
    text = "\n".join(drawn)
    assert "consultation" in text
    assert "李浩然 Li Haoran" in text
    assert ("Words 8" in text) or width < 100
    assert "Ctrl-C" in text


def test_before_the_first_consultation_there_is_nothing_of_it() -> None:
    assert not any("consultation" in line for line in lines(scene(), 120, 50))
    assert not Talk().is_open
