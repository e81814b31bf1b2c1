"""A patient's plans: what is known of them, and the one that is being written."""

from uuid import uuid4

from apricot.consult.v1.prescription_pb2 import (
    FINDING_CONSEQUENCE_BLOCKS,
    FINDING_CONSEQUENCE_NEEDS_REASON,
    Finding,
    FindingOverride,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.plan_pb2 import (
    CheckPlanRequest,
    CreatePlanRequest,
    DraftPlanRequest,
    Plan,
    PlanContent,
    RevisePlanRequest,
)
from PySide6.QtCore import Signal

from clients.clinician.models.desk import Desk
from clients.clinician.models.draft_store import DraftStore
from clients.clinician.models.loop.compare import Line, compare
from clients.clinician.models.loop.form import PlanForm, Violation, form_of, read
from clients.clinician.models.loop.known_plans import KnownPlans
from clients.clinician.models.loop.writing import (
    Basis,
    Decision,
    Verdict,
    Writing,
    basis_of,
    kept,
    taken_up,
)
from clients.clinician.models.prescription.live_check import CheckState, LiveCheck
from clients.clinician.models.prescription.search import MedicineSearch
from clients.sdk import ApricotError

_OVERTAKEN = {Reason.REASON_REVISION_MISMATCH, Reason.REASON_WRONG_STATE}


class PlanModel(KnownPlans):
    """What is typed is kept at once, and survives whatever else happens: a refusal, a colleague's revision, a crash."""

    checked = Signal()
    """What was typed or decided was looked at: violations, changes, decisions, a conflict, whether it is being sent; or
    the form is another one: begun, discarded, sent, the colleague's was taken."""

    def __init__(self, desk: Desk, patient_id: str, drafts: DraftStore) -> None:
        super().__init__(desk, patient_id)
        self.violations: list[Violation] = []
        self.changes: list[Line] = []
        """What the written one changes of the one in force."""
        self.content = PlanContent()
        """The written one, as far as it can be read."""
        self.sending = False
        self.drafting = False
        self.search = MedicineSearch(desk)
        self.check = LiveCheck[CheckPlanRequest](desk, desk.session.plans.CheckPlan)
        self._asked: CheckPlanRequest | None = None
        self._drafts = drafts
        self._key = f"plan/{patient_id}"
        found = drafts.get(self._key)
        self.writing: Writing | None = taken_up(found) if found else None
        self._refused: list[Violation] = []
        self.changed.connect(self._look)
        self.check.changed.connect(self._look)
        self._look()

    @property
    def findings(self) -> list[Finding]:
        """What the safety check says of the written medicines, the gravest first; empty where it said nothing yet."""
        return list(self.check.findings) if self.check.state is not CheckState.INCOMPLETE else []

    @property
    def is_unsafe(self) -> bool:
        """Whether a finding forbids the written plan."""
        return any(each.consequence == FINDING_CONSEQUENCE_BLOCKS for each in self.findings)

    @property
    def reasons_missing(self) -> int:
        """How many findings wait for her reason."""
        return sum(not self.reason(each.key) for each in self._needs_reason())

    def reason(self, finding_key: str) -> str:
        """Return why she plans it all the same; "" before she said so."""
        return self.writing.reasons.get(finding_key, "").strip() if self.writing is not None else ""

    @property
    def conflict(self) -> Plan | None:
        """Somebody's revision that she had not seen when she began to write; None: there is none."""
        if self.writing is None or self.sending or not self.loaded or self.latest is None:
            return None
        if self._basis() == self.writing.basis:
            return None
        newest = [plan for plan in self.revisions if plan.plan_id == self.latest.plan_id]
        return max(newest or [self.latest], key=lambda plan: plan.revision)

    @property
    def can_send(self) -> bool:
        """Whether it is whole, decided, safe as far as is known and allowed, and says something new; the platform
        checks it once more."""
        writing = self.writing
        ready = writing is not None and not self.violations and not writing.undecided and not self.sending
        ready = ready and not self.is_unsafe and not self.reasons_missing
        return ready and bool(self.changes) and self.writable and self.loaded and self.conflict is None

    def begin(self) -> None:
        """Write the next revision, or the first plan."""
        if self.writing is None and self.loaded:
            before = PlanContent(time_zone=self.time_zone)
            if self.latest is not None:
                before = self.latest.content
            self._replace(Writing(form_of(before, self.desk.settings.unit), self._basis(), before))

    def write(self, form: PlanForm) -> None:
        """She has typed."""
        if self.writing is not None:
            self.writing.form = form
            self._refused.clear()
            self._changed_by_her()

    def decide(self, line_id: str, verdict: Verdict | None, note: str) -> None:
        """On one line of the draft."""
        if self.writing is not None:
            self.writing.decisions[line_id] = Decision(verdict, note)
            self._changed_by_her()

    def give_reason(self, finding_key: str, text: str) -> None:
        """Say why a medicine is planned although the check found something."""
        if self.writing is not None:
            self.writing.reasons[finding_key] = text
            self._changed_by_her()

    def discard(self) -> None:
        """Throw away what was typed."""
        self._replace(None)

    def keep_mine(self) -> None:
        """She has seen the colleague's revision; hers follows on it."""
        if self.writing is not None and self.conflict is not None:
            self.writing.basis = self._basis()
            self._changed_by_her()

    def take_theirs(self) -> None:
        """Hers is thrown away, and she goes on with the colleague's."""
        if self.conflict is not None:
            theirs = self.conflict.content
            self._replace(Writing(form_of(theirs, self.desk.settings.unit), self._basis(), theirs))

    def ask_for_draft(self) -> None:
        """Suggestions from the figures; she decides on each."""
        if not self.drafting and self.loaded:
            self.begin()
            self.drafting = True
            self.checked.emit()
            self.desk.tasks.spawn(self._ask_for_draft())

    def drop_draft(self) -> None:
        """Go on without the suggestions."""
        if self.writing is not None:
            self.writing.draft = None
            self.writing.decisions.clear()
            self._changed_by_her()

    def send(self) -> None:
        """To the patient, who accepts it or declines it."""
        if self.can_send and self.writing is not None:
            self.sending = True
            self.checked.emit()
            self.desk.tasks.spawn(self._send(self.writing, self.content))

    async def _send(self, writing: Writing, content: PlanContent) -> None:
        try:
            plan = await self._written(writing, content)
        except ApricotError as error:
            if error.reason in _OVERTAKEN:
                self.load()
            self._refused = _told_by_platform(error)
            if error.reason == Reason.REASON_PRESCRIPTION_UNSAFE:
                self.check.again()
            raise
        else:
            self.revisions = [plan, *self.revisions]
            self.proposed = plan
            if self.writing is writing:
                self._replace(None)
            self.load()
        finally:
            self.sending = False
            self._look()

    async def _written(self, writing: Writing, content: PlanContent) -> Plan:
        draft_id = writing.draft.draft_id if writing.draft else ""
        decisions = writing.line_decisions() if writing.draft else []
        if not writing.basis.plan_id:
            create = CreatePlanRequest(
                patient_id=self.patient_id,
                request_id=writing.request_id,
                content=content,
                draft_id=draft_id,
                decisions=decisions,
                overrides=self._overrides(),
            )
            return (await self.desk.session.plans.CreatePlan(create)).plan
        revise = RevisePlanRequest(
            patient_id=self.patient_id,
            request_id=writing.request_id,
            plan_id=writing.basis.plan_id,
            expected_revision=writing.basis.revision,
            content=content,
            draft_id=draft_id,
            decisions=decisions,
            overrides=self._overrides(),
        )
        return (await self.desk.session.plans.RevisePlan(revise)).plan

    async def _ask_for_draft(self) -> None:
        request = DraftPlanRequest(patient_id=self.patient_id, request_id=str(uuid4()))
        try:
            draft = (await self.desk.session.plans.DraftPlan(request)).draft
            if self.writing is not None:
                self.writing.draft = draft
                self.writing.decisions.clear()
                self._changed_by_her()
        finally:
            self.drafting = False
            self.checked.emit()

    def _replace(self, writing: Writing | None) -> None:
        self.writing = writing
        self._refused.clear()
        if writing is None:
            self._drafts.drop(self._key)
        self._look()

    def _changed_by_her(self) -> None:
        if self.writing is not None:
            self.writing.request_id = str(uuid4())
            self._drafts.put(self._key, kept(self.writing))
        self._look()

    def _look(self) -> None:
        self.content, self.violations, self.changes = PlanContent(), [], []
        if self.writing is not None:
            self.content, self.violations = read(self.writing.form, self.writing.before)
            self._ask_for_check()
            told = {violation.field for violation in self.violations}
            refused = [*self._refused, *_told_by_platform(self.check.error)]
            self.violations += [each for each in refused if each.field not in told]
            self.changes = compare(self.active.content if self.active else PlanContent(), self.content)
        self.checked.emit()

    def _ask_for_check(self) -> None:
        """Have the platform look at the written medicines, as soon as they can be read and whenever they change."""
        readable = bool(self.content.medicines) and not self.violations
        request = CheckPlanRequest(patient_id=self.patient_id, content=self.content) if readable else None
        if request != self._asked:
            self._asked = request
            self.check.ask(request)

    def _needs_reason(self) -> list[Finding]:
        return [each for each in self.findings if each.consequence == FINDING_CONSEQUENCE_NEEDS_REASON]

    def _overrides(self) -> list[FindingOverride]:
        found = [(each.key, self.reason(each.key)) for each in self._needs_reason()]
        return [FindingOverride(finding_key=key, reason=reason) for key, reason in found if reason]

    def _basis(self) -> Basis:
        return basis_of(self.revisions, self.latest)


def _told_by_platform(error: ApricotError | None) -> list[Violation]:
    """Return what the platform says of fields."""
    return [
        Violation(each.field.removeprefix("content."), "platform", text=each.description)
        for each in (error.violations if error is not None else ())
    ]
