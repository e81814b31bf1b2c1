"""In whichever order messages and acknowledgements come, a talk is shown in its order, each message once."""

from datetime import UTC, datetime

import pytest
from apricot.consult.v1.conversation_pb2 import Message, MessageContent
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.modeltest import ModelTester

from clients.clinician.models.consult.diagnoses import parsed, typed
from clients.clinician.models.consult.messages import Delivery, Line, MessageList

ME, PATIENT = "me", "patient"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def message(sequence: int, sender: str = PATIENT) -> Message:
    made = Message(sequence=sequence, sender_id=sender, client_id=f"{sender}-{sequence}")
    made.content.text = str(sequence)
    made.create_time.FromDatetime(NOW)
    return made


def unsent(client_id: str) -> Line:
    return Line(client_id, ME, MessageContent(text=client_id), NOW, Delivery.SENDING)


def sequences(messages: MessageList) -> list[int]:
    return [line.sequence for line in messages.every_line]


@given(st.permutations(range(1, 12)), st.lists(st.integers(1, 11)), st.sets(st.integers(1, 11)))
def test_any_order_is_the_one_order(came: list[int], again: list[int], own: set[int]) -> None:
    messages = MessageList(ME)
    for sequence in [*came, *again]:
        messages.take([message(sequence, ME if sequence in own else PATIENT)])
    assert sequences(messages) == list(range(1, 12))


@given(st.lists(st.sampled_from(["say", "ack", "echo", "other"]), max_size=40))
def test_what_she_says_is_there_once_from_the_first_moment(steps: list[str]) -> None:
    messages, said, place = MessageList(ME), list[str](), 0
    open_: list[str] = []
    taken: list[tuple[str, int]] = []
    for step in steps:
        if step == "say":
            said.append(f"own-{len(said)}")
            open_.append(said[-1])
            messages.say(unsent(said[-1]))
        elif step == "other":
            place += 1
            messages.take([message(place)])
        elif step == "ack" and open_:
            place += 1
            taken.append((open_.pop(0), place))
            line = messages.line(taken[-1][0])
            assert line is not None
            messages.say(Line(line.client_id, ME, line.content, NOW, Delivery.TAKEN, place))
        elif step == "echo" and taken:
            client_id, sequence = taken[-1]
            echo = message(sequence, ME)
            echo.client_id = client_id
            messages.take([echo])
        own = [line.client_id for line in messages.lines if line.sender_id == ME]
        assert own == said
    shown = [line.sequence for line in messages.lines]
    assert shown == [*range(1, place + 1), *[0] * len(open_)]


def test_receipts_of_the_patient_move_her_marks_alone() -> None:
    messages = MessageList(ME)
    messages.take([message(1, ME), message(2), message(3, ME)])
    messages.tell_receipts(3, 1)
    assert [line.delivery for line in messages.lines] == [Delivery.READ, Delivery.TAKEN, Delivery.DELIVERED]
    messages.tell_receipts(2, 0)
    assert messages.lines[0].delivery is Delivery.READ


def test_thousands_are_shown_page_by_page(qtmodeltester: ModelTester) -> None:
    messages = MessageList(ME)
    for sequence in range(1, 3001):
        messages.take([message(sequence)])
    assert len(messages.lines) < 300
    assert messages.lines[-1].sequence == 3000
    messages.following = False
    while messages.has_older:
        messages.show_older()
    assert [line.sequence for line in messages.lines] == list(range(1, 3001))
    qtmodeltester.check(messages)


def test_a_discarded_one_is_gone_and_a_taken_one_stays() -> None:
    messages = MessageList(ME)
    messages.say(unsent("a"))
    messages.take([message(1, ME)])
    messages.drop("a")
    messages.drop("me-1")
    assert sequences(messages) == [1]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("E11.9 2型糖尿病\n i10 ", ["E11.9", "I10"]),
        ("E11.9：糖尿病", ["E11.9"]),
        ("", []),
        ("diabetes", None),
        ("E11.9x12345", None),
    ],
)
def test_diagnoses_are_typed_one_a_line(text: str, codes: list[str] | None) -> None:
    found = parsed(text)
    assert (None if found is None else [each.code for each in found]) == codes
    if found:
        assert parsed(typed(found)) == found
