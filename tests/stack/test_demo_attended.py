"""The demo's doctor stops where a person opens the clinician's app."""

from typing import Any

import pytest
from apricot.consult.v1.conversation_pb2 import Card

from stack.demo import answers, consultation
from stack.demo.scripts import SCRIPTS


class Said:
    """A conversation that keeps what was said."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def typing(self) -> None:
        """Nobody looks."""

    async def say(self, text: str) -> None:
        self.texts.append(text)

    async def show_card(self, card: Card) -> None:
        self.texts.append("a card")


def _door(said: Said) -> Any:
    """Return a conversation."""
    return said


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "_READING_SECONDS", "_TYPING_SECONDS":
        monkeypatch.setattr(consultation, name, 0)


async def test_script_is_played_to_its_end_while_nobody_is_there() -> None:
    asking, answering, script = Said(), Said(), SCRIPTS[0]
    assert await consultation._talk(script, _door(asking), _door(answering), lambda: False)
    assert len(asking.texts) + len(answering.texts) == len(script.steps)


async def test_script_stops_when_a_person_opens_the_app() -> None:
    asking, answering, script = Said(), Said(), SCRIPTS[0]

    def attended() -> bool:
        return bool(asking.texts or answering.texts)

    assert not await consultation._talk(script, _door(asking), _door(answering), attended)
    assert len(asking.texts) + len(answering.texts) == 1


def test_patients_answer_their_own_alerts_all_the_time() -> None:
    person: Any = None
    assert not answers.Answers(person, 1)._rests()
