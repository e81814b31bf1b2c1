"""A running platform as its operator reaches it: through the gateway, as an admin who signs in anew each time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc
import typer
from apricot.identity.v1 import auth_pb2
from apricot.identity.v1.auth_pb2_grpc import AuthServiceStub
from google.rpc import error_details_pb2, status_pb2

_SECONDS = 15.0
_LONG_SECONDS = 60.0


@dataclass(frozen=True)
class Gateway:
    """Where the platform is, and who signs in."""

    address: str
    """`host:port`."""
    tls: bool
    phone: str
    by_password: bool

    @contextmanager
    def channel(self) -> Iterator[grpc.Channel]:
        """A connection; whatever the platform refuses ends the command with the reason."""
        channel = (
            grpc.secure_channel(self.address, grpc.ssl_channel_credentials())
            if self.tls
            else grpc.insecure_channel(self.address)
        )
        with channel:
            try:
                yield channel
            except grpc.RpcError as error:
                typer.echo(f"apricot: {_reason(error)}: {error.details()}", err=True)
                raise typer.Exit(1) from error

    @contextmanager
    def operator(self) -> Iterator["Operator"]:
        """Signed in. The tokens live in memory, and the session ends with the block."""
        with self.channel() as channel:
            operator = Operator(channel, self._sign_in(channel))
            try:
                yield operator
            finally:
                operator.call(AuthServiceStub(channel).SignOut, auth_pb2.SignOutRequest())

    def _sign_in(self, channel: grpc.Channel) -> auth_pb2.SignInResponse:
        auth, request = AuthServiceStub(channel), self._credential(channel)
        try:
            return auth.SignIn(request, timeout=_SECONDS)
        except grpc.RpcError as error:
            if _reason(error) != "SECOND_FACTOR_REQUIRED":
                raise
        request.totp_code = typer.prompt("Code of the second factor")
        return auth.SignIn(request, timeout=_SECONDS)

    def _credential(self, channel: grpc.Channel) -> auth_pb2.SignInRequest:
        phone = self.phone or typer.prompt("Phone, such as +8613800138000")
        if self.by_password:
            secret = typer.prompt("Password", hide_input=True)
            password = auth_pb2.PhonePassword(phone=phone, password=secret)
            return auth_pb2.SignInRequest(phone_password=password, device_name="apricot admin")
        AuthServiceStub(channel).RequestCode(auth_pb2.RequestCodeRequest(phone=phone), timeout=_SECONDS)
        code = auth_pb2.PhoneCode(phone=phone, code=typer.prompt("Code sent to the phone"))
        return auth_pb2.SignInRequest(phone_code=code, device_name="apricot admin")


class Operator:
    """Calls as the signed-in account."""

    def __init__(self, channel: grpc.Channel, signed_in: auth_pb2.SignInResponse) -> None:
        self.channel = channel
        self.account = signed_in.account
        self._fresh_proof = signed_in.fresh_proof
        self._metadata = (("authorization", f"Bearer {signed_in.tokens.access_token}"),)

    def call[Q, A](self, method: Callable[..., A], request: Q, *, long: bool = False) -> A:
        """One call; a mutation without a request id gets one, and a sensitive one the proof of the sign-in."""
        if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:  # type: ignore[attr-defined]
            request.request_id = str(uuid4())  # type: ignore[attr-defined]
        if "fresh_proof" in request.DESCRIPTOR.fields_by_name:  # type: ignore[attr-defined]
            request.fresh_proof = self._fresh_proof  # type: ignore[attr-defined]
        return method(request, timeout=_LONG_SECONDS if long else _SECONDS, metadata=self._metadata)

    def pages[A](self, method: Callable[..., A], request: Any) -> Iterator[A]:
        """Every page of a list."""
        while True:
            page: Any = self.call(method, request)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


def _reason(error: grpc.RpcError) -> str:
    """The contract's reason, or the status of an error that brings none."""
    metadata: Any = error.trailing_metadata() or ()
    trailers: dict[str, Any] = dict(metadata)
    info = error_details_pb2.ErrorInfo()
    for detail in status_pb2.Status.FromString(trailers.get("grpc-status-details-bin", b"")).details:
        if detail.Unpack(info):
            return str(info.reason)
    return str(error.code().name)
