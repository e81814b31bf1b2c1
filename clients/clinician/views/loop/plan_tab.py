"""The patient's plan: in force on the left, what is written on the right."""

from apricot.glucose.v1.plan_pb2 import Plan, PlanContent
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QMessageBox, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from clients.clinician.models.loop.form import PlanForm
from clients.clinician.models.loop.plans import PlanModel
from clients.clinician.views import identity_words
from clients.clinician.views.dialogs import show_beside
from clients.clinician.views.keys import add_key
from clients.clinician.views.loop import plan_words, step_words
from clients.clinician.views.loop.compare_view import CompareView
from clients.clinician.views.loop.in_force import InForce
from clients.clinician.views.loop.plan_form import PlanFormView
from clients.clinician.views.loop.plan_safety import PlanSafety
from clients.clinician.views.loop.proposals import Proposals
from clients.clinician.views.parts import button, card, column, label, row, scrolling
from clients.clinician.views.theme import SPACE

_LEAST_LEFT_PIXELS, _LEFT_PIXELS = 30 * SPACE, 46 * SPACE


class PlanTab(QWidget):
    """Ctrl+E writes, Ctrl+D compares with the one in force, Ctrl+Shift+D asks for suggestions, Ctrl+Enter shows what
    changes and then sends, Escape goes back."""

    def __init__(self, model: PlanModel) -> None:
        super().__init__()
        self._model = model
        self.form: PlanFormView | None = None
        self._shown: PlanForm | None = None
        """The form as this tab knows it; another window may change it."""
        self.in_force = InForce(model)
        self.compare = CompareView(model.desk.settings.unit)
        self._state = label("", "heading", wraps=True)
        self._why = label("", "muted", wraps=True)
        self.edit = button(self.tr("Write the next revision"), self._begin, "primary", tip=self.tr("Ctrl+E"))
        self.suggest = button(
            self.tr("Suggest from the figures"),
            self._suggest,
            tip=self.tr("Suggestions from the last 14 days; you decide on each (Ctrl+Shift+D)"),
        )
        self.compare_button = button(
            self.tr("Compare"), self._compare_mine, tip=self.tr("With the plan in force (Ctrl+D)")
        )
        self.send = button(self.tr("Send …"), self._send, "primary", tip=self.tr("Ctrl+Enter"))
        self.discard = button(self.tr("Discard …"), self._ask_to_discard, "quiet")
        self.conflict = self._conflict_notice()
        self.proposals = Proposals(model)
        self.safety = PlanSafety(model)
        self._form_place = QVBoxLayout()
        self._review_list = label("", wraps=True, selectable=True)
        self._review_replaces = label("", wraps=True)
        self._review_head = label("", "heading", wraps=True)
        self.confirm = button(self.tr("Send to the patient"), model.send, "primary", tip=self.tr("Ctrl+Enter"))
        self._pages = QStackedWidget()
        self._editor = _scrolled(column(self.proposals, self.safety, self._form_place, None, spacing=2 * SPACE))
        self._review = self._review_page()
        self._compared = self._compare_page()
        for page in (self._editor, self._review, self._compared):
            self._pages.addWidget(page)
        buttons = row(self.suggest, self.compare_button, self.discard, self.send, self.edit)
        head = row(column(self._state, self._why, spacing=SPACE // 2), buttons, spacing=2 * SPACE)
        head.setStretch(0, 1)
        right = column(head, self.conflict, self._pages, spacing=2 * SPACE)
        right.setStretchFactor(self._pages, 1)
        left = _scrolled(column(self.in_force))
        left.setMinimumWidth(_LEAST_LEFT_PIXELS)
        left.setMaximumWidth(_LEFT_PIXELS)
        body = row(left, right, spacing=3 * SPACE)
        body.setStretch(0, 1)
        body.setStretch(1, 2)
        body.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        self.setLayout(body)
        add_key(self, "Ctrl+E", self.tr("Write a plan"), self._begin, from_anywhere=True)
        add_key(self, "Ctrl+D", self.tr("Compare with the plan in force"), self._compare_mine, from_anywhere=True)
        add_key(self, "Ctrl+Shift+D", self.tr("Ask for suggestions"), self._suggest, from_anywhere=True)
        # Beside a conversation these keys are also the conversation's: of whichever has the focus.
        for keys in "Ctrl+Return", "Ctrl+Enter":
            add_key(self, keys, self.tr("Send the plan"), self._send)
        add_key(self, "Escape", self.tr("Back to what is written"), self._back)
        self.in_force.compared.connect(self._compare_two)
        model.changed.connect(self._show)
        model.checked.connect(self._show)
        self._make_form()
        model.load()

    def _begin(self) -> None:
        if self._model.loaded and self._model.writable:
            self._model.begin()
            self._back()

    def _suggest(self) -> None:
        if self._model.loaded and self._model.writable:
            self._model.ask_for_draft()

    def _back(self) -> None:
        self._pages.setCurrentWidget(self._editor)
        self._show()

    def _make_form(self) -> None:
        if self.form is not None:
            self.form.deleteLater()
            self.form = None
        self._shown = self._model.writing.form if self._model.writing else None
        if self._model.writing is not None:
            self.form = PlanFormView(self._model.writing.form, self._model.search)
            self.form.edited.connect(self._edited)
            self._form_place.addWidget(self.form)
        self._back()

    def _edited(self) -> None:
        if self.form is not None:
            self._shown = self.form.form()
            self._model.write(self._shown)

    def _show(self) -> None:
        model, writing = self._model, self._model.writing
        if (writing.form if writing else None) is not self._shown:
            self._make_form()
            return
        in_editor = self._pages.currentWidget() is self._editor
        self.edit.setVisible(writing is None)
        self.edit.setEnabled(model.loaded and model.writable)
        self.edit.setText(self.tr("Write a plan") if model.latest is None else self.tr("Write the next revision"))
        for each in (self.send, self.discard, self.compare_button):
            each.setVisible(writing is not None and in_editor)
        self.suggest.setVisible(in_editor)
        self.suggest.setEnabled(model.loaded and model.writable and not model.drafting)
        self.send.setEnabled(model.can_send)
        self.confirm.setEnabled(model.can_send)
        self.confirm.setText(self.tr("Sending …") if model.sending else self.tr("Send to the patient"))
        self.conflict.setVisible(model.conflict is not None)
        self._state.setText(self._title())
        self._why.setText(self._reason())
        if self.form is not None:
            self.form.tell(model.violations)
        if self._pages.currentWidget() is self._review:
            self._show_review()

    def _title(self) -> str:
        model = self._model
        if model.writing is not None:
            return self.tr("Next revision, not sent") if model.writing.basis.plan_id else self.tr("New plan, not sent")
        if model.proposed is not None:
            return self.tr("Sent; the patient has not answered yet")
        newest = next(iter(model.revisions), None)
        return plan_words.state(newest) if newest is not None else ""

    def _reason(self) -> str:
        """Why it cannot be sent, or what will be."""
        model, writing = self._model, self._model.writing
        if not model.writable:
            return self.tr("The patient lets you read plans, not write them.") if model.readable else ""
        if writing is None:
            newest = next(iter(model.revisions), None)
            return newest.answer_note if newest is not None else ""
        if model.conflict is not None:
            return self.tr("A colleague has revised it.")
        if model.violations:
            form = self.form
            others = [each for each in model.violations if form is None or not form.knows(each.field)]
            if others:
                return f"{others[0].field}: {plan_words.violation(others[0], model.desk.settings.unit)}"
            count = len(model.violations)
            text = self.tr("1 field needs correction") if count == 1 else self.tr("{count} fields need correction")
            return text.format(count=count)
        if writing.undecided:
            count = writing.undecided
            text = self.tr("1 suggestion to decide") if count == 1 else self.tr("{count} suggestions to decide")
            return text.format(count=count)
        if model.is_unsafe:
            return self.tr("The safety check does not allow this plan.")
        if model.reasons_missing:
            return self.tr("The safety check asks for your reason.")
        if not model.changes:
            return self.tr("No change from the plan in force yet.")
        count = len(model.changes)
        text = self.tr("1 change, kept as a draft") if count == 1 else self.tr("{count} changes, kept as a draft")
        return text.format(count=count)

    def _send(self) -> None:
        if self._pages.currentWidget() is self._review:
            self._model.send()
        elif self._model.can_send:
            self._pages.setCurrentWidget(self._review)
            self._show()
            self.confirm.setFocus()

    def _show_review(self) -> None:
        model = self._model
        identity = model.desk.feed.identity(model.patient_id)
        name = f"{identity_words.name(identity)} ({identity_words.facts(identity)})"
        self._review_head.setText(self.tr("Changes for {name}").format(name=name))
        unit = model.desk.settings.unit
        waiting = model.proposed
        self._review_replaces.setVisible(waiting is not None)
        if waiting is not None:
            text = self.tr("It takes the place of revision {revision}, which the patient has not answered yet.")
            self._review_replaces.setText(text.format(revision=waiting.revision))
        self._review_list.setText("\n\n".join(plan_words.change(each, unit) for each in model.changes))

    def _review_page(self) -> QWidget:
        stays = self.tr(
            "The patient is notified at once, and accepts or declines. Until then the current plan stays in force."
        )
        back = button(self.tr("Back"), self._back, tip=self.tr("Escape"))
        content = card(
            self._review_head,
            self._review_list,
            self._review_replaces,
            label(stays, "muted", wraps=True),
            row(None, back, self.confirm),
            spacing=2 * SPACE,
        )
        return _scrolled(column(content, None))

    def _compare_page(self) -> QWidget:
        self._compare_back = button(self.tr("Back"), self._back, tip=self.tr("Escape"))
        body = card(self.compare, row(None, self._compare_back), spacing=2 * SPACE)
        page = QWidget()
        page.setLayout(column(body))
        return page

    def _compare_mine(self) -> None:
        model = self._model
        if self._pages.currentWidget() is self._compared:
            self._back()
        elif model.writing is not None:
            self._compare(model.active, model.content, self.tr("What you have written"))

    def _compare_two(self, older: Plan, newer: Plan) -> None:
        self._compare(older, newer.content, self._name(newer))

    def _compare(self, old: Plan | None, new: PlanContent, name: str) -> None:
        before = old.content if old is not None else PlanContent()
        self.compare.show_two(before, new, self._name(old), name)
        self._open_compare()

    def _open_compare(self) -> None:
        self._pages.setCurrentWidget(self._compared)
        self._compare_back.setFocus()
        self._show()

    def _name(self, plan: Plan | None) -> str:
        if plan is None or not plan.plan_id:
            return self.tr("No plan in force")
        text = self.tr("Revision {revision} · {state}")
        return text.format(revision=plan.revision, state=plan_words.state(plan))

    def _conflict_notice(self) -> QFrame:
        see = button(self.tr("Compare with mine"), self._compare_conflict)
        keep = button(self.tr("Keep mine"), self._model.keep_mine, tip=self.tr("Nothing typed is lost"))
        take = button(self.tr("Use theirs"), self._model.take_theirs, tip=self.tr("Your text is discarded"))
        made = card(
            label(self.tr("A colleague has revised this plan while you were writing"), "heading", wraps=True),
            label(self.tr("Your text is kept. Look at the colleague's revision, then choose."), "muted", wraps=True),
            row(see, keep, take, None),
        )
        made.setProperty("role", "urgent")
        self.keep_mine, self.take_theirs = keep, take
        return made

    def _compare_conflict(self) -> None:
        theirs = self._model.conflict
        if theirs is not None:
            who = step_words.who(theirs.author_id, self._model.names)
            self.compare.show_two(
                theirs.content,
                self._model.content,
                self.tr("Revision {revision} by {who}").format(revision=theirs.revision, who=who),
                self.tr("What you have written"),
            )
            self._open_compare()

    def _ask_to_discard(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setText(self.tr("Discard what you have written?"))
        throw = box.addButton(self.tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(self.tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        throw.clicked.connect(self._model.discard)
        show_beside(box)


def _scrolled(content: QVBoxLayout) -> QScrollArea:
    page = QWidget()
    content.setContentsMargins(0, 0, 2 * SPACE, 0)  # beside the scroll bar
    page.setLayout(content)
    return scrolling(page)
