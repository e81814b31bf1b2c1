"""What patients say of doctors, and what it makes of a score."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1 import rating_pb2 as pb
from apricot.consult.v1.consultation_pb2 import Consultation, Referral
from apricot.errors.v1.reason_pb2 import Reason
from hypothesis import given
from hypothesis import strategies as st

from kit.bus import Event
from services.consult.domain import ratings as rules
from services.consult.domain.ratings import PRIOR_MEAN, TRANSITIONS, Act, State, after, masked, score
from services.consult.work.accounts import on_accounts_deleted
from tests.consult.life.practice import Practice, refused

STARS = st.lists(st.integers(1, 5), max_size=200)


@given(STARS)
def test_a_score_lies_between_one_and_five_and_between_prior_and_mean(stars: list[int]) -> None:
    found = score(sum(stars), len(stars))
    assert 1 <= found <= 5
    mean = sum(stars) / len(stars) if stars else PRIOR_MEAN
    assert min(mean, PRIOR_MEAN) - 1e-9 <= found <= max(mean, PRIOR_MEAN) + 1e-9


@given(STARS, st.integers(1, 4))
def test_a_better_rating_makes_a_better_score(stars: list[int], least: int) -> None:
    assert score(sum(stars) + least, len(stars) + 1) < score(sum(stars) + least + 1, len(stars) + 1)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=20), st.integers(1, 1000))
def test_many_ratings_speak_for_themselves(stars: list[int], times: int) -> None:
    mean = sum(stars) / len(stars)
    near, nearer = (abs(score(sum(stars) * n, len(stars) * n) - mean) for n in (times, 2 * times))
    assert nearer <= near
    assert abs(score(sum(stars) * 10**6, len(stars) * 10**6) - mean) < 0.001


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", State)
def test_where_a_rating_can_go(state: State, act: Act) -> None:
    allowed = {
        (State.PUBLISHED, Act.REPLY): State.PUBLISHED,
        (State.PUBLISHED, Act.HIDE): State.HIDDEN,
        (State.HIDDEN, Act.SHOW): State.PUBLISHED,
    }
    if (state, act) in allowed:
        assert after(state, act) is allowed[state, act] is TRANSITIONS[state, act]
    else:
        with pytest.raises(rules.WrongStateError):
            after(state, act)


def test_names_are_masked() -> None:
    assert [masked(name) for name in ("李小明", "欧阳", "王", "")] == ["李**", "欧**", "王**", "**"]


async def ended(practice: Practice, **outcome: Any) -> Consultation:
    return await practice.close(await practice.claim(await practice.open(practice.doctor)), **outcome)


async def ratings(practice: Practice, **fields: Any) -> pb.ListRatingsResponse:
    request = pb.ListRatingsRequest(doctor_id=str(practice.doctor), **fields)
    return await practice.ratings.ListRatings(request, practice.call("ListRatings", uuid4()))


async def reply(practice: Practice, rating: pb.Rating, text: str = "谢谢", by: UUID | None = None) -> pb.Rating:
    request = pb.ReplyToRatingRequest(request_id=str(uuid4()), rating_id=rating.rating_id, reply=text)
    call = practice.call("ReplyToRating", by or practice.doctor)
    return (await practice.ratings.ReplyToRating(request, call)).rating


async def moderate(practice: Practice, rating: pb.Rating, reason: pb.HidingReason.ValueType) -> pb.Rating:
    request = pb.ModerateRatingRequest(request_id=str(uuid4()), rating_id=rating.rating_id, hiding_reason=reason)
    return (await practice.ratings.ModerateRating(request, practice.call("ModerateRating", uuid4()))).rating


async def test_a_rating_is_public_under_a_masked_name_and_counts(practice: Practice) -> None:
    rating = await practice.rate(await ended(practice), 5, "耐心细致")
    assert (rating.patient_name, rating.doctor_id) == ("李**", str(practice.doctor))
    assert await practice.score() == (round(score(5, 1), 4), 1)
    (shown,) = (await ratings(practice)).ratings
    assert shown == rating
    referred = await ended(practice, referral=Referral(department_code="nephrology", reason="转诊"))
    await practice.rate(referred, 2)
    assert await practice.score() == (round(score(7, 2), 4), 2)


async def test_once_by_the_patient_within_ninety_days_of_a_doctor_s_end(practice: Practice) -> None:
    consultation = await ended(practice)
    with refused(Reason.REASON_NOT_FOUND):
        await practice.rate(consultation, by=uuid4())
    with refused(Reason.REASON_NOT_ALLOWED):
        await practice.rate(consultation, by=practice.doctor)
    practice.clock.now = consultation.end_time.ToDatetime(practice.clock.now.tzinfo) + rules.LATEST
    with refused(Reason.REASON_OUTSIDE_POLICY):
        await practice.rate(consultation)
    practice.clock.advance(microseconds=-1)
    await practice.rate(consultation, 4)
    with refused(Reason.REASON_ALREADY_EXISTS):
        await practice.rate(consultation, 1)
    for unended in (
        await practice.open(practice.doctor),
        await practice.claim(await practice.open(practice.doctor)),
        await practice.cancel(await practice.open(practice.doctor)),
    ):
        with refused(Reason.REASON_WRONG_STATE):
            await practice.rate(unended)


async def test_the_doctor_answers_once(practice: Practice) -> None:
    rating = await practice.rate(await ended(practice), 3, "等了很久")
    with refused(Reason.REASON_NOT_FOUND):
        await reply(practice, rating, by=practice.colleague)
    answered = await reply(practice, rating)
    assert (answered.reply, answered.HasField("reply_time")) == ("谢谢", True)
    with refused(Reason.REASON_ALREADY_EXISTS):
        await reply(practice, rating, "再次感谢")
    assert list((await ratings(practice)).ratings) == [answered]


@pytest.mark.parametrize(
    ("reason", "counts"),
    [(pb.HIDING_REASON_SPAM, False), (pb.HIDING_REASON_INSULT, False), (pb.HIDING_REASON_PRIVACY, True)],
)
async def test_what_is_hidden_is_shown_to_nobody(
    practice: Practice, reason: pb.HidingReason.ValueType, counts: bool
) -> None:
    rating = await practice.rate(await ended(practice), 1, "骗子")
    hidden = await moderate(practice, rating, reason)
    assert (hidden.state, hidden.hiding_reason) == (pb.RATING_STATE_HIDDEN, reason)
    assert list((await ratings(practice)).ratings) == []
    assert await practice.score() == ((round(score(1, 1), 4), 1) if counts else (0.0, 0))
    with refused(Reason.REASON_WRONG_STATE):
        await moderate(practice, rating, reason)
    with refused(Reason.REASON_WRONG_STATE):
        await reply(practice, rating)
    shown = await moderate(practice, rating, pb.HIDING_REASON_UNSPECIFIED)
    assert shown == rating
    assert await practice.score() == (round(score(1, 1), 4), 1)
    with refused(Reason.REASON_WRONG_STATE):
        await moderate(practice, rating, pb.HIDING_REASON_UNSPECIFIED)


async def test_newest_first_page_by_page(practice: Practice) -> None:
    given_ = []
    for stars in 1, 2, 3, 4, 5:
        practice.clock.advance(minutes=stars % 3)  # some at the same instant
        given_.append(await practice.rate(await ended(practice), stars))
    found, token = list[pb.Rating](), ""
    while True:
        page = await ratings(practice, page_size=2, page_token=token)
        found += page.ratings
        token = page.next_page_token
        if not token:
            break
    assert sorted(each.stars for each in found) == [1, 2, 3, 4, 5]
    times = [each.create_time.ToNanoseconds() for each in found]
    assert times == sorted(times, reverse=True)
    with refused(Reason.REASON_INVALID_PAGE_TOKEN):
        await ratings(practice, page_token="none")


async def test_a_deleted_patient_s_words_go_and_the_stars_stay(practice: Practice) -> None:
    await practice.rate(await ended(practice), 4, "很好")
    deleted = Event(1, "1", "account", "deleted", str(practice.patient), b"", 0)
    async with practice.database.transaction() as session:
        await on_accounts_deleted(session, [deleted])
    (left,) = (await ratings(practice)).ratings
    assert (left.stars, left.comment, left.patient_name) == (4, "", "")
