"""`apricot.pharmacy.v1.ReviewService`."""

from apricot.pharmacy.v1 import review_pb2 as pb

from kit import paging
from kit.call import Call
from kit.idempotency import answer_once
from services.pharmacy import events
from services.pharmacy.domain.reviews import Act, State, WrongStateError
from services.pharmacy.rpc.deciding import Deciding
from services.pharmacy.rpc.questions import Questions
from services.pharmacy.rpc.reviewing import KEY, behind, require_claimed, require_impartial, require_review
from services.pharmacy.store import reviews as store
from services.pharmacy.store.review_bodies import review_message, whole_review
from services.pharmacy.store.review_cases import case_of
from services.pharmacy.store.staff import pharmacies_of


class Reviews(Deciding, Questions):
    """The pharmacists' queue."""

    async def ListPendingReviews(
        self, request: pb.ListPendingReviewsRequest, call: Call
    ) -> pb.ListPendingReviewsResponse:
        now, size = self._clock(), paging.page_size(request.page_size)
        place = behind(paging.decode(request.page_token, request, KEY))
        async with self._database.transaction() as session:
            pharmacies = await pharmacies_of(session, call.caller.account_id)
            found = await store.pending(session, pharmacies, place, size + 1)
        response = pb.ListPendingReviewsResponse(reviews=[review_message(row, now) for row in found[:size]])
        if len(found) > size:
            last = found[size - 1]
            response.next_page_token = paging.encode((last.open_time.isoformat(), str(last.order_id)), request)
        return response

    async def ClaimReview(self, request: pb.ClaimReviewRequest, call: Call) -> pb.ClaimReviewResponse:
        now, caller = self._clock(), call.caller.account_id
        async with self._database.transaction() as session:

            async def claim() -> pb.ClaimReviewResponse:
                row = await require_review(session, call, request.order_id, lock=True)
                require_impartial(row, call)
                is_claimed = store.standing_of(row, now) is State.CLAIMED
                if is_claimed and row.pharmacist_id != caller:
                    raise WrongStateError("another pharmacist has claimed it")
                store.move(row, Act.RENEW if is_claimed else Act.CLAIM, now, pharmacist_id=caller)
                events.access_used(session, call, row.patient_id, now)
                return pb.ClaimReviewResponse(review=await whole_review(session, row, now))

            response = await answer_once(session, call, request, pb.ClaimReviewResponse, claim)
        await self._telling.wake()
        return response

    async def ReleaseReview(self, request: pb.ReleaseReviewRequest, call: Call) -> pb.ReleaseReviewResponse:
        now = self._clock()
        async with self._database.transaction() as session:

            async def release() -> pb.ReleaseReviewResponse:
                row = await require_claimed(session, call, request.order_id, now, lock=True)
                store.move(row, Act.RELEASE, now)
                return pb.ReleaseReviewResponse(review=review_message(row, now))

            return await answer_once(session, call, request, pb.ReleaseReviewResponse, release)

    async def CheckPrescription(self, request: pb.CheckPrescriptionRequest, call: Call) -> pb.CheckPrescriptionResponse:
        """No connection is held while others are asked."""
        now = self._clock()
        async with self._database.transaction() as session:
            case = await case_of(session, await require_claimed(session, call, request.order_id, now), now)
        checked = await self._checks.run(case, now)
        async with self._database.transaction() as session:
            row = await require_claimed(session, call, request.order_id, now, lock=True)
            row.check_digest, row.checked = checked.digest, checked.check.SerializeToString(deterministic=True)
            events.access_used(session, call, row.patient_id, now)
        await self._telling.wake()
        return pb.CheckPrescriptionResponse(check=checked.check, digest=checked.digest)
