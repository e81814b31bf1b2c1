"""Signing in the demo's people, as long as it takes."""

import asyncio
import time
from collections.abc import Callable

import pyotp
from apricot.identity.v1.account_pb2 import Account

from clients.sdk import Apricot, ApricotError, Reason, Session
from stack.demo.accounts import CODE, TOTP_SECRET

type Say = Callable[[str], None]

_STEP_SECONDS = 30  # of TOTP, RFC 6238
_PAUSE_SECONDS = 1.0
_DEVICE = "apricot up --demo"


class SignedIn:
    """Somebody signed in, and signed in again when their session has ended."""

    def __init__(self, apricot: Apricot, phone: str, say: Say, *, second_factor: bool = False) -> None:
        self._apricot = apricot
        self._phone = phone
        self._say = say
        self._totp = TotpCodes() if second_factor else None
        self._session: Session | None = None
        self.name = phone
        """For people; set it when there is a better one."""

    @property
    def session(self) -> Session:
        """The present session."""
        if self._session is None:
            raise LookupError("not signed in yet")
        return self._session

    @property
    def account(self) -> Account:
        """As it was at sign-in."""
        if self.session.signed_in is None:
            raise LookupError("a resumed session")
        return self.session.signed_in.account

    @property
    def account_id(self) -> str:
        return self.account.account_id

    async def sign_in(self) -> None:
        """Sign in; says what it waits for. Errors: ApricotError where waiting does not help."""
        said = ""
        while True:
            try:
                code = await self._second_factor_code()
                self._session = await self._apricot.sign_in_with_code(self._phone, CODE, totp=code, device_name=_DEVICE)
                return
            except ApricotError as error:
                if error.reason == Reason.REASON_SECOND_FACTOR_INVALID and self._totp:
                    continue
                if not error.temporary:
                    raise
                if str(error) != said:
                    said = str(error)
                    self._say(f"{self.name} cannot sign in yet: {error}")
                await asyncio.sleep(max(_PAUSE_SECONDS, error.retry_after_seconds))

    async def _second_factor_code(self) -> str:
        if self._totp is None:
            return ""
        if seconds := self._totp.seconds_to_next():
            self._say(f"{self.name} signs in again: a one-time code counts once, the next comes in {seconds:.0f} s")
            await asyncio.sleep(seconds)
        return self._totp.next()

    async def recover(self, error: ApricotError) -> None:
        """After a failed call: a new session where the old one has ended."""
        if error.reason == Reason.REASON_SESSION_ENDED:
            await self.sign_in()


class TotpCodes:
    """The one-time codes of RFC 6238, each once: the present step's, then the next one's, which is accepted already."""

    def __init__(self) -> None:
        self._totp = pyotp.TOTP(TOTP_SECRET, interval=_STEP_SECONDS)
        self._last_step = 0

    def seconds_to_next(self) -> float:
        """Until the platform may accept a code that was not tried yet."""
        return max(0.0, (self._next_step() - 1) * _STEP_SECONDS - time.time())

    def next(self) -> str:
        self._last_step = self._next_step()
        return self._totp.generate_otp(self._last_step)

    def _next_step(self) -> int:
        return max(self._last_step + 1, int(time.time()) // _STEP_SECONDS)
