"""Where it begins: the platform's address, and signing in."""

from typing import Self
from weakref import WeakSet

import grpc
from apricot.identity.v1.auth_pb2 import (
    PhoneCode,
    PhonePassword,
    RefreshTokenRequest,
    RequestCodeRequest,
    RequestCodeResponse,
    ServiceSecret,
    SignInRequest,
    TokenPair,
)
from apricot.identity.v1.auth_pb2_grpc import AuthServiceStub

from clients.sdk.calls import Calls
from clients.sdk.channel import open_channel
from clients.sdk.pace import Pace
from clients.sdk.session import Session
from clients.sdk.tokens import OnChange, Renew, SavedSession, TokenKeeper


class Apricot:
    """A client of one platform, for any number of sessions. Make it inside a running event loop:

    `async with Apricot("apricot.example:443", tls=True) as apricot: …`

    `tls`: True trusts the system's roots, bytes are root certificates (PEM) to trust, False is for a local stack.
    Errors of every method: ApricotError.
    """

    def __init__(self, address: str, *, tls: bool | bytes = False, pace: Pace | None = None) -> None:
        self._address = address
        self._tls = tls
        self._pace = pace or Pace()
        self._channel = self._open(Calls(self._pace))
        self._auth = AuthServiceStub(self._channel)
        self._sessions: WeakSet[Session] = WeakSet()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every session's connection. The sessions stay signed in."""
        for session in list(self._sessions):
            await session.close()
        await self._channel.close()

    async def request_code(self, phone: str) -> RequestCodeResponse:
        """Have a one-time code sent to a phone ("+8613800138000"). Errors: RATE_LIMITED."""
        return await self._auth.RequestCode(RequestCodeRequest(phone=phone))

    async def sign_in_with_code(
        self,
        phone: str,
        code: str,
        *,
        totp: str = "",
        recovery_code: str = "",
        device_name: str = "",
        on_change: OnChange | None = None,
    ) -> Session:
        """Sign in by the code sent to the phone. `on_change` gets what to store for `resume`, each time it changes.

        Errors: CREDENTIALS_INVALID, SECOND_FACTOR_REQUIRED (again with `totp` or a `recovery_code`),
        SECOND_FACTOR_INVALID, RATE_LIMITED.
        """
        credential = PhoneCode(phone=phone, code=code)
        return await self._sign_in(
            SignInRequest(phone_code=credential, totp_code=totp, recovery_code=recovery_code, device_name=device_name),
            on_change,
        )

    async def sign_in_with_password(
        self,
        phone: str,
        password: str,
        *,
        totp: str = "",
        recovery_code: str = "",
        device_name: str = "",
        on_change: OnChange | None = None,
    ) -> Session:
        """Sign in by the account's password; the rest as `sign_in_with_code`."""
        credential = PhonePassword(phone=phone, password=password)
        return await self._sign_in(
            SignInRequest(
                phone_password=credential, totp_code=totp, recovery_code=recovery_code, device_name=device_name
            ),
            on_change,
        )

    async def sign_in_as_service(self, service: str, secret: str) -> Session:
        """Sign in a service of Apricot's own. It has no refresh token: its secret signs it in again."""
        request = SignInRequest(service_secret=ServiceSecret(service=service, secret=secret))

        async def sign_in_again(_: SavedSession) -> TokenPair:
            return (await self._auth.SignIn(request)).tokens

        return await self._sign_in(request, renew=sign_in_again)

    def resume(self, saved: SavedSession, *, on_change: OnChange | None = None) -> Session:
        """Go on with a stored session. It asks the platform at the first call: that may raise SESSION_ENDED."""
        tokens = self._keeper(self._refresh, on_change)
        tokens.resume(saved)
        return self._session(Session(self._open, tokens, self._pace))

    async def _sign_in(
        self, request: SignInRequest, on_change: OnChange | None = None, renew: Renew | None = None
    ) -> Session:
        answer = await self._auth.SignIn(request)
        tokens = self._keeper(renew or self._refresh, on_change)
        tokens.accept(answer.tokens)
        answer.ClearField("tokens")  # the keeper has them; nothing else shall show them
        return self._session(Session(self._open, tokens, self._pace, answer))

    async def _refresh(self, saved: SavedSession) -> TokenPair:
        request = RefreshTokenRequest(request_id=saved.refresh_request_id, refresh_token=saved.refresh_token)
        return (await self._auth.RefreshToken(request)).tokens

    def _keeper(self, renew: Renew, on_change: OnChange | None) -> TokenKeeper:
        return TokenKeeper(renew, margin_seconds=self._pace.refresh_margin, on_change=on_change)

    def _session(self, session: Session) -> Session:
        self._sessions.add(session)
        return session

    def _open(self, calls: Calls) -> grpc.aio.Channel:
        return open_channel(self._address, tls=self._tls, interceptors=[calls])
