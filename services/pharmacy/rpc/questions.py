"""What pharmacists ask prescribers, and tell them."""

from uuid import UUID, uuid4

from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import review_pb2 as pb

from kit import paging
from kit.call import Call
from kit.errors import ApricotError, not_found
from kit.idempotency import answer_once
from services.pharmacy import events
from services.pharmacy.domain.prescriptions import NotValidError, Why
from services.pharmacy.domain.reviews import MOST_QUESTIONS, Act, State, WrongStateError
from services.pharmacy.rpc.reviewing import KEY, Reviewing, behind, require_claimed
from services.pharmacy.store import reviews as store
from services.pharmacy.store.review_bodies import question_message, whole_review
from services.pharmacy.store.review_tables import QuestionRow


class Questions(Reviewing):
    """See the module."""

    async def AskDoctor(self, request: pb.AskDoctorRequest, call: Call) -> pb.AskDoctorResponse:
        now = self._clock()
        async with self._database.transaction() as session:

            async def ask() -> pb.AskDoctorResponse:
                row = await require_claimed(session, call, request.order_id, now, lock=True)
                if row.doctor_id is None:
                    raise NotValidError("the prescription names no doctor", Why.NOT_GENUINE)
                if len(await store.questions_of(session, row.patient_id, row.order_id)) >= MOST_QUESTIONS:
                    raise ApricotError(Reason.REASON_TOO_MANY, f"{MOST_QUESTIONS} questions were asked")
                question = QuestionRow(
                    question_id=uuid4(),
                    order_id=row.order_id,
                    patient_id=row.patient_id,
                    prescription_id=row.prescription_id,
                    doctor_id=row.doctor_id,
                    pharmacist_id=call.caller.account_id,
                    question=request.question,
                    ask_time=now,
                )
                session.add(question)
                store.move(row, Act.ASK, now)
                events.access_used(session, call, row.patient_id, now)
                events.push_about(session, row.patient_id, "question", question.question_id, row.doctor_id, now)
                return pb.AskDoctorResponse(review=await whole_review(session, row, now))

            response = await answer_once(session, call, request, pb.AskDoctorResponse, ask)
        await self._telling.wake()
        return response

    async def ListQuestions(self, request: pb.ListQuestionsRequest, call: Call) -> pb.ListQuestionsResponse:
        now, size = self._clock(), paging.page_size(request.page_size)
        place = behind(paging.decode(request.page_token, request, KEY))
        async with self._database.transaction() as session:
            found = await store.unanswered(session, call.caller.account_id, place, size + 1)
            for patient_id in {row.patient_id for row in found[:size]}:
                events.access_used(session, call, patient_id, now)
        await self._telling.wake()
        response = pb.ListQuestionsResponse(questions=map(question_message, found[:size]))
        if len(found) > size:
            last = found[size - 1]
            response.next_page_token = paging.encode((last.ask_time.isoformat(), str(last.question_id)), request)
        return response

    async def GetRejection(self, request: pb.GetRejectionRequest, call: Call) -> pb.GetRejectionResponse:
        now = self._clock()
        async with self._database.transaction() as session:
            row = await store.find_rejected(session, call.caller.account_id, UUID(request.prescription_id))
            if row is None:
                raise not_found("rejection")
            events.access_used(session, call, row.patient_id, now)
            response = pb.GetRejectionResponse(review=await whole_review(session, row, now))
        await self._telling.wake()
        return response

    async def AnswerQuestion(self, request: pb.AnswerQuestionRequest, call: Call) -> pb.AnswerQuestionResponse:
        now, doctor_id = self._clock(), call.caller.account_id
        async with self._database.transaction() as session:

            async def answer() -> pb.AnswerQuestionResponse:
                row = await store.find_question(session, doctor_id, UUID(request.question_id))
                if row is None:
                    raise not_found("question")
                if row.answer_time is not None:
                    raise WrongStateError("the question is answered")
                row.answer, row.answer_time = request.answer, now
                review = await store.find(session, row.patient_id, row.order_id, lock=True)
                if review is not None and review.state == State.ASKED:
                    store.move(review, Act.ANSWER, now)
                events.access_used(session, call, row.patient_id, now)
                events.push_about(session, row.patient_id, "review", row.order_id, row.pharmacist_id, now)
                return pb.AnswerQuestionResponse(question=question_message(row))

            response = await answer_once(session, call, request, pb.AnswerQuestionResponse, answer)
        await self._telling.wake()
        return response
