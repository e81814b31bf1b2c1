"""The open watches: who watches whom, so that each ends when its right does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import structlog
from apricot.access.v1.access_pb2 import Scope
from apricot.errors.v1.reason_pb2 import Reason

from kit import telemetry
from kit.call import Call
from kit.errors import ApricotError
from kit.hub import Subscription
from kit.relations import Decision, RemoteRelations

log = structlog.get_logger()


_LEAST_SECONDS = 0.2
"""Between two checks of one grant, were its end already past by this machine's clock."""


class Watchers:
    """Ends watches when a grant or a session ends, or the process drains."""

    def __init__(self, relations: RemoteRelations) -> None:
        self._relations = relations
        self._open: dict[Subscription, Call] = {}
        self._checks: set[asyncio.Task[None]] = set()
        relations.on_change.append(self._on_grants_changed)
        relations.on_session_end.append(self._on_sessions_ended)

    @contextmanager
    def open(self, call: Call, subscription: Subscription) -> Iterator[None]:
        """Keep an eye on this watch while it is open."""
        self._open[subscription] = call
        telemetry.WATCHERS.inc()
        try:
            yield
        finally:
            del self._open[subscription]
            telemetry.WATCHERS.dec()

    def drain(self) -> None:
        """End every watch; its client goes on at another replica."""
        for subscription in self._open:
            subscription.end(ApricotError(Reason.REASON_UNAVAILABLE, "this replica is stopping; resume elsewhere"))

    def judge(self, subscription: Subscription, call: Call, patient: str, decision: Decision) -> None:
        """End the watch that is not allowed; ask again when the grant that allows it ends by itself."""
        if not decision.view.allows(Scope.SCOPE_GLUCOSE_READ):
            subscription.end(grant_ended(patient))
        elif decision.expire_time is not None and decision.expire_time < call.caller.expire_time:
            seconds = (decision.expire_time - datetime.now(UTC)).total_seconds()
            asyncio.get_running_loop().call_later(
                max(_LEAST_SECONDS, seconds), self._begin_check, subscription, call, patient
            )

    def _on_grants_changed(self, patient: str) -> None:
        for subscription, call in self._open.items():
            if patient in subscription.keys and patient != str(call.caller.account_id):
                self._begin_check(subscription, call, patient)

    def _begin_check(self, subscription: Subscription, call: Call, patient: str) -> None:
        if subscription in self._open:
            task = asyncio.create_task(self._check(subscription, call, patient))
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)

    def _on_sessions_ended(self, sessions: frozenset[UUID]) -> None:
        for subscription, call in self._open.items():
            if call.caller.session_id in sessions:
                subscription.end(ApricotError(Reason.REASON_SESSION_ENDED, "the session has ended"))

    async def _check(self, subscription: Subscription, call: Call, patient: str) -> None:
        """Ask again whether this watch is allowed; when nobody can tell, it is not."""
        try:
            (decision,) = await self._relations.decide(call, [UUID(patient)])
        except Exception as error:  # noqa: BLE001  whatever it was, the client asks again
            log.warning("a watch could not be checked again", error=type(error).__name__)
            subscription.end(ApricotError(Reason.REASON_UNAVAILABLE, "the access could not be checked again"))
            return
        self.judge(subscription, call, patient, decision)


def grant_ended(patient: str) -> ApricotError:
    """The end of a watch whose right is gone."""
    return ApricotError(
        Reason.REASON_GRANT_ENDED, "the grant behind this watch has ended", metadata={"patient_id": patient}
    )
