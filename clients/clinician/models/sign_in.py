"""Signing in, step by step; each refusal is at the field that it is about."""

import asyncio
import platform
import re
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from apricot.access.v1.access_pb2 import ROLE_CLINICIAN
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.account_pb2 import Account, GetMeRequest
from PySide6.QtCore import QObject, QTimer, Signal

from clients.clinician.models.problems import Problems
from clients.clinician.models.saved_session import Keeping, SessionStore
from clients.clinician.models.tasks import Tasks
from clients.sdk import Apricot, ApricotError, SavedSession, Session

_PAUSE_SECONDS = 1.0
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_CHINESE_MOBILE = re.compile(r"1[0-9]{10}")


class OneTimeCodes(Protocol):
    """A second factor's codes, each of which counts once."""

    def seconds_to_next(self) -> float:
        """Until there is one that was not used yet."""
        ...

    def next(self) -> str:
        """It."""
        ...


@dataclass(frozen=True)
class Credentials:
    """Of an account of the local demo; nobody else's are ever given so."""

    phone: str
    code: str
    codes: OneTimeCodes


class Step(StrEnum):
    """What is asked for."""

    PHONE = "phone"
    CODE = "code"
    PASSWORD = "password"  # noqa: S105  the name of a step
    SECOND_FACTOR = "second factor"
    WAITING = "waiting"
    """Nothing: a stored session is resumed, or the demo's clinician signs in."""


class Cause(StrEnum):
    """Why she cannot go on."""

    REFUSED = "refused"
    """As the error says."""
    PHONE_MALFORMED = "phone malformed"
    NOT_A_CLINICIAN = "not a clinician"
    SECOND_FACTOR_MISSING = "second factor missing"
    """The account has none yet, and without it nobody is a clinician."""


@dataclass(frozen=True)
class Refusal:
    """At the present step's field."""

    cause: Cause
    error: ApricotError | None = None


class Why(StrEnum):
    """What led here."""

    START = "start"
    SESSION_ENDED = "session ended"
    SIGNED_OUT = "signed out"


@dataclass(frozen=True)
class SignedIn:
    """A clinician's session."""

    session: Session
    account: Account
    resumed: bool = False
    """Nobody has shown anything: it was stored on this computer."""


class SignIn(QObject):
    """Until a clinician is signed in."""

    changed = Signal()
    """Step, refusal, busy, a countdown, or whether she can stay signed in."""
    signed_in = Signal(object)
    """SignedIn; once."""

    def __init__(
        self,
        apricot: Apricot,
        store: SessionStore,
        why: Why = Why.START,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.why = why
        self.step = Step.PHONE
        self.refusal: Refusal | None = None
        self.busy = False
        self.phone = ""
        self._apricot = apricot
        self._store = store
        self._clock = clock
        self._tasks = Tasks(Problems())
        self._code = self._password = ""
        self._wait_until = self._resend_from = 0.0
        self._timer = QTimer(self, interval=250)
        self._timer.timeout.connect(self._count_down)
        store.changed.connect(self.changed)

    @property
    def wait_seconds(self) -> int:
        """The platform asks to wait so long before the next try; rounded up."""
        return max(0, -int(-(self._wait_until - self._clock()) // 1))

    @property
    def keeping(self) -> Keeping:
        """Whether she can stay signed in on this computer."""
        return self._store.keeping

    @property
    def resend_seconds(self) -> int:
        """Until another code may be asked for."""
        return max(0, -int(-(self._resend_from - self._clock()) // 1))

    def send_code(self, phone: str) -> None:
        """To the phone, as it was typed."""
        if self._take_phone(phone):
            self._begin(self._send_code())

    def use_password(self, phone: str) -> None:
        """Rather than a code."""
        if self._take_phone(phone):
            self._enter(Step.PASSWORD)

    def back(self) -> None:
        """To the phone; a resume underway is given up, and stays stored."""
        self._tasks.cancel()
        self.busy = False
        self._code = self._password = ""
        self._enter(Step.PHONE)

    def give_code(self, code: str, *, stay: bool) -> None:
        self._code, self._password = code.strip(), ""
        self._begin(self._sign_in("", stay))

    def give_password(self, password: str, *, stay: bool) -> None:
        self._code, self._password = "", password
        self._begin(self._sign_in("", stay))

    def give_second_factor(self, totp: str, *, stay: bool) -> None:
        self._begin(self._sign_in(totp.strip(), stay))

    def resume(self, saved: SavedSession) -> None:
        """Go on with a stored session, as soon as the platform answers."""
        self._enter(Step.WAITING)
        self._begin(self._resume(saved))

    def enter_demo(self, credentials: Credentials) -> None:
        """As the demo's clinician."""
        self._enter(Step.WAITING)
        self._begin(self._enter_demo(credentials))

    async def close(self) -> None:
        """Give up what is underway."""
        self._timer.stop()
        await self._tasks.close()

    def _take_phone(self, typed: str) -> bool:
        phone = re.sub(r"[\s().-]", "", typed)
        self.phone = f"+86{phone}" if _CHINESE_MOBILE.fullmatch(phone) else phone
        if not _PHONE.fullmatch(self.phone):
            self._refuse(Refusal(Cause.PHONE_MALFORMED))
            return False
        return True

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self.busy, self.refusal = True, None
        self._timer.start()
        self._tasks.spawn(work)
        self.changed.emit()

    def _enter(self, step: Step) -> None:
        self.step, self.refusal = step, None
        self.changed.emit()

    def _refuse(self, refusal: Refusal) -> None:
        self.refusal, self.busy = refusal, False
        if refusal.error is not None and refusal.error.reason == Reason.REASON_RATE_LIMITED:
            self._wait_until = self._clock() + refusal.error.retry_after_seconds
        self.changed.emit()

    async def _send_code(self) -> None:
        try:
            answer = await self._apricot.request_code(self.phone)
        except ApricotError as error:
            if error.reason != Reason.REASON_RATE_LIMITED:
                self._refuse(Refusal(Cause.REFUSED, error))
                return
            # One was sent a moment ago, and may have come.
            self._resend_from = self._clock() + error.retry_after_seconds
        else:
            self._resend_from = self._clock() + answer.retry_after_seconds
        self.busy = False
        self._enter(Step.CODE)

    async def _sign_in(self, totp: str, stay: bool) -> None:
        self._store.staying = stay
        try:
            session = await self._open(totp)
        except ApricotError as error:
            if error.reason == Reason.REASON_SECOND_FACTOR_REQUIRED:
                self.busy = False
                self._enter(Step.SECOND_FACTOR)
                return
            if error.reason == Reason.REASON_CREDENTIALS_INVALID:
                self.step = Step.CODE if self._code else Step.PASSWORD
            self._refuse(Refusal(Cause.REFUSED, error))
        else:
            if not stay:
                self._store.forget()
            await self._welcome(session)

    async def _open(self, totp: str) -> Session:
        device, kept = f"Apricot on {platform.node()}"[:100], self._store.keep
        if self._code:
            return await self._apricot.sign_in_with_code(
                self.phone, self._code, totp=totp, device_name=device, on_change=kept
            )
        return await self._apricot.sign_in_with_password(
            self.phone, self._password, totp=totp, device_name=device, on_change=kept
        )

    async def _welcome(self, session: Session) -> None:
        answer = session.signed_in
        assert answer is not None  # noqa: S101  it has just been given
        self._code = self._password = ""
        cause = None
        if answer.second_factor_enrollment_required:
            cause = Cause.SECOND_FACTOR_MISSING
        elif ROLE_CLINICIAN not in answer.account.roles:
            cause = Cause.NOT_A_CLINICIAN
        if cause is None:
            self._done(SignedIn(session, answer.account))
            return
        with suppress(ApricotError):  # forgotten here in any case; without its tokens it ends by itself
            await session.sign_out()
        self._store.forget()
        self.step = Step.PHONE
        self._refuse(Refusal(cause))

    async def _resume(self, saved: SavedSession) -> None:
        self._store.staying = True
        session = self._apricot.resume(saved, on_change=self._store.keep)
        while True:
            try:
                account = (await session.account.GetMe(GetMeRequest())).account
            except ApricotError as error:
                if not error.temporary:
                    self.busy, self.why = False, Why.SESSION_ENDED
                    self._enter(Step.PHONE)
                    return
                self._refuse(Refusal(Cause.REFUSED, error))
                await asyncio.sleep(max(_PAUSE_SECONDS, error.retry_after_seconds))
            else:
                self._done(SignedIn(session, account, resumed=True))
                return

    async def _enter_demo(self, credentials: Credentials) -> None:
        self.phone, self._code = credentials.phone, credentials.code
        self._store.staying = False
        while True:
            # The running demo signs in as the same clinician, and uses codes up.
            seconds = credentials.codes.seconds_to_next()
            self._wait_until = self._clock() + seconds
            await asyncio.sleep(seconds)
            try:
                session = await self._open(credentials.codes.next())
            except ApricotError as error:
                if error.reason == Reason.REASON_SECOND_FACTOR_INVALID:
                    continue
                self._refuse(Refusal(Cause.REFUSED, error))
                if not error.temporary:
                    self.step = Step.PHONE
                    self.changed.emit()
                    return
                await asyncio.sleep(max(_PAUSE_SECONDS, error.retry_after_seconds))
            else:
                await self._welcome(session)
                return

    def _done(self, signed_in: SignedIn) -> None:
        self.busy = False
        self._timer.stop()
        self.signed_in.emit(signed_in)

    def _count_down(self) -> None:
        if self.wait_seconds or self.resend_seconds or self.refusal is not None:
            self.changed.emit()
