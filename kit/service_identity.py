"""A service's own identity: it signs in by its secret, and asks identity whom a patient has let
in."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import grpc
from apricot.access.v1.access_pb2 import Scope
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.auth_pb2 import ServiceSecret, SignInRequest
from apricot.identity.v1.auth_pb2_grpc import AuthServiceStub
from apricot.identity.v1.care_pb2 import Carer, ListCarersRequest
from apricot.identity.v1.care_pb2_grpc import CareServiceStub

from kit.errors import from_rpc
from kit.times import to_datetime

_TIMEOUT_SECONDS = 3.0
_TOKEN_REASONS = {Reason.REASON_TOKEN_INVALID, Reason.REASON_TOKEN_EXPIRED, Reason.REASON_SESSION_ENDED}
_RENEW_BEFORE = timedelta(minutes=1)
_KEEP_SECONDS = 5.0
_KEEP_AT_MOST = 10_000


class ServiceIdentity:
    """Asks identity in a service's own name."""

    def __init__(self, channel: grpc.aio.Channel, service: str, secret: str) -> None:
        self._auth = AuthServiceStub(channel)
        self._care = CareServiceStub(channel)
        self._secret = ServiceSecret(service=service, secret=secret)
        self._token = ""
        self._renew_time = datetime.fromtimestamp(0, UTC)
        self._signing_in = asyncio.Lock()
        self._carers: dict[tuple[UUID, Scope.ValueType], tuple[float, Sequence[Carer]]] = {}

    async def carers(self, patient: UUID, scope: Scope.ValueType) -> Sequence[Carer]:
        """Who may act with this scope on a patient's data, as of a few seconds ago at most. Errors: an outage."""
        kept = self._carers.get((patient, scope))
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        answer = await self.ask(self._care.ListCarers, ListCarersRequest(patient_id=str(patient), scope=scope))
        if len(self._carers) >= _KEEP_AT_MOST:
            self._carers.clear()
        self._carers[patient, scope] = time.monotonic() + _KEEP_SECONDS, answer.carers
        return answer.carers

    async def ask[Q, A](self, method: "grpc.aio.UnaryUnaryMultiCallable[Q, A]", request: Q) -> A:
        """A method's answer to this service. Errors: `grpc.aio.AioRpcError`."""
        metadata = (("authorization", f"Bearer {await self._fresh_token()}"),)
        try:
            return await method(request, timeout=_TIMEOUT_SECONDS, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            if (refusal := from_rpc(error)) is not None and refusal.reason in _TOKEN_REASONS:
                self._renew_time = datetime.now(UTC)  # its keys are others now: the next try signs in anew
            raise

    async def _fresh_token(self) -> str:
        async with self._signing_in:
            if datetime.now(UTC) >= self._renew_time:
                request = SignInRequest(service_secret=self._secret)
                tokens = (await self._auth.SignIn(request, timeout=_TIMEOUT_SECONDS)).tokens
                self._token = tokens.access_token
                self._renew_time = to_datetime(tokens.access_expire_time) - _RENEW_BEFORE
        return self._token
