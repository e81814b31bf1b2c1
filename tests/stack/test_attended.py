"""The demo's doctor rests while a person uses the app."""

from pathlib import Path

from stack.attended import Attended


def test_it_is_held_while_an_app_is_open(tmp_path: Path) -> None:
    attended = Attended(tmp_path)
    assert not attended.is_held()
    with attended.hold(), Attended(tmp_path).hold():
        assert Attended(tmp_path).is_held()
    assert not attended.is_held()
