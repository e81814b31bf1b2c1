"""The open watches: who watches whom, so that each shows what its rights are now, and ends when they do."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import structlog
from apricot.errors.v1.reason_pb2 import Reason

from kit import telemetry
from kit.call import Call
from kit.errors import ApricotError
from kit.hub import Subscription
from kit.relations import Decision, RemoteRelations
from services.glucose.rpc.rights import Rights
from services.glucose.rpc.sharing import WATCHED_SCOPES

log = structlog.get_logger()


MOST_OF_ACCOUNT = 100
"""Watches of one account in this process: each of its devices has one."""
_LEAST_SECONDS = 0.2
"""Between two checks of one grant, were its end already past by this machine's clock."""


class Watchers:
    """Narrows, widens or ends watches when grants change; ends them with the session, or when the process drains."""

    def __init__(self, relations: RemoteRelations) -> None:
        self._relations = relations
        self._open: dict[Subscription, tuple[Call, Rights]] = {}
        self._of_account = Counter[UUID]()
        self._checks: set[asyncio.Task[None]] = set()
        relations.on_change.append(self._on_grants_changed)
        relations.on_session_end.append(self._on_sessions_ended)

    @contextmanager
    def open(self, call: Call, subscription: Subscription) -> Iterator[Rights]:
        """Keep an eye on this watch while it is open; what it may show. Errors: TOO_MANY."""
        account = call.caller.account_id
        if self._of_account[account] >= MOST_OF_ACCOUNT:
            raise ApricotError(Reason.REASON_TOO_MANY, f"{MOST_OF_ACCOUNT} watches are open here")
        self._of_account[account] += 1
        rights = Rights(call.caller.account_id)
        self._open[subscription] = call, rights
        telemetry.WATCHERS.inc()
        try:
            yield rights
        finally:
            del self._open[subscription]
            telemetry.WATCHERS.dec()
            self._of_account[account] -= 1
            if not self._of_account[account]:
                del self._of_account[account]

    def drain(self) -> None:
        """End every watch; its client goes on at another replica."""
        for subscription in self._open:
            subscription.end(ApricotError(Reason.REASON_UNAVAILABLE, "this replica is stopping; resume elsewhere"))

    def judge(self, subscription: Subscription, call: Call, patient: str, decision: Decision) -> None:
        """From now on the watch shows what was decided, or ends when that is nothing; ask again when a grant behind it
        ends by itself."""
        if subscription not in self._open:
            return
        _, rights = self._open[subscription]
        rights.keep(patient, decision.view)
        if not decision.view.allows_any(WATCHED_SCOPES):
            subscription.end(grant_ended(patient))
        elif decision.expire_time is not None and decision.expire_time < call.caller.expire_time:
            seconds = (decision.expire_time - datetime.now(UTC)).total_seconds()
            asyncio.get_running_loop().call_later(
                max(_LEAST_SECONDS, seconds), self._begin_check, subscription, call, patient
            )

    def _on_grants_changed(self, patient: str) -> None:
        for subscription, (call, _) in self._open.items():
            if patient in subscription.keys and patient != str(call.caller.account_id):
                self._begin_check(subscription, call, patient)

    def _begin_check(self, subscription: Subscription, call: Call, patient: str) -> None:
        if subscription in self._open:
            task = asyncio.create_task(self._check(subscription, call, patient))
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)
            _, rights = self._open[subscription]
            rights.doubt(patient, task)

    def _on_sessions_ended(self, sessions: frozenset[UUID]) -> None:
        for subscription, (call, _) in self._open.items():
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
