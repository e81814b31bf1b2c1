"""Deadlines, repeats and errors of unary calls."""

import grpc
import pytest
from apricot.glucose.v1.diary_pb2 import LogEntriesRequest
from apricot.identity.v1.account_pb2 import EnrollTotpRequest, GetMeRequest, UpdateProfileRequest

from clients.sdk import Apricot, ApricotError, FieldViolation, Pace, Reason, Session
from tests.sdk.conftest import PHONE
from tests.sdk.fake import DROPPED, TOKEN_EXPIRED, UNAVAILABLE, Fake, bare, hang, refuse

OWN_ID = "0d5b2c1e-8f43-4a57-9d06-1c2f3a4b5c6d"


async def test_every_call_has_a_deadline_and_the_token(apricot: Apricot, session: Session, fake: Fake) -> None:
    await apricot.request_code(PHONE)
    await session.account.GetMe(GetMeRequest())
    await session.account.GetMe(GetMeRequest(), timeout=100)
    assert all(each.seconds is not None and each.seconds < 5.1 for each in fake.received[:-1])
    longer = fake.received[-1]
    assert longer.seconds is not None
    assert longer.seconds > 5.1
    assert [each.token for each in fake.received] == ["", "", "access-1", "access-1"]


async def test_a_mutation_is_repeated_with_the_same_request_id(session: Session, fake: Fake) -> None:
    fake.faults["UpdateProfile"].extend([UNAVAILABLE, DROPPED])
    request = UpdateProfileRequest()
    await session.account.UpdateProfile(request)
    await session.account.UpdateProfile(request)
    ids = [_request_id(each.request) for each in fake.calls("UpdateProfile")]
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert all(ids)
    assert request.request_id == ""


async def test_a_request_id_of_the_callers_own_is_kept(session: Session, fake: Fake) -> None:
    await session.account.UpdateProfile(UpdateProfileRequest(request_id=OWN_ID))
    assert _request_id(fake.received[-1].request) == OWN_ID


async def test_a_lost_answer_is_asked_for_again_within_the_deadline(session: Session, fake: Fake) -> None:
    fake.lost["LogEntries"].append(hang)
    await session.diary.LogEntries(LogEntriesRequest(), timeout=10)
    first, second = fake.calls("LogEntries")
    assert first.request == second.request
    assert first.seconds is not None
    assert first.seconds < 5


async def test_a_read_is_repeated(session: Session, fake: Fake) -> None:
    fake.faults["GetMe"].extend([UNAVAILABLE, DROPPED, bare(grpc.StatusCode.INTERNAL)])
    answer = await session.account.GetMe(GetMeRequest())
    assert answer.account.account_id == "me"


async def test_what_may_not_be_sent_twice_is_not(apricot: Apricot, fake: Fake) -> None:
    fake.faults["RequestCode"].append(UNAVAILABLE)
    with pytest.raises(ApricotError) as caught:
        await apricot.request_code(PHONE)
    assert caught.value.reason == Reason.REASON_UNAVAILABLE
    assert len(fake.calls("RequestCode")) == 1


async def test_repeats_end_with_the_deadline(session: Session, fake: Fake) -> None:
    fake.faults["GetMe"].extend([UNAVAILABLE] * 1000)
    with pytest.raises(ApricotError) as caught:
        await session.account.GetMe(GetMeRequest(), timeout=2)
    assert caught.value.temporary
    assert len(fake.calls("GetMe")) > 1


async def test_the_platform_says_how_long_to_wait(session: Session, fake: Fake) -> None:
    exhausted = grpc.StatusCode.RESOURCE_EXHAUSTED
    soon = refuse(Reason.REASON_RATE_LIMITED, exhausted, {"retry_after_seconds": "0.05"})
    late = refuse(Reason.REASON_RATE_LIMITED, exhausted, {"retry_after_seconds": "3600"})
    fake.faults["GetMe"].extend([soon, late])
    with pytest.raises(ApricotError) as caught:
        await session.account.GetMe(GetMeRequest())
    assert caught.value.retry_after_seconds == 3600
    assert len(fake.calls("GetMe")) == 2


async def test_a_refusal_comes_with_its_reason_and_facts(session: Session, fake: Fake) -> None:
    facts = {"limit": "7"}
    fake.faults["GetMe"].append(refuse(Reason.REASON_INVALID_FIELD, grpc.StatusCode.INVALID_ARGUMENT, facts))
    with pytest.raises(ApricotError, match="INVALID_FIELD: refused") as caught:
        await session.account.GetMe(GetMeRequest())
    error = caught.value
    assert (error.reason, error.code) == (Reason.REASON_INVALID_FIELD, grpc.StatusCode.INVALID_ARGUMENT)
    assert error.violations == (FieldViolation("time_zone", "is not a zone"),)
    assert error.metadata == facts
    assert error.request_id == "r-1"
    assert len(fake.calls("GetMe")) == 1


async def test_a_fault_of_the_platforms_names_its_request_id(session: Session, fake: Fake) -> None:
    fake.faults["GetMe"].append(refuse(Reason.REASON_INTERNAL, grpc.StatusCode.INTERNAL, {"request_id": "r-2"}))
    with pytest.raises(ApricotError) as caught:
        await session.account.GetMe(GetMeRequest())
    assert caught.value.request_id == "r-2"
    assert not caught.value.temporary


async def test_a_status_without_a_reason_is_an_error_too(session: Session) -> None:
    with pytest.raises(ApricotError, match="UNIMPLEMENTED") as caught:
        await session.account.EnrollTotp(EnrollTotpRequest())
    assert caught.value.reason == Reason.REASON_UNSPECIFIED
    assert caught.value.code == grpc.StatusCode.UNIMPLEMENTED


async def test_a_token_refused_twice_is_an_error(session: Session, fake: Fake) -> None:
    fake.faults["GetMe"].extend([TOKEN_EXPIRED, bare(grpc.StatusCode.UNAUTHENTICATED)])
    with pytest.raises(ApricotError) as caught:
        await session.account.GetMe(GetMeRequest())
    assert caught.value.code == grpc.StatusCode.UNAUTHENTICATED
    assert len(fake.calls("RefreshToken")) == 1


async def test_nobody_listens() -> None:
    async with Apricot("127.0.0.1:1", pace=Pace(call=0.2)) as apricot:
        with pytest.raises(ApricotError) as caught:
            await apricot.request_code(PHONE)
    assert caught.value.temporary


def _request_id(request: object) -> str:
    assert isinstance(request, UpdateProfileRequest)
    return request.request_id
