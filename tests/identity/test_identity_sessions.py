"""Sessions: refresh, retry, reuse, sign-out; and keys that change under them."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import account_pb2, auth_pb2, events_pb2

from kit.tokens import TOKEN_LIFETIME, TokenVerifier
from services.identity.keys import KeyRing
from tests.identity.running import Person, Running, refused, request_id, soon

ME = account_pb2.GetMeRequest()


def trade(person: Person, by: str = "") -> auth_pb2.RefreshTokenRequest:
    return auth_pb2.RefreshTokenRequest(request_id=by or request_id(), refresh_token=person.tokens.refresh_token)


def session_of(person: Person) -> str:
    return str(jwt.decode(person.tokens.access_token, options={"verify_signature": False})["sid"])


async def test_a_refresh_gives_a_new_pair_of_the_same_session(shared: Running) -> None:
    person = await shared.sign_in()
    session = session_of(person)
    shared.clock.advance(minutes=10)
    with refused(Reason.REASON_TOKEN_EXPIRED):
        await shared.account("GetMe", ME, person)
    old = person.tokens.refresh_token
    person.tokens = (await shared.auth("RefreshToken", trade(person))).tokens
    assert person.tokens.refresh_token != old
    assert session_of(person) == session
    await shared.account("GetMe", ME, person)


async def test_a_reused_token_ends_the_session_for_thief_and_owner(shared: Running) -> None:
    person = await shared.sign_in()
    stolen = trade(person)
    person.tokens = (await shared.auth("RefreshToken", trade(person))).tokens
    async with shared.events(f"apricot.identity.session.ended.{person.account_id}") as events:
        with refused(Reason.REASON_SESSION_ENDED):
            await shared.auth("RefreshToken", stolen)
        ended = events_pb2.SessionEnded.FromString((await soon(events.get())).data)
    assert list(ended.session_ids) == [session_of(person)]
    with refused(Reason.REASON_SESSION_ENDED):
        await shared.auth("RefreshToken", trade(person))
    with refused(Reason.REASON_SESSION_ENDED):
        await shared.account("GetMe", ME, person)


async def test_a_retry_gets_the_same_token_and_hurts_nobody(shared: Running) -> None:
    person = await shared.sign_in()
    request = trade(person)
    first = (await shared.auth("RefreshToken", request)).tokens
    shared.clock.advance(minutes=2)
    again = (await shared.auth("RefreshToken", request)).tokens
    assert again.refresh_token == first.refresh_token
    person.tokens = again
    await shared.auth("RefreshToken", trade(person))


async def test_a_retry_that_comes_too_late_is_a_reuse(shared: Running) -> None:
    person = await shared.sign_in()
    request = trade(person)
    await shared.auth("RefreshToken", request)
    shared.clock.advance(minutes=2, seconds=1)
    with refused(Reason.REASON_SESSION_ENDED):
        await shared.auth("RefreshToken", request)


async def test_the_same_refresh_many_times_at_once_is_one(shared: Running) -> None:
    person = await shared.sign_in()
    request = trade(person)
    answers = await asyncio.gather(*(shared.auth("RefreshToken", request) for _ in range(8)))
    assert len({answer.tokens.refresh_token for answer in answers}) == 1
    person.tokens = answers[0].tokens
    await shared.auth("RefreshToken", trade(person))


async def test_of_several_refreshes_at_once_one_wins_and_the_others_end_the_session(shared: Running) -> None:
    person = await shared.sign_in()
    answers = await asyncio.gather(
        *(shared.auth("RefreshToken", trade(person)) for _ in range(8)), return_exceptions=True
    )
    won = [answer for answer in answers if isinstance(answer, auth_pb2.RefreshTokenResponse)]
    assert len(won) == 1
    person.tokens = won[0].tokens
    with refused(Reason.REASON_SESSION_ENDED):
        await shared.auth("RefreshToken", trade(person))


async def test_a_refresh_token_lasts_thirty_days_from_its_last_use(own: Running) -> None:
    person = await own.sign_in()
    own.clock.advance(days=29)
    person.tokens = (await own.auth("RefreshToken", trade(person))).tokens
    own.clock.advance(days=29)
    person.tokens = (await own.auth("RefreshToken", trade(person))).tokens
    own.clock.advance(days=30)
    with refused(Reason.REASON_TOKEN_EXPIRED):
        await own.auth("RefreshToken", trade(person))


async def test_a_token_that_was_never_ours_is_invalid(shared: Running) -> None:
    for token in ("x" * 64, "A" * 64, "杏林" * 20):
        with refused(Reason.REASON_TOKEN_INVALID):
            request = auth_pb2.RefreshTokenRequest(request_id=request_id(), refresh_token=token)
            await shared.auth("RefreshToken", request)


async def test_refresh_tokens_are_stored_as_hashes_alone(own: Running) -> None:
    person = await own.sign_in()
    person.tokens = (await own.auth("RefreshToken", trade(person))).tokens
    stored = "".join(str(row["row"]) for row in await own.execute("select session::text as row from session"))
    assert person.tokens.refresh_token.encode().hex() not in stored


async def test_sign_out_ends_one_session_or_all(shared: Running) -> None:
    phone = await shared.sign_in()
    tablet = await shared.sign_in(Person(phone.phone))
    laptop = await shared.sign_in(Person(phone.phone))
    async with shared.events(f"apricot.identity.session.ended.{phone.account_id}") as events:
        answer = await shared.auth("SignOut", auth_pb2.SignOutRequest(), phone)
        assert answer.ended_session_count == 1
        assert await _ended(events) == {session_of(phone)}
        with refused(Reason.REASON_SESSION_ENDED):
            await shared.auth("RefreshToken", trade(phone))
        with refused(Reason.REASON_SESSION_ENDED):
            await shared.account("GetMe", ME, phone)
        await shared.account("GetMe", ME, tablet)
        answer = await shared.auth("SignOut", auth_pb2.SignOutRequest(all_sessions=True), tablet)
        assert answer.ended_session_count == 2
        assert await _ended(events) == {session_of(tablet), session_of(laptop)}


async def _ended(events: asyncio.Queue[Any]) -> set[str]:
    """The sessions that the next event names."""
    return set(events_pb2.SessionEnded.FromString((await soon(events.get())).data).session_ids)


async def test_a_new_key_is_published_first_and_signs_later_and_nobody_is_signed_out(own: Running) -> None:
    keys, person = own.identity.keys, await own.sign_in()
    first = jwt.get_unverified_header(person.tokens.access_token)["kid"]
    request = auth_pb2.RotateKeysRequest(request_id=request_id())
    admin = await own.admin()
    second = (await own.auth("RotateKeys", request, admin)).key_id
    assert (await own.auth("RotateKeys", request, admin)).key_id == second
    assert [key["kid"] for key in keys.key_set()["keys"]] == [first, second]
    assert all("d" not in key for key in keys.key_set()["keys"])

    person = await own.sign_in(person)
    assert jwt.get_unverified_header(person.tokens.access_token)["kid"] == first
    own.clock.advance(minutes=5)
    with_new = await own.sign_in(Person(person.phone))
    assert jwt.get_unverified_header(with_new.tokens.access_token)["kid"] == second
    for one in (person, with_new):
        assert await own.account("GetMe", ME, one)
    own.clock.advance(minutes=20)
    assert [key["kid"] for key in keys.key_set()["keys"]] == [second]
    await own.auth("RefreshToken", trade(person))


async def test_a_replica_learns_a_key_that_it_does_not_know(own: Running) -> None:
    replica = KeyRing(own.database, own.identity.vault, own.clock, timedelta(minutes=5))
    await replica.start()
    verifier = TokenVerifier(replica)
    async with own.database.transaction() as session:
        key_id = await own.identity.keys.rotate(session)
    await own.identity.keys.reload()
    assert await replica.public_key(key_id) is None  # it read the keys a moment ago
    await replica.reload()
    own.clock.advance(minutes=6)
    token, _ = own.identity.keys.token(uuid4(), uuid4(), ["patient"], own.clock())
    assert jwt.get_unverified_header(token)["kid"] == key_id
    assert (await verifier.verify(token, own.clock())).has("patient")


async def test_tokens_name_their_bearer_and_end_after_ten_minutes(shared: Running) -> None:
    person = await shared.sign_in()
    header = jwt.get_unverified_header(person.tokens.access_token)
    key = await shared.identity.keys.public_key(header["kid"])
    assert key is not None
    claims = jwt.decode(
        person.tokens.access_token, key, ["ES256"], audience="apricot", issuer="apricot", options={"verify_exp": False}
    )
    assert claims["sub"] == person.account_id
    assert UUID(claims["sid"])
    assert claims["jti"]
    assert claims["exp"] - claims["iat"] == TOKEN_LIFETIME.total_seconds()


async def test_a_forged_token_is_refused(shared: Running) -> None:
    person = await shared.sign_in()
    head, body, signature = person.tokens.access_token.split(".")
    person.tokens.access_token = f"{head}.{body}.{'A' * len(signature)}"
    with refused(Reason.REASON_TOKEN_INVALID):
        await shared.account("GetMe", ME, person)
