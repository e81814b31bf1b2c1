"""`apricot.glucose.v1.WatchService`."""

from collections.abc import AsyncIterator
from uuid import UUID

from apricot.access.v1.access_pb2 import Scope
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse

from kit.bus import Bus
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError
from kit.feed import Feed
from kit.hub import Hub
from kit.relations import RemoteRelations
from services.glucose.rpc.live import LiveStream, RightEnd
from services.glucose.rpc.resume import Position
from services.glucose.rpc.watchers import Watchers, grant_ended


class Watch:
    """Live streams."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        feed: Feed,
        hub: Hub,
        relations: RemoteRelations,
        watchers: Watchers,
        clock: Clock,
    ) -> None:
        self._database = database
        self._bus = bus
        self._feed = feed
        self._hub = hub
        self._relations = relations
        self._watchers = watchers
        self._clock = clock

    async def WatchPatients(self, request: WatchPatientsRequest, call: Call) -> AsyncIterator[WatchPatientsResponse]:
        resumed = Position.decode(request.resume_token) if request.resume_token else None
        subscription = self._hub.subscribe(request.patient_ids)
        try:
            with self._watchers.open(call, subscription):
                right_end = await self._right_end(request, call)
                stream = LiveStream(
                    self._database, self._bus, self._feed, self._hub, subscription, self._clock, right_end
                )
                async for message in stream.begin(request, resumed):
                    yield message
                async for message in stream.go_on():
                    yield message
        finally:
            self._hub.unsubscribe(subscription)

    async def _right_end(self, request: WatchPatientsRequest, call: Call) -> RightEnd:
        """The end of the token, or of a grant that ends by itself before. Asked once the watch is kept an eye on, so
        that no change of a grant falls between the check and the watch."""
        end = RightEnd(
            call.caller.expire_time, ApricotError(Reason.REASON_TOKEN_EXPIRED, "the access token has expired; resume")
        )
        others = [patient for patient in request.patient_ids if patient != str(call.caller.account_id)]
        decisions = await self._relations.decide(call, [UUID(patient) for patient in others], Scope.SCOPE_GLUCOSE_READ)
        for patient, decision in zip(others, decisions, strict=True):
            if not decision.allowed:
                raise grant_ended(patient)
            if decision.expire_time is not None and decision.expire_time < end.time:
                end = RightEnd(decision.expire_time, grant_ended(patient))
        return end
