"""How long an answer takes tells nothing of a phone: the work is the same for every one, statement by statement."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1 import auth_pb2
from sqlalchemy import Connection, event

from services.identity.passwords import Passwords
from tests.identity.running import Person, Running, new_phone, refused
from tests.identity.test_identity_guessing import by_code, by_password, with_password


class Work:
    """What was done while it was looked at."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.hashes = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Work) and (self.statements, self.hashes) == (other.statements, other.hashes)

    def __repr__(self) -> str:
        return f"{self.hashes} argon2id, {self.statements}"


@contextmanager
def looked_at(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """Counts what the block has done."""
    work, verify = Work(), Passwords._verify

    def counted(self: Passwords, stored: str, password: str) -> bool:
        work.hashes += 1
        assert "m=19456,t=2,p=1" in stored  # as costly for nobody's as for anybody's
        return verify(self, stored, password)

    def executed(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        work.statements.append(statement)

    engine = running.database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", executed)
    monkeypatch.setattr(Passwords, "_verify", counted)
    try:
        yield work
    finally:
        monkeypatch.undo()
        event.remove(engine, "before_cursor_execute", executed)


async def test_a_wrong_password_costs_the_same_work_for_every_phone(
    own: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a password, without one, with a second factor, without an account."""
    guarded = await own.enroll(await with_password(own))
    people: list[Person] = [await with_password(own), await own.sign_in(), guarded]
    done = []
    for phone in [*(person.phone for person in people), new_phone()]:
        with looked_at(own, monkeypatch) as work, refused(Reason.REASON_CREDENTIALS_INVALID):
            await own.auth("SignIn", by_password(phone, "not the password"))
        done.append(work)
    assert done[0].hashes == 1
    assert all(work == done[0] for work in done), done


async def test_a_code_costs_the_same_statements_for_every_phone(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """To send one, and to refuse a wrong one."""
    known, unknown = (await own.sign_in()).phone, new_phone()
    await own.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=unknown))  # both were sent one before
    own.clock.advance(minutes=2)
    done = []
    for phone in (known, unknown):
        with looked_at(own, monkeypatch) as sending:
            await own.auth("RequestCode", auth_pb2.RequestCodeRequest(phone=phone))
        with looked_at(own, monkeypatch) as refusing, refused(Reason.REASON_CREDENTIALS_INVALID):
            await own.auth("SignIn", by_code(phone, f"{(int(own.phones.codes[phone]) + 1) % 1_000_000:06d}"))
        done.append((sending, refusing))
    assert done[0][0].statements
    assert done[0] == done[1]
