"""The rules alone: limits, tokens, factors, licences, invites, keys, roles. No I/O, no time but the one given."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain import codes, factors, invites, keys, licences, limits, roles, sessions
from services.identity.domain.licences import State
from services.identity.domain.limits import Limit
from services.identity.domain.roles import Role
from services.identity.domain.sessions import Presented, RefreshState

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
KEY = b"k" * 32


# One-time codes


def test_codes_are_six_digits_and_differ_by_salt() -> None:
    code = codes.new_code()
    assert len(code) == 6
    assert code.isdecimal()
    one, other = codes.new_salt(), codes.new_salt()
    assert codes.code_hash(KEY, one, code) != codes.code_hash(KEY, other, code)
    assert codes.matches(KEY, one, code, codes.code_hash(KEY, one, code))
    assert not codes.matches(b"another key", one, code, codes.code_hash(KEY, one, code))


# Rate limits


@given(
    burst=st.integers(1, 20),
    gaps=st.lists(st.floats(0, 600, allow_nan=False), min_size=1, max_size=120),
)
def test_no_stretch_of_time_admits_more_than_the_burst_and_what_came_back(burst: int, gaps: list[float]) -> None:
    limit = Limit("test", burst, timedelta(minutes=10))
    now, full_at, admitted = NOW, None, list[datetime]()
    for gap in gaps:
        now += timedelta(seconds=gap)
        used = limits.use(limit, full_at, now)
        full_at = used.full_at
        if used.wait == timedelta(0):
            admitted.append(now)
        else:
            assert limits.use(limit, full_at, now + used.wait).wait == timedelta(0)
    for first, since in enumerate(admitted):
        for last in range(first, len(admitted)):
            back = (admitted[last] - since + timedelta(microseconds=last)) / limit.step
            assert last - first + 1 <= burst + back


# Refresh tokens


@dataclass
class Client:
    """A session, and every token that its client was ever given with the request that traded it."""

    state: RefreshState
    given: list[tuple[str, UUID]]
    now: datetime = NOW

    @classmethod
    def sign_in(cls) -> "Client":
        token = sessions.first_token(uuid4())
        return cls(RefreshState(sessions.token_hash(token), NOW + sessions.LIFETIME), [(token, uuid4())])

    def refresh(self) -> None:
        token, request = self.given[-1]
        assert sessions.judge(self.state, token, request, self.now) is Presented.CURRENT
        successor = sessions.next_token(KEY, token, request)
        self.state = sessions.trade(self.state, successor, request, self.now)
        self.given.append((successor, uuid4()))


@given(gaps=st.lists(st.integers(0, 300), max_size=12))
def test_of_all_tokens_ever_given_only_the_last_works_and_only_its_maker_is_retried(gaps: list[int]) -> None:
    client = Client.sign_in()
    for gap in gaps:
        client.now += timedelta(seconds=gap)
        client.refresh()
        for age, (token, request) in enumerate(reversed(client.given)):
            expected = [Presented.CURRENT, Presented.RETRY][age] if age < 2 else Presented.REUSED
            assert sessions.judge(client.state, token, request, client.now) is expected
            if age > 0:
                assert sessions.judge(client.state, token, uuid4(), client.now) is Presented.REUSED


def test_a_retry_gets_the_token_that_the_first_try_got() -> None:
    client = Client.sign_in()
    token, request = client.given[-1]
    client.refresh()
    assert sessions.next_token(KEY, token, request) == client.given[-1][0]
    assert sessions.next_token(KEY, token, uuid4()) != client.given[-1][0]


def test_a_retry_after_two_minutes_is_a_reuse() -> None:
    client = Client.sign_in()
    token, request = client.given[-1]
    client.refresh()
    at_the_end = client.now + sessions.RETRY_WITHIN
    assert sessions.judge(client.state, token, request, at_the_end) is Presented.RETRY
    too_late = at_the_end + timedelta(microseconds=1)
    assert sessions.judge(client.state, token, request, too_late) is Presented.REUSED


def test_an_expired_or_ended_session_takes_no_token() -> None:
    client = Client.sign_in()
    token, request = client.given[-1]
    with pytest.raises(sessions.RefreshTokenExpired):
        sessions.judge(client.state, token, request, NOW + sessions.LIFETIME)
    with pytest.raises(sessions.SessionHasEnded):
        sessions.judge(replace(client.state, end_time=NOW), token, request, NOW)


@given(st.text(max_size=200))
def test_whatever_is_no_token_of_ours_is_said_to_be_none(text: str) -> None:
    with pytest.raises(sessions.RefreshTokenInvalid):
        sessions.session_of(text)


def test_a_token_names_its_session() -> None:
    session_id = uuid4()
    assert sessions.session_of(sessions.first_token(session_id)) == session_id


# Second factor


@given(step=st.integers(2, 4_000_000_000 // 30), offset=st.integers(-3, 3), last=st.none() | st.integers(-3, 3))
def test_a_totp_code_works_one_step_around_and_only_forwards(step: int, offset: int, last: int | None) -> None:
    secret = factors.secret_text(KEY[: factors.SECRET_BYTES])
    now = datetime.fromtimestamp(step * 30 + 7, UTC)
    code = pyotp.TOTP(secret).generate_otp(max(step + offset, 0))
    last_step = None if last is None else step + last
    window = {pyotp.TOTP(secret).generate_otp(near): near for near in (step + 1, step, step - 1)}
    if code in window and (last_step is None or window[code] > last_step):
        assert factors.step_of(secret, code, now, last_step) == window[code]
    else:
        with pytest.raises(factors.SecondFactorInvalid):
            factors.step_of(secret, code, now, last_step)


def test_clinical_roles_and_admin_count_only_with_the_second_factor() -> None:
    held = roles.held(["admin", "courier"], ["clinician"])
    assert held == [Role.PATIENT, Role.CLINICIAN, Role.COURIER, Role.ADMIN]
    assert roles.effective(held, second_factor=True) == held
    assert roles.effective(held, second_factor=False) == [Role.PATIENT, Role.COURIER]
    assert roles.waits_for_second_factor(held, second_factor=False)
    assert not roles.waits_for_second_factor(held, second_factor=True)
    assert not roles.waits_for_second_factor([Role.PATIENT, Role.COURIER], second_factor=False)


# Licences


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("decision", list(State))
def test_a_review_goes_only_where_the_table_says(state: State, decision: State) -> None:
    allowed = {
        (State.SUBMITTED, State.APPROVED),
        (State.SUBMITTED, State.REJECTED),
        (State.APPROVED, State.WITHDRAWN),
    }
    later = NOW + timedelta(days=1)
    if (state, decision) in allowed:
        assert licences.review(state, decision, later, NOW) is decision
    else:
        with pytest.raises(licences.LicenceInWrongState):
            licences.review(state, decision, later, NOW)


def test_an_expired_licence_is_rejected_or_withdrawn_but_not_approved() -> None:
    with pytest.raises(licences.LicenceExpired):
        licences.review(State.SUBMITTED, State.APPROVED, NOW, NOW)
    assert licences.review(State.SUBMITTED, State.REJECTED, NOW, NOW) is State.REJECTED
    assert licences.review(State.APPROVED, State.WITHDRAWN, NOW, NOW) is State.WITHDRAWN


def test_a_licence_counts_through_its_last_day_in_china() -> None:
    assert licences.end_of(date(2026, 12, 31)) == datetime(2026, 12, 31, 16, tzinfo=UTC)


# Invites


@given(secret=st.binary(min_size=7, max_size=32), data=st.data())
def test_a_code_is_read_as_made_however_it_is_typed(secret: bytes, data: st.DataObject) -> None:
    code = invites.code_of(secret)
    assert len(code) == invites.LENGTH
    look_alikes = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(
        data.draw(st.sampled_from(look_alikes.get(character, character + character.lower())))
        + data.draw(st.sampled_from(["", "-", " "]))
        for character in code
    )
    assert invites.normalized(typed) == code


@given(st.text(max_size=20))
def test_whatever_cannot_be_a_code_is_no_invite(text: str) -> None:
    try:
        code = invites.normalized(text)
    except invites.InviteNotValid:
        return
    assert len(code) == invites.LENGTH
    assert invites.normalized(code) == code


def test_fifty_bits_decide_the_code() -> None:
    assert invites.code_of(b"\xff" * 7) == "Z" * 10
    assert invites.code_of(b"\x00" * 7) == "0" * 10
    assert invites.code_of(b"\x00" * 6 + b"\x3f") == "0" * 10  # the last six bits are not used
    assert invites.code_of(b"\x00" * 6 + b"\x40") == "0" * 9 + "1"


# Signing keys


@dataclass(frozen=True)
class Key:
    activate_time: datetime


def test_a_key_is_published_before_it_signs_and_until_its_last_token_has_expired() -> None:
    lifetime = timedelta(minutes=10)
    old, new = Key(NOW), Key(NOW + timedelta(hours=1))
    ring, change = [old, new], NOW + timedelta(hours=1)
    assert keys.signing(ring, NOW) is old
    assert keys.published(ring, NOW, lifetime) == [old, new]
    assert keys.signing(ring, change) is new
    assert keys.published(ring, change + lifetime - timedelta(microseconds=1), lifetime) == [old, new]
    assert keys.published(ring, change + lifetime, lifetime) == [new]
    assert keys.signing([], NOW) is None
