"""A request id is answered once, also when the same request comes twice at once."""

import asyncio
from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.diary_pb2 import AmendEntryRequest, AmendEntryResponse

from kit.call import Call
from kit.errors import ApricotError
from kit.idempotency import answer_once
from tests.kit.calls import call
from tests.kit.conftest import Service


class Work:
    """Answers with how often it was done; the first times it fails, if it shall."""

    def __init__(self, failures: int = 0) -> None:
        self.done = 0
        self._failures = failures

    async def __call__(self) -> AmendEntryResponse:
        self.done += 1
        if self.done <= self._failures:
            raise LookupError("not yet")
        answer = AmendEntryResponse()
        answer.entry.revision = self.done
        return answer


async def answer(service: Service, caller: Call, request: AmendEntryRequest, work: Work) -> int:
    async with service.database.transaction() as session:
        return (await answer_once(session, caller, request, AmendEntryResponse, work)).entry.revision


async def test_twenty_at_once_are_one(service: Service) -> None:
    work, caller, request = Work(), call(), AmendEntryRequest(request_id=str(uuid4()))
    answers = await asyncio.gather(*(answer(service, caller, request, work) for _ in range(20)))
    assert (set(answers), work.done) == ({1}, 1)


async def test_what_failed_was_not_answered(service: Service) -> None:
    work, caller, request = Work(failures=1), call(), AmendEntryRequest(request_id=str(uuid4()))
    with pytest.raises(LookupError):
        await answer(service, caller, request, work)
    assert await answer(service, caller, request, work) == 2


async def test_another_body_is_refused_and_another_caller_is_not(service: Service) -> None:
    work, caller, request = Work(), call(), AmendEntryRequest(request_id=str(uuid4()))
    await answer(service, caller, request, work)
    assert await answer(service, call(), request, work) == 2
    request.note = "another"
    with pytest.raises(ApricotError) as caught:
        await answer(service, caller, request, work)
    assert caught.value.reason == Reason.REASON_REQUEST_ID_REUSED
