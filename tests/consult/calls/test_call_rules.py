"""The laws of a call's life."""

import pytest
from apricot.consult.v1 import call_pb2, consultation_pb2
from hypothesis import given
from hypothesis import strategies as st

from services.consult.domain.calls import (
    ENDS,
    TRANSITIONS,
    Act,
    End,
    Media,
    Mode,
    NoSuchCallsError,
    State,
    WrongStateError,
    after,
    hanging_up,
    losing,
    require_offered,
)


@given(st.lists(st.sampled_from(Act)))
def test_a_call_ends_once_and_is_answered_once(acts: list[Act]) -> None:
    state, taken = State.RINGING, []
    for act in acts:
        try:
            state = after(state, act)
        except WrongStateError:
            continue
        taken.append(act)
    assert taken.count(Act.ANSWER) <= 1
    assert sum(act in ENDS for act in taken) == (state is State.ENDED)
    assert taken == [] or taken[-1] in ENDS or taken == [Act.ANSWER], "nothing follows the end"


@given(
    st.sampled_from([State.RINGING, State.ACTIVE]),
    st.booleans(),
    st.integers(min_value=0, max_value=9),
    st.integers(min_value=0, max_value=9),
)
def test_whoever_goes_does_what_is_allowed(state: State, is_caller: bool, others_in: int, others_ringing: int) -> None:
    act = hanging_up(state, is_caller=is_caller, others_in=others_in, others_ringing=others_ringing)
    if act is not None:
        assert after(state, act) is State.ENDED
    elif state is State.ACTIVE:
        assert others_in >= 2, "nobody is left alone on the line"
    if (lost := losing(others_in=others_in)) is not None:
        assert after(state, lost) is State.ENDED


def test_every_way_it_ends_has_a_name() -> None:
    assert {act for (_, act), state in TRANSITIONS.items() if state is State.ENDED} == set(ENDS)
    assert sorted(ENDS.values()) == sorted(End)


@pytest.mark.parametrize(
    ("ours", "contract"),
    [
        (State, call_pb2.CallState),
        (End, call_pb2.CallEnd),
        (Media, call_pb2.CallMedia),
        (Mode, consultation_pb2.ConsultationMode),
    ],
)
def test_the_numbers_are_the_contracts(ours: type[State], contract: type[call_pb2.CallState]) -> None:
    named = {name.rpartition("_")[2]: number for name, number in contract.items() if number}
    assert {member.name.rpartition("_")[2]: member.value for member in ours} == named


@pytest.mark.parametrize(
    ("mode", "media", "offered"),
    [
        (Mode.TEXT, Media.AUDIO, False),
        (Mode.TEXT, Media.VIDEO, False),
        (Mode.VOICE, Media.AUDIO, True),
        (Mode.VOICE, Media.VIDEO, False),
        (Mode.VIDEO, Media.AUDIO, True),
        (Mode.VIDEO, Media.VIDEO, True),
    ],
)
def test_a_mode_offers_its_calls(mode: Mode, media: Media, offered: bool) -> None:
    if offered:
        require_offered(mode, media)
    else:
        with pytest.raises(NoSuchCallsError):
            require_offered(mode, media)
