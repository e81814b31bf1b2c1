"""`apricot.glucose.v1.TimelineService`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import Scope
from apricot.glucose.v1 import timeline_pb2
from apricot.glucose.v1.timeline_pb2 import PLAN_STEP_KIND_ACCEPTED, Comment, PlanEffect, TimelineItem

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.idempotency import answer_once
from kit.outbox import Relay
from kit.pushes import add_pushes
from kit.times import to_datetime, to_timestamp
from kit.views import BEGINNING, END, View
from services.glucose import events
from services.glucose.rpc.causes import cause_of
from services.glucose.rpc.sharing import SCOPE_OF_STEP
from services.glucose.rpc.shown import ranges, require_present
from services.glucose.store import timeline as store
from services.glucose.store.timeline import Effect


class Timeline:
    """A patient's timeline."""

    def __init__(self, database: Database, relay: Relay, clock: Clock) -> None:
        self._database = database
        self._relay = relay
        self._clock = clock

    async def ListTimeline(
        self, request: timeline_pb2.ListTimelineRequest, call: Call
    ) -> timeline_pb2.ListTimelineResponse:
        patient, size = UUID(request.patient_id), paging.page_size(request.page_size)
        view = call.view(patient)
        wanted = store.TimelineList(
            patient,
            start_time=to_datetime(request.start_time) if request.HasField("start_time") else BEGINNING,
            end_time=to_datetime(request.end_time) if request.HasField("end_time") else END,
            shown={step: view.ranges(scope) for step, scope in SCOPE_OF_STEP.items()},
            limit=size + 1,
            behind=_behind(request),
        )
        async with self._database.transaction() as session:
            found = await store.list_items(session, wanted)
        items = [TimelineItem.FromString(row.body) for row in found[:size]]
        await self._add_effects(patient, items, view)
        response = timeline_pb2.ListTimelineResponse(items=items)
        if len(found) > size:
            last = found[size - 1]
            response.next_page_token = paging.encode((last.time.isoformat(), str(last.item_id)), request)
        return response

    async def AddComment(self, request: timeline_pb2.AddCommentRequest, call: Call) -> timeline_pb2.AddCommentResponse:
        patient, author, now = UUID(request.patient_id), call.caller.account_id, self._clock()
        require_present(call, patient, Scope.SCOPE_PLAN_READ, now)
        async with self._database.transaction() as session:

            async def add() -> timeline_pb2.AddCommentResponse:
                item = TimelineItem(
                    item_id=str(uuid4()),
                    patient_id=str(patient),
                    time=to_timestamp(now),
                    actor_id=str(author),
                    cause=await cause_of(session, patient, request.cause, call.view(patient)),
                    comment=Comment(text=request.text),
                )
                events.add_timeline_item(session, item)
                told = [patient] if author != patient else []  # clinicians see it in the watch
                reference = UUID(item.item_id)
                add_pushes(session, told, patient=patient, kind="comment", reference=reference, urgent=False, now=now)
                return timeline_pb2.AddCommentResponse(item=item)

            response = await answer_once(session, call, request, timeline_pb2.AddCommentResponse, add)
        await self._relay.wake()
        return response

    async def _add_effects(self, patient: UUID, items: Sequence[TimelineItem], view: View) -> None:
        """Set what came of each revision that came into force."""
        accepted = {
            (UUID(item.plan_step.plan_id), item.plan_step.revision): item
            for item in items
            if item.plan_step.kind == PLAN_STEP_KIND_ACCEPTED
        }
        shown = ranges(view, Scope.SCOPE_GLUCOSE_READ, Scope.SCOPE_REPORT_READ)
        for change, effect in (await store.effects(self._database, patient, accepted, shown, self._clock())).items():
            accepted[change].plan_step.effect.CopyFrom(_effect(effect))


def _effect(effect: Effect) -> PlanEffect:
    before, after = effect.before.shares, effect.after.shares
    return PlanEffect(
        before_in_range_percent=before.in_range_percent,
        after_in_range_percent=after.in_range_percent,
        before_below_range_percent=before.below_range_percent,
        after_below_range_percent=after.below_range_percent,
        before_count=before.count,
        after_count=after.count,
    )


def _behind(request: timeline_pb2.ListTimelineRequest) -> tuple[datetime, UUID] | None:
    """Time and id of the last item already listed. Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, (str, str))
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]).astimezone(UTC), UUID(key[1])
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error
