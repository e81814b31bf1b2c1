"""What is known of a patient's plans: the one in force, the one that waits, and all that were."""

from apricot.access.v1.access_pb2 import SCOPE_PLAN_READ, SCOPE_PLAN_WRITE
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.plan_pb2 import (
    PLAN_STATE_DECLINED,
    GetActivePlanRequest,
    GetAdherenceRequest,
    GetAdherenceResponse,
    ListPlansRequest,
    Plan,
)
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.clinician.models.loop.names import Names
from clients.sdk import ApricotError


class KnownPlans(QObject):
    """Read anew whenever the timeline tells a step of a plan, and when somebody comes or goes."""

    changed = Signal()
    """What is known of the plans."""

    def __init__(self, desk: Desk, patient_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.patient_id = patient_id
        self.names = Names(desk, patient_id)
        self.loaded = False
        self.active: Plan | None = None
        self.proposed: Plan | None = None
        self.revisions: list[Plan] = []
        """Of all plans, the newest first."""
        self.adherence: GetAdherenceResponse | None = None
        self._loading = self._stale = False
        desk.feed.updated.connect(self._hear)
        desk.feed.patients_changed.connect(self.load)

    @property
    def readable(self) -> bool:
        """Whether the patient lets her see plans."""
        return self.desk.feed.opens(self.patient_id, SCOPE_PLAN_READ)

    @property
    def writable(self) -> bool:
        """Whether the patient lets her write them."""
        return self.desk.feed.opens(self.patient_id, SCOPE_PLAN_WRITE)

    @property
    def time_zone(self) -> str:
        """Of the patient's days."""
        return self.desk.feed.time_zone_of(self.patient_id)

    @property
    def latest(self) -> Plan | None:
        """What the next revision follows on: the one that waits, else the one in force, else what was declined."""
        declined = next(iter(self.revisions), None)
        if declined is not None and declined.state != PLAN_STATE_DECLINED:
            declined = None
        return self.proposed or self.active or declined

    def load(self) -> None:
        """See how things stand now."""
        if self._loading:
            self._stale = True
        elif self.readable:
            self._loading = True
            self.desk.tasks.spawn(self._load())
        else:  # what is not open any more is not shown; what she typed stays
            self.loaded, self.active, self.proposed, self.adherence = False, None, None, None
            self.revisions = []
            self.changed.emit()

    async def _load(self) -> None:
        try:
            while True:
                self._stale = False
                await self._load_all()
                if not self._stale:  # nothing has happened meanwhile
                    break
            self.loaded = True
        finally:
            self._loading = False
            self.changed.emit()

    async def _load_all(self) -> None:
        plans = self.desk.session.plans
        active, proposed, adherence = None, None, None
        try:
            current = await plans.GetActivePlan(GetActivePlanRequest(patient_id=self.patient_id))
            active = current.active if current.HasField("active") else None
            proposed = current.proposed if current.HasField("proposed") else None
            if active is not None:
                adherence = await plans.GetAdherence(GetAdherenceRequest(patient_id=self.patient_id))
        except ApricotError as error:
            if error.reason != Reason.REASON_NOT_FOUND:
                raise
        request, revisions = ListPlansRequest(patient_id=self.patient_id), list[Plan]()
        while True:
            page = await plans.ListPlans(request)
            revisions.extend(page.plans)
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        self.active, self.proposed, self.revisions, self.adherence = active, proposed, revisions, adherence

    def _hear(self, update: WatchPatientsResponse) -> None:
        match update.WhichOneof("event"):
            case "timeline_item_added":
                item = update.timeline_item_added.item
                if item.patient_id == self.patient_id and item.HasField("plan_step"):
                    self.load()
            case "history_gap":
                self.load()
