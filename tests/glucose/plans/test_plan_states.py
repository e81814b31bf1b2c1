"""Where a revision can go from where it stands."""

import pytest

from services.glucose.domain.plans import Act, State, WrongStateError, after

ALLOWED = {
    (State.PROPOSED, Act.ACCEPT): State.ACTIVE,
    (State.PROPOSED, Act.DECLINE): State.DECLINED,
    (State.PROPOSED, Act.REPLACE): State.ENDED,
    (State.ACTIVE, Act.REPLACE): State.ENDED,
}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", State)
def test_what_is_answered_or_has_ended_stays_so(state: State, act: Act) -> None:
    if (state, act) in ALLOWED:
        assert after(state, act) is ALLOWED[state, act]
    else:
        with pytest.raises(WrongStateError):
            after(state, act)
