"""The plan in force: what it says, how it is kept, what waits for an answer, and all revisions."""

from collections.abc import Sequence

from apricot.glucose.v1.plan_pb2 import AdherenceLine, Plan, PlanContent
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from clients.clinician.models.loop.compare import Section, align
from clients.clinician.models.loop.plans import PlanModel
from clients.clinician.views.consult import cards
from clients.clinician.views.consult.card_grip import CardGrip
from clients.clinician.views.consult.cards import PatientCard
from clients.clinician.views.loop import plan_words, step_words
from clients.clinician.views.parts import button, card, column, label, line, row
from clients.clinician.views.theme import SPACE


class InForce(QWidget):
    """Two chosen revisions can be compared."""

    compared = Signal(object, object)
    """The older Plan and the newer one."""

    def __init__(self, model: PlanModel) -> None:
        super().__init__()
        self._model = model
        self._cards = QVBoxLayout()
        self._cards.setSpacing(2 * SPACE)
        self.revisions = QListWidget()
        self.revisions.setSelectionMode(QListWidget.SelectionMode.MultiSelection)
        self.revisions.setAccessibleName(self.tr("Revisions"))
        self.revisions.setWordWrap(True)
        self.revisions.setMinimumHeight(20 * SPACE)
        self.revisions.itemSelectionChanged.connect(self._count)
        self.compare = button(self.tr("Compare two"), self._compare, tip=self.tr("Choose two revisions"))
        heading = row(label(self.tr("Revisions"), "heading"), None, self.compare)
        self.setLayout(column(self._cards, card(heading, self.revisions), None, spacing=2 * SPACE))
        model.changed.connect(self._show)
        model.names.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        model = self._model
        while (item := self._cards.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        if not model.loaded:
            text = self.tr("Loading …") if model.readable else self.tr("The patient has not opened plans to you.")
            self._cards.addWidget(label(text, "muted", wraps=True))
        else:
            if model.proposed is not None:
                self._cards.addWidget(self._waiting(model.proposed))
            if model.active is not None:
                self._cards.addWidget(self._in_force(model.active))
            else:
                none = label(self.tr("None. A plan is in force once the patient accepts it."), "muted", wraps=True)
                self._cards.addWidget(card(label(self.tr("Plan in force"), "heading"), none))
        chosen = {self._key(item.data(0x0100)) for item in self.revisions.selectedItems()}
        self.revisions.clear()
        for plan in model.revisions:
            made = QListWidgetItem(self._revision(plan))
            made.setData(0x0100, plan)
            self.revisions.addItem(made)
            made.setSelected(self._key(plan) in chosen)
        self._count()

    def _waiting(self, plan: Plan) -> QFrame:
        text = self.tr("{who} · revision {revision} · {time}").format(
            revision=plan.revision,
            who=step_words.who(plan.author_id, self._model.names),
            time=plan_words.local(plan.create_time, self._model.time_zone),
        )
        see = button(self.tr("What it changes"), self.compare_waiting, "quiet")
        return card(
            label(self.tr("Awaiting the patient's answer"), "heading", wraps=True),
            label(text, "muted", wraps=True),
            row(see, None),
        )

    def _in_force(self, plan: Plan) -> QFrame:
        model = self._model
        since = self.tr("Revision {revision}, since {time} ({zone})").format(
            revision=plan.revision,
            time=plan_words.local(plan.answer_time, model.time_zone),
            zone=model.time_zone,
        )
        grip = CardGrip(lambda: PatientCard(model.patient_id, cards.plan_card(plan.plan_id, plan.revision)))
        head = row(label(self.tr("Plan in force"), "heading"), None, grip)
        parts: list[QWidget] = [label(since, "muted", wraps=True)]
        if plan.answer_note:
            parts.append(label(self.tr("The patient: {words}").format(words=plan.answer_note), wraps=True))
        section = None
        for each in align(PlanContent(), plan.content):
            if each.section is Section.TIME_ZONE:
                continue
            if each.section is not section:
                section = each.section
                parts += [line(), label(plan_words.section(section), "muted")]
            value = plan_words.value(each.new, each.field, model.desk.settings.unit)
            title = plan_words.title(each)
            text = value if section is Section.NOTES else f"{title}: {value}" if each.field else value
            if section is Section.MEDICINES:
                text = f"{title}\n{value}"
            parts.append(label(text, wraps=True, selectable=True))
        return card(head, *parts, *self._adherence())

    def _adherence(self) -> list[QWidget]:
        found = self._model.adherence
        if found is None:
            return []
        text = self.tr("Adherence up to {time}").format(time=plan_words.local(found.end_time, self._model.time_zone))
        parts: list[QWidget] = [line(), label(text, "muted", wraps=True)]
        for each in found.lines:
            kept = self.tr("{kept} of {planned}").format(kept=each.kept_count, planned=each.planned_count)
            if not each.HasField("kept_percent"):
                kept = self.tr("nothing was due yet")
            elif each.other_amount_count:
                other = self.tr("{count} in another amount").format(count=each.other_amount_count)
                kept = f"{kept} · {other}"
            shown = QWidget()
            name = label(self._name(each, found.plan), wraps=True)
            shown.setLayout(row(name, None, label(kept, "muted")))
            parts.append(shown)
        return parts

    def _name(self, of: AdherenceLine, plan: Plan) -> str:
        match of.WhichOneof("line"):
            case "medicine":
                return plan.content.medicines[of.medicine].name
            case "check":
                return self.tr("Measure {check}").format(check=plan_words.check(plan.content.checks[of.check]))
            case "carbohydrate":
                return self.tr("Carbohydrate, days")
        return self.tr("Exercise, weeks")

    def _revision(self, plan: Plan) -> str:
        text = self.tr("Revision {revision} · {state}\n{who}, {time}").format(
            revision=plan.revision,
            state=plan_words.state(plan),
            who=step_words.who(plan.author_id, self._model.names),
            time=plan_words.local(plan.create_time, self._model.time_zone),
        )
        return f"{text}\n{plan.answer_note}" if plan.answer_note else text

    def _count(self) -> None:
        self.compare.setEnabled(len(self.revisions.selectedItems()) == 2)

    def _compare(self) -> None:
        chosen: Sequence[Plan] = [item.data(0x0100) for item in self.revisions.selectedItems()]
        if len(chosen) == 2:
            older, newer = sorted(chosen, key=lambda plan: plan.create_time.ToNanoseconds())
            self.compared.emit(older, newer)

    def compare_waiting(self) -> None:
        """Show what the waiting revision changes."""
        if self._model.proposed is not None:
            self.compared.emit(self._model.active or Plan(), self._model.proposed)

    @staticmethod
    def _key(plan: Plan) -> tuple[str, int]:
        return plan.plan_id, plan.revision
