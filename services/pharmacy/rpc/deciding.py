"""A pharmacist decides: approved is what was checked and comes out the same once more, and nothing else."""

from datetime import datetime
from uuid import UUID

from apricot.identity.v1.licence_pb2 import Professional
from apricot.pharmacy.v1 import review_pb2 as pb
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.idempotency import answer_once, first_answer
from kit.times import to_timestamp
from prescribing.overrides import require_safe
from services.pharmacy import events, life
from services.pharmacy.domain.orders import Act as OrderAct
from services.pharmacy.domain.reviews import Act, ChangedError
from services.pharmacy.rpc.reviewing import Reviewing, require_claimed, require_impartial
from services.pharmacy.store import orders, prescriptions
from services.pharmacy.store import reviews as store
from services.pharmacy.store.review_bodies import whole_review
from services.pharmacy.store.review_cases import case_of
from services.pharmacy.store.review_tables import ReviewRow


class Deciding(Reviewing):
    """See the module."""

    async def ApprovePrescription(
        self, request: pb.ApprovePrescriptionRequest, call: Call
    ) -> pb.ApprovePrescriptionResponse:
        now = self._clock()
        async with self._database.transaction() as session:
            if (first := await first_answer(session, call, request, pb.ApprovePrescriptionResponse)) is not None:
                return first
            row = await require_claimed(session, call, request.order_id, now)
            require_impartial(row, call)
            _require_checked(row, request.check_digest)
            case = await case_of(session, row, now)
        pharmacist, checked = await self._licensed(call, now), await self._checks.run(case, now)
        if checked.digest != request.check_digest:
            raise ChangedError("what was checked has changed: check again")
        require_safe(checked.check.findings, request.reasons, field="reasons")
        decision = _decision(pharmacist, now)
        decision.check_digest = checked.digest
        decision.reasons.extend(request.reasons)
        async with self._database.transaction() as session:

            async def approve() -> pb.ApprovePrescriptionResponse:
                row = await require_claimed(session, call, request.order_id, now, lock=True)
                _require_checked(row, request.check_digest)
                await prescriptions.require_newest(
                    session, row.patient_id, row.prescription_id, row.prescription_revision
                )
                await _decide(session, call, row, Act.APPROVE, decision, now)
                return pb.ApprovePrescriptionResponse(review=await whole_review(session, row, now))

            response = await answer_once(session, call, request, pb.ApprovePrescriptionResponse, approve)
        await self._telling.changed(UUID(request.order_id))
        return response

    async def RejectPrescription(
        self, request: pb.RejectPrescriptionRequest, call: Call
    ) -> pb.RejectPrescriptionResponse:
        now = self._clock()
        async with self._database.transaction() as session:
            if (first := await first_answer(session, call, request, pb.RejectPrescriptionResponse)) is not None:
                return first
            found = await require_claimed(session, call, request.order_id, now)
        decision = _decision(await self._licensed(call, now), now)
        decision.reject_reason = request.reason
        async with self._database.transaction() as session:

            async def reject() -> pb.RejectPrescriptionResponse:
                # The prescription before the order, as whatever takes a prescription back does.
                which = found.patient_id, found.prescription_id, found.prescription_revision
                await prescriptions.reject(session, *which)
                row = await require_claimed(session, call, request.order_id, now, lock=True)
                require_impartial(row, call)
                await _decide(session, call, row, Act.REJECT, decision, now)
                events.prescription_rejected(session, row, request.reason, now)
                if row.doctor_id is not None:
                    events.push_about(session, row.patient_id, "prescription", row.prescription_id, row.doctor_id, now)
                return pb.RejectPrescriptionResponse(review=await whole_review(session, row, now))

            response = await answer_once(session, call, request, pb.RejectPrescriptionResponse, reject)
        await self._telling.changed(UUID(request.order_id))
        return response


async def _decide(
    session: AsyncSession, call: Call, row: ReviewRow, act: Act, decision: pb.ReviewDecision, now: datetime
) -> None:
    """The review, its order, and the patient's audit."""
    store.move(row, act, now)
    row.decision = decision.SerializeToString(deterministic=True)
    await session.flush()
    order = await orders.find(session, row.patient_id, row.order_id)
    assert order is not None, "a review is an order's"  # noqa: S101
    order_act = OrderAct.APPROVE if act is Act.APPROVE else OrderAct.REJECT
    await life.move(session, order, order_act, call.caller.account_id, now, note=decision.reject_reason)
    events.access_used(session, call, row.patient_id, now)


def _require_checked(row: ReviewRow, digest: bytes) -> None:
    """Errors: `ChangedError`."""
    if not row.check_digest or row.check_digest != digest:
        raise ChangedError("this is not the newest check")


def _decision(pharmacist: Professional, now: datetime) -> pb.ReviewDecision:
    return pb.ReviewDecision(
        pharmacist_id=pharmacist.account_id,
        pharmacist_name=pharmacist.display_name,
        licence_number=pharmacist.licence.number,
        decide_time=to_timestamp(now),
    )
