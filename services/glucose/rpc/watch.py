"""`apricot.glucose.v1.WatchService`."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from uuid import UUID

from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest

from kit.call import Call
from kit.hub import Subscription
from kit.relations import RemoteRelations
from services.glucose.rpc.live import LiveStream, Sources, Update
from services.glucose.rpc.resume import Position
from services.glucose.rpc.watchers import Watchers


class Watch:
    """Live streams."""

    def __init__(self, sources: Sources, relations: RemoteRelations, watchers: Watchers) -> None:
        self._sources = sources
        self._relations = relations
        self._watchers = watchers

    async def WatchPatients(self, request: WatchPatientsRequest, call: Call) -> AsyncGenerator[Update]:
        resumed = Position.decode(request.resume_token) if request.resume_token else None
        # Events name patients in lower case, whatever the request does.
        patients = list(dict.fromkeys(str(UUID(patient)) for patient in request.patient_ids))
        request.patient_ids[:] = patients
        subscription = self._sources.hub.subscribe(patients)
        try:
            with self._watchers.open(call, subscription) as rights:
                await self._judge(subscription, call, patients)
                stream = LiveStream(self._sources, subscription, rights, token_end=call.caller.expire_time)
                for part in stream.begin(request, resumed), stream.go_on():
                    async with aclosing(part):
                        async for message in part:
                            yield message
        finally:
            self._sources.hub.unsubscribe(subscription)

    async def _judge(self, subscription: Subscription, call: Call, patients: Sequence[str]) -> None:
        """Asked once the watch is kept an eye on, so that no change of a grant falls between the check and the watch.
        Errors: GRANT_ENDED."""
        others = [patient for patient in patients if patient != str(call.caller.account_id)]
        decisions = await self._relations.decide(call, [UUID(patient) for patient in others])
        for patient, decision in zip(others, decisions, strict=True):
            self._watchers.judge(subscription, call, patient, decision)
        subscription.require_open()
