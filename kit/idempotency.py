"""AIP-155: a mutation's `request_id` is answered once; a repeat gets the first answer.

The answer is kept in the transaction of the work itself, so either both happened or neither.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.message import Message
from sqlalchemy import Index, func, text
from sqlmodel import Column, DateTime, Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.errors import ApricotError
from kit.retention import working
from kit.sealed import SealedBytes

ANSWER, DIGEST = "answered_request.answer", "answered_request.digest"
"""The sealed columns."""


class AnsweredRequest(SQLModel, table=True):
    """A mutation that was answered. Kept for a week."""

    __tablename__ = "answered_request"
    __retention__ = working("create_time", "7 days")
    __table_args__ = (Index("answered_request_create_time", "create_time", postgresql_using="brin"),)

    caller_id: UUID = Field(primary_key=True)
    request_id: UUID = Field(primary_key=True)
    digest: bytes = Field(sa_column=Column(SealedBytes(DIGEST), nullable=False))
    """Sealed too: of a short request, such as a rating, it could be guessed what it says."""
    answer: bytes = Field(sa_column=Column(SealedBytes(ANSWER), nullable=False))
    create_time: datetime | None = Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False),
    )


def digest(call_path: str, request: Message) -> bytes:
    """Tells whether two requests are the same: SHA-256 over method and body."""
    return hashlib.sha256(call_path.encode() + b"\0" + request.SerializeToString(deterministic=True)).digest()


def reused() -> ApricotError:
    """The refusal of a request id that comes with another body."""
    return ApricotError(Reason.REASON_REQUEST_ID_REUSED, "this request_id was used before for another request")


async def answer_once[M: Message](
    session: AsyncSession, call: Call, request: Any, answer_type: type[M], work: Callable[[], Awaitable[M]]
) -> M:
    """The first answer to this request, or `work`'s when it is new. Errors: REQUEST_ID_REUSED."""
    caller_id, request_id = call.caller.account_id, UUID(request.request_id)
    # Two of the same at once: the second waits here for the first one's commit.
    await (await session.connection()).execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"{caller_id}{request_id}"}
    )
    if (first := await first_answer(session, call, request, answer_type)) is not None:
        return first
    body = digest(call.method.path, request)  # before the work, which may change the request
    answer = await work()
    session.add(
        AnsweredRequest(caller_id=caller_id, request_id=request_id, digest=body, answer=answer.SerializeToString())
    )
    return answer


async def first_answer[M: Message](session: AsyncSession, call: Call, request: Any, answer_type: type[M]) -> M | None:
    """The answer that this request got before; none: it is new. Errors: REQUEST_ID_REUSED."""
    found = await session.get(AnsweredRequest, (call.caller.account_id, UUID(request.request_id)))
    if found is None:
        return None
    if found.digest != digest(call.method.path, request):
        raise reused()
    return answer_type.FromString(found.answer)
