"""Care relations as a service other than identity knows them: identity's answers, kept for seconds, dropped when a
grant changes; and the record that somebody else used a patient's data."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import grpc
import structlog
from apricot.access.v1.access_pb2 import Scope
from apricot.identity.v1 import care_pb2, events_pb2
from apricot.identity.v1.care_pb2_grpc import CareServiceStub

from kit import telemetry
from kit.access import denied
from kit.bus import Event
from kit.call import Call
from kit.times import to_datetime, to_timestamp
from kit.tokens import TokenVerifier
from kit.views import BEGINNING, END, View, Window

log = structlog.get_logger()

_KEEP_SECONDS = 5.0
_KEEP_AT_MOST = 100_000

type Key = tuple[UUID, frozenset[str], UUID]
"""Caller, the roles of the caller's session (a clinic's grants count in a clinical one alone), and patient."""
type Record = Callable[[Sequence[events_pb2.AccessUsed]], Awaitable[None]]
"""Stores the events of a use durably."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Identity's answer about one patient."""

    view: View
    expire_time: datetime | None
    """When a grant behind it ends by itself."""
    until: float
    """When the answer is to be asked for again, on the monotonic clock."""


class RemoteRelations:
    """Asks identity, and remembers."""

    def __init__(self, channel: grpc.aio.Channel, tokens: TokenVerifier, record: Record) -> None:
        self._care = CareServiceStub(channel)
        self._tokens = tokens
        self._record = record
        self._decisions: dict[Key, Decision] = {}
        self._changes = 0
        self.on_change: list[Callable[[str], None]] = []
        """Called with a patient's id when that patient's grants changed."""
        self.on_session_end: list[Callable[[frozenset[UUID]], None]] = []
        """Called with the sessions that ended."""

    async def require(
        self, call: Call, patients: Sequence[UUID], any_scope: Sequence[Scope.ValueType]
    ) -> Mapping[UUID, View]:
        """See `kit.access.CareRelations`; records the use, once for all messages of a stream."""
        decisions = await self.decide(call, patients)
        if not all(decision.view.allows_any(any_scope) for decision in decisions):
            raise denied()
        now = datetime.now(UTC)
        views = {patient: decision.view for patient, decision in zip(patients, decisions, strict=True)}
        uses = [
            _used(call, patient, _used_scope(view, any_scope), now)
            for patient, view in views.items()
            if patient not in call.views
        ]
        if uses:
            await self._record(uses)
        return views

    async def decide(self, call: Call, patients: Sequence[UUID]) -> list[Decision]:
        """One decision for each patient, with every change in it that is known by then; records nothing."""
        while True:
            changes = self._changes
            kept = {patient: self._kept(_key(call, patient)) for patient in patients}
            unknown = [patient for patient, decision in kept.items() if decision is None]
            answers = await self._ask(call, unknown) if unknown else {}
            if changes == self._changes:
                self._keep(call, answers)
                return [kept[patient] or answers[patient] for patient in patients]

    def on_identity_event(self, event: Event) -> None:
        """Take in what identity says; given to a `kit.feed.Feed` of its stream."""
        match event.kind:
            case "grant.changed":
                self._changes += 1
                patient = UUID(event.key)
                for key in [key for key in self._decisions if key[-1] == patient]:
                    del self._decisions[key]
                for changed in self.on_change:
                    changed(event.key)
            case "session.ended":
                ended = events_pb2.SessionEnded.FromString(event.payload)
                sessions = frozenset(map(UUID, ended.session_ids))
                self._tokens.end_sessions(sessions, datetime.now(UTC))
                for ended_too in self.on_session_end:
                    ended_too(sessions)

    def _kept(self, key: Key) -> Decision | None:
        decision = self._decisions.get(key)
        return decision if decision is not None and decision.until > time.monotonic() else None

    async def _ask(self, call: Call, patients: Sequence[UUID]) -> dict[UUID, Decision]:
        """Ask identity with the caller's own token."""
        request = care_pb2.CheckAccessRequest(patient_ids=[str(patient) for patient in patients])
        headers = {
            "authorization": f"Bearer {call.token}",
            "x-request-id": call.request_id,
            **telemetry.trace_headers(),
        }
        answer = await self._care.CheckAccess(request, timeout=3, metadata=tuple(headers.items()))
        until = time.monotonic() + _KEEP_SECONDS
        return {
            patient: _decision(decision, until) for patient, decision in zip(patients, answer.decisions, strict=True)
        }

    def _keep(self, call: Call, answers: Mapping[UUID, Decision]) -> None:
        if len(self._decisions) > _KEEP_AT_MOST:
            self._decisions.clear()
        for patient, decision in answers.items():
            self._decisions[_key(call, patient)] = decision


def _key(call: Call, patient: UUID) -> Key:
    return call.caller.account_id, call.caller.roles, patient


def _decision(answer: care_pb2.AccessDecision, until: float) -> Decision:
    view = View(frozenset(_window(window) for window in answer.windows))
    if not answer.HasField("expire_time"):
        return Decision(view, None, until)
    expire_time = to_datetime(answer.expire_time)
    remaining = (expire_time - datetime.now(UTC)).total_seconds()
    return Decision(view, expire_time, min(until, time.monotonic() + remaining))


def _window(window: care_pb2.AccessWindow) -> Window:
    return Window(
        window.scope,
        to_datetime(window.start_time) if window.HasField("start_time") else BEGINNING,
        to_datetime(window.end_time) if window.HasField("end_time") else END,
    )


def _used_scope(view: View, any_scope: Sequence[Scope.ValueType]) -> Scope.ValueType:
    """The first of the scopes that the caller holds."""
    return next(scope for scope in any_scope if view.allows(scope))


def _used(call: Call, patient: UUID, scope: Scope.ValueType, now: datetime) -> events_pb2.AccessUsed:
    return events_pb2.AccessUsed(
        patient_id=str(patient),
        actor_id=str(call.caller.account_id),
        action=call.method.action,
        time=to_timestamp(now),
        scope=scope,
    )
