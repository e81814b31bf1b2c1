"""Signing in the demo's people, as long as it takes."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

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

    def __init__(self, apricot: Apricot, phone: str, say: Say, *, second_factor: bool) -> None:
        self._apricot = apricot
        self._phone = phone
        self._say = say
        self._second_factor = second_factor
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
        """Sign in; says what it waits for."""
        codes = _TotpCodes() if self._second_factor else None
        said = ""
        while True:
            try:
                totp = await codes.next() if codes else ""
                self._session = await self._apricot.sign_in_with_code(
                    self._phone, CODE, totp=totp, device_name=_DEVICE
                )
                return
            except ApricotError as error:
                invalid = error.reason == Reason.REASON_SECOND_FACTOR_INVALID
                if not (invalid or error.temporary):
                    raise
                if invalid and codes and codes.more:
                    continue
                why = "each one-time code counts once; waiting for the next" if invalid else str(error)
                if why != said:
                    self._say(f"{self.name} signs in: {why}")
                said = why
                if not invalid:
                    await asyncio.sleep(max(_PAUSE_SECONDS, error.retry_after_seconds))

    async def recover(self, error: ApricotError) -> None:
        """After a failed call: a new session where the old one has ended."""
        if error.reason == Reason.REASON_SESSION_ENDED:
            await self.sign_in()
