"""Signing in, staying signed in, signing out."""

import asyncio

import grpc
import pytest
from apricot.identity.v1.account_pb2 import GetMeRequest
from apricot.identity.v1.auth_pb2 import RefreshTokenRequest, TokenPair

from clients.sdk import Apricot, ApricotError, Reason, SavedSession, Session
from clients.sdk.errors import network_error
from clients.sdk.tokens import TokenKeeper
from tests.sdk.conftest import PHONE
from tests.sdk.fake import SESSION_ENDED, UNAVAILABLE, Fake, bare, hang

type Saved = list[SavedSession | None]


async def test_fifty_calls_share_one_refresh(session: Session, fake: Fake) -> None:
    fake.valid.clear()
    await asyncio.gather(*(_me(session) for _ in range(50)))
    assert len(fake.calls("RefreshToken")) == 1


async def test_a_lost_refresh_is_repeated_with_its_request_id(session: Session, fake: Fake, saved: Saved) -> None:
    fake.valid.clear()
    fake.lost["RefreshToken"].extend([UNAVAILABLE, bare(grpc.StatusCode.INTERNAL)])
    await _me(session)
    refreshes = fake.calls("RefreshToken")
    assert len(refreshes) == 3
    assert refreshes[0].request == refreshes[1].request == refreshes[2].request
    assert None not in saved


async def test_a_refresh_cut_off_by_its_caller_is_repeated_with_its_request_id(session: Session, fake: Fake) -> None:
    fake.valid.clear()
    fake.lost["RefreshToken"].append(hang)
    call = asyncio.create_task(_me(session))
    await fake.seen("RefreshToken")
    call.cancel()
    await asyncio.wait([call])
    await _me(session)
    first, second = fake.calls("RefreshToken")
    assert first.request == second.request


async def test_each_refresh_has_its_own_request_id(session: Session, fake: Fake) -> None:
    for _ in range(2):
        fake.valid.clear()
        await _me(session)
    first, second = (each.request for each in fake.calls("RefreshToken"))
    assert isinstance(first, RefreshTokenRequest)
    assert isinstance(second, RefreshTokenRequest)
    assert first.request_id != second.request_id
    assert first.refresh_token != second.refresh_token


async def test_the_app_stores_what_resumes_the_session(
    apricot: Apricot, session: Session, fake: Fake, saved: Saved
) -> None:
    fake.valid.clear()
    await _me(session)
    assert len(saved) == 2
    last = saved[-1]
    assert last is not None
    resumed = apricot.resume(last, on_change=saved.append)
    await _me(resumed)
    assert len(saved) == 3


async def test_a_crash_between_a_refresh_and_storing_it_ends_nothing(
    apricot: Apricot, session: Session, fake: Fake, saved: Saved
) -> None:
    stored = saved[-1]
    assert stored is not None
    fake.valid.clear()
    await _me(session)
    await _me(apricot.resume(stored))
    first, second = fake.calls("RefreshToken")
    assert first.request == second.request


async def test_an_ended_session_says_so_and_asks_no_more(session: Session, fake: Fake, saved: Saved) -> None:
    fake.valid.clear()
    fake.faults["RefreshToken"].append(SESSION_ENDED)
    answers = await asyncio.gather(*(_me(session) for _ in range(10)), _me(session), return_exceptions=True)
    assert {_reason(answer) for answer in answers} == {Reason.REASON_SESSION_ENDED}
    assert saved[-1] is None
    before = len(fake.received)
    with pytest.raises(ApricotError):
        await _me(session)
    assert len(fake.received) == before
    assert len(fake.calls("RefreshToken")) == 1


async def test_a_session_ended_elsewhere_is_forgotten(session: Session, fake: Fake, saved: Saved) -> None:
    fake.faults["GetMe"].append(SESSION_ENDED)
    with pytest.raises(ApricotError):
        await _me(session)
    assert saved[-1] is None


async def test_signing_out(session: Session, fake: Fake, saved: Saved) -> None:
    await session.sign_out(all_sessions=True)
    assert saved[-1] is None
    with pytest.raises(ApricotError) as caught:
        await _me(session)
    assert caught.value.reason == Reason.REASON_SESSION_ENDED
    assert len(fake.calls("SignOut")) == 1


async def test_a_refresh_that_comes_back_after_signing_out_is_forgotten() -> None:
    saved: Saved = []
    asked, answer = asyncio.Event(), asyncio.Event()

    async def trade(_: SavedSession) -> TokenPair:
        asked.set()
        await answer.wait()
        return TokenPair(access_token="second", refresh_token="too late")

    keeper = TokenKeeper(trade, margin_seconds=60, on_change=saved.append)
    keeper.accept(TokenPair(access_token="first", refresh_token="a"))
    renewal = asyncio.create_task(keeper.renew("first"))
    await asked.wait()
    keeper.end()
    answer.set()
    with pytest.raises(ApricotError):
        await renewal
    assert saved[1:] == [None]


async def test_the_second_factor_is_asked_for(apricot: Apricot, fake: Fake) -> None:
    fake.totp_needed = True
    with pytest.raises(ApricotError) as caught:
        await apricot.sign_in_with_password(PHONE, "correct horse")
    assert caught.value.reason == Reason.REASON_SECOND_FACTOR_REQUIRED
    session = await apricot.sign_in_with_password(PHONE, "correct horse", totp="123456")
    assert session.signed_in is not None
    assert session.signed_in.account.account_id == "me"


async def test_a_service_signs_in_again_by_its_secret(apricot: Apricot, fake: Fake) -> None:
    session = await apricot.sign_in_as_service("glucose", "a secret of sixteen")
    fake.valid.clear()
    await _me(session)
    assert len(fake.calls("SignIn")) == 2
    assert not fake.calls("RefreshToken")


async def test_no_token_is_ever_shown(session: Session, saved: Saved) -> None:
    assert "refresh-" not in repr(saved)
    assert "access-" not in repr(session.signed_in)


async def test_a_token_is_renewed_a_minute_early_while_calls_go_on() -> None:
    now, trades, answer = 0.0, 0, asyncio.Event()

    async def trade(_: SavedSession) -> TokenPair:
        nonlocal trades
        trades += 1
        await answer.wait()
        return TokenPair(access_token="second")

    keeper = TokenKeeper(trade, margin_seconds=60, clock=lambda: now)
    # Expired long ago by this clock, which may be wrong: it is new, so it is good for two minutes.
    keeper.accept(TokenPair(access_token="first"))
    now = 59
    assert await keeper.token() == "first"
    assert trades == 0
    now = 61
    assert [await keeper.token() for _ in range(3)] == ["first"] * 3
    answer.set()
    assert await keeper.renew("first") == "second"
    assert trades == 1


async def test_while_the_old_token_works_an_outage_harms_nobody() -> None:
    now, outage = 0.0, True

    async def trade(_: SavedSession) -> TokenPair:
        if outage:
            raise network_error(grpc.StatusCode.UNAVAILABLE, "no answer")
        return TokenPair(access_token="second")

    keeper = TokenKeeper(trade, margin_seconds=60, clock=lambda: now)
    keeper.accept(TokenPair(access_token="first"))
    now = 119
    assert await keeper.token() == "first"
    now = 121
    with pytest.raises(ApricotError):
        await keeper.token()
    outage = False
    assert await keeper.token() == "second"


async def _me(session: Session) -> None:
    await session.account.GetMe(GetMeRequest())


def _reason(answer: object) -> Reason.ValueType:
    assert isinstance(answer, ApricotError)
    return answer.reason
