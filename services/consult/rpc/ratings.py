"""`apricot.consult.v1.RatingService`."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from apricot.consult.v1 import rating_pb2 as pb
from apricot.consult.v1.rating_pb2 import Rating
from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.message import Message
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, not_allowed, not_found
from kit.idempotency import answer_once
from kit.times import to_timestamp
from services.consult.domain import consultations
from services.consult.domain.ratings import Act, HidingReason, State, after, masked, rateable_until
from services.consult.rpc.participants import require_seat
from services.consult.rpc.scores import tell_score
from services.consult.store import ratings as store
from services.consult.store.tables import ConsultationRow, RatingRow

_RATEABLE = (consultations.State.CLOSED, consultations.State.REFERRED)


class Ratings:
    """What patients say of doctors."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def RateConsultation(self, request: pb.RateConsultationRequest, call: Call) -> pb.RateConsultationResponse:
        async def rate(session: AsyncSession) -> RatingRow:
            now = self._clock()
            seat = await require_seat(session, call, request.consultation_id, now, lock=True)
            if not seat.is_patient:
                raise not_allowed("the patient alone may do this")
            row = await _new_rating(session, seat.consultation, request, now)
            session.add(row)
            await tell_score(session, row.doctor_id)
            return row

        return await self._once(request, call, pb.RateConsultationResponse, rate)

    async def ReplyToRating(self, request: pb.ReplyToRatingRequest, call: Call) -> pb.ReplyToRatingResponse:
        async def reply(session: AsyncSession) -> RatingRow:
            row = await _locked(session, request.rating_id)
            if row.doctor_id != call.caller.account_id:
                raise not_found("rating")
            row.state = after(State(row.state), Act.REPLY)
            if row.reply:
                raise ApricotError(Reason.REASON_ALREADY_EXISTS, "the rating is answered")
            row.reply, row.reply_time = request.reply, self._clock()
            return row

        return await self._once(request, call, pb.ReplyToRatingResponse, reply)

    async def ModerateRating(self, request: pb.ModerateRatingRequest, call: Call) -> pb.ModerateRatingResponse:
        async def moderate(session: AsyncSession) -> RatingRow:
            row = await _locked(session, request.rating_id)
            row.state = after(State(row.state), Act.HIDE if request.hiding_reason else Act.SHOW)
            row.hiding_reason = HidingReason(request.hiding_reason)
            row.moderator_id = call.caller.account_id
            await tell_score(session, row.doctor_id)
            return row

        return await self._once(request, call, pb.ModerateRatingResponse, moderate)

    async def ListRatings(self, request: pb.ListRatingsRequest, call: Call) -> pb.ListRatingsResponse:
        size = paging.page_size(request.page_size)
        async with self._database.transaction() as session:
            rows = await store.list_published(session, UUID(request.doctor_id), size + 1, _behind(request))
        response = pb.ListRatingsResponse(ratings=map(rating_message, rows[:size]))
        if len(rows) > size:
            last = rows[size - 1]
            response.next_page_token = paging.encode([last.create_time.isoformat(), str(last.rating_id)], request)
        return response

    async def _once[M: Message](
        self,
        request: Message,
        call: Call,
        answer_type: type[M],
        work: Callable[[AsyncSession], Awaitable[RatingRow]],
    ) -> M:
        async with self._database.transaction() as session:

            async def answer() -> M:
                return answer_type(rating=rating_message(await work(session)))

            return await answer_once(session, call, request, answer_type, answer)


async def _new_rating(
    session: AsyncSession, consultation: ConsultationRow, request: pb.RateConsultationRequest, now: datetime
) -> RatingRow:
    """Errors: WRONG_STATE, OUTSIDE_POLICY, ALREADY_EXISTS."""
    if consultation.state not in _RATEABLE or consultation.end_time is None or consultation.doctor_id is None:
        raise consultations.WrongStateError("a doctor has to have ended it")
    until = rateable_until(consultation.end_time)
    if now >= until:
        raise ApricotError(
            Reason.REASON_OUTSIDE_POLICY, "the time to rate is over", metadata={"until": until.isoformat()}
        )
    if await store.find_of_consultation(session, consultation.patient_id, consultation.consultation_id) is not None:
        raise ApricotError(Reason.REASON_ALREADY_EXISTS, "the consultation is rated")
    return RatingRow(
        rating_id=uuid4(),
        consultation_id=consultation.consultation_id,
        patient_id=consultation.patient_id,
        doctor_id=consultation.doctor_id,
        patient_name=masked(consultation.patient_name),
        stars=request.stars,
        comment=request.comment,
        state=State.PUBLISHED,
        create_time=now,
    )


async def _locked(session: AsyncSession, rating_id: str) -> RatingRow:
    row = await store.lock(session, UUID(rating_id))
    if row is None:
        raise not_found("rating")
    return row


def rating_message(row: RatingRow) -> Rating:
    """A rating as everybody sees it."""
    return Rating(
        rating_id=str(row.rating_id),
        doctor_id=str(row.doctor_id),
        patient_name=row.patient_name,
        stars=row.stars,
        comment=row.comment,
        reply=row.reply,
        state=pb.RatingState.ValueType(row.state),
        hiding_reason=pb.HidingReason.ValueType(row.hiding_reason),
        create_time=to_timestamp(row.create_time),
        reply_time=to_timestamp(row.reply_time) if row.reply_time else None,
    )


def _behind(request: pb.ListRatingsRequest) -> store.Place | None:
    """Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, (str, str))
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]).astimezone(UTC), UUID(key[1])
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error
