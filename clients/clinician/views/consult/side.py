"""Beside the talk: what can be done, and what is known of the patient."""

from apricot.consult.v1.consultation_pb2 import CONSULTATION_MODE_TEXT, Consultation
from apricot.consult.v1.health_record_pb2 import (
    ALLERGY_CERTAINTY_SUSPECTED,
    PREGNANCY_STATE_BREASTFEEDING,
    PREGNANCY_STATE_NEITHER,
    PREGNANCY_STATE_NOT_POSSIBLE,
    PREGNANCY_STATE_PREGNANT,
    HealthFacts,
)
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from clients.clinician.models.consult.consulting import Consulting
from clients.clinician.views import words
from clients.clinician.views.consult import terms
from clients.clinician.views.consult.glucose_strip import GlucoseStrip
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import button, card, column, label, row
from clients.clinician.views.theme import SPACE


class Side(QScrollArea):
    """Of the chosen consultation."""

    call_wanted = Signal(int)
    """A ConsultationMode."""
    prescription_wanted = Signal()
    eligibility_wanted = Signal()
    closing_wanted = Signal()
    invitation_wanted = Signal()

    def __init__(self, consulting: Consulting, consultation: Consultation) -> None:
        super().__init__()
        self._consulting = consulting
        self._facts = consulting.facts
        self._actions = self._made_actions(consultation)
        self._record = QVBoxLayout()
        self._record.setSpacing(SPACE)
        self._eligibility = label("", "muted", wraps=True)
        inside = QWidget()
        inside.setProperty("role", "page")
        parts: list[QWidget] = [self._actions]
        if self._facts is not None and consulting.treats(consultation):
            parts.append(
                card(label(self.tr("Glucose, last 6 hours"), "heading"), GlucoseStrip(consulting.desk, self._facts))
            )
            parts.append(card(label(self.tr("Health record"), "heading"), self._record))
            add_key(self, "F5", self.tr("Refresh"), self._facts.health.load, from_anywhere=True)
            consulting.desk.second.connect(self._look)
            self._facts.health.changed.connect(self._show_record)
            self._show_record()
        parts.append(card(label(self.tr("This consultation"), "heading"), *self._facts_of(consultation)))
        inside.setLayout(column(*parts, None, spacing=2 * SPACE))
        inside.layout().setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)  # type: ignore[union-attr]
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _made_actions(self, consultation: Consultation) -> QWidget:
        made = QWidget()
        if not self._consulting.treats(consultation):
            made.hide()
            return made
        call = button(self.tr("Call"), lambda: self.call_wanted.emit(consultation.mode), tip=self.tr("Ctrl+Shift+C"))
        call.setVisible(consultation.mode != CONSULTATION_MODE_TEXT)
        made.setLayout(
            column(
                row(
                    call,
                    button(self.tr("Prescribe"), self.prescription_wanted.emit, tip=self.tr("Ctrl+Shift+P")),
                ),
                row(
                    button(self.tr("Eligibility"), self.eligibility_wanted.emit, tip=self.tr("Ctrl+Shift+E")),
                    button(self.tr("Invite"), self.invitation_wanted.emit, tip=self.tr("Ctrl+Shift+I")),
                ),
                button(self.tr("Close the consultation"), self.closing_wanted.emit, tip=self.tr("Ctrl+Shift+L")),
            )
        )
        return made

    def _facts_of(self, consultation: Consultation) -> list[QWidget]:
        shared = ", ".join(filter(None, map(terms.scope, consultation.shared_scopes)))
        facts = [
            _fact(self.tr("State"), terms.state(consultation)),
            _fact(self.tr("By"), terms.mode(consultation)),
            _fact(self.tr("Shared with you"), shared or self.tr("Nothing of the diary")),
            _fact(self.tr("Prescribing"), self._prescribing(consultation)),
        ]
        if consultation.HasField("guardian"):
            guardian = f"{consultation.guardian.name} ({consultation.guardian.relationship})"
            facts.append(_fact(self.tr("Guardian"), guardian))
        if consultation.members:
            facts.append(_fact(self.tr("Taking part"), ", ".join(each.display_name for each in consultation.members)))
        if consultation.HasField("outcome"):
            facts.append(_fact(self.tr("Outcome"), consultation.outcome.summary))
            if consultation.outcome.advice:
                facts.append(_fact(self.tr("Advice"), consultation.outcome.advice))
            if consultation.outcome.follow_up_date:
                facts.append(_fact(self.tr("Follow-up on"), consultation.outcome.follow_up_date))
        return facts

    def _prescribing(self, consultation: Consultation) -> str:
        if not consultation.HasField("eligibility"):
            return self.tr("Not decided")
        if not consultation.eligibility.eligible:
            return self.tr("Not allowed")
        codes = ", ".join(each.code for each in consultation.eligibility.earlier_diagnoses)
        return self.tr("Allowed: {codes}").format(codes=codes)

    def _look(self) -> None:
        if self._facts is not None and self.isVisible():
            self._facts.health.look()

    def _show_record(self) -> None:
        while (item := self._record.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        health = self._facts.health if self._facts is not None else None
        if health is None or health.record is None:
            unknown = words.problem(health.error) if health and health.error else self.tr("Not known yet.")
            self._record.addWidget(label(unknown, "muted", wraps=True))
            return
        facts = health.record.facts
        self._record.addWidget(
            _fact(self.tr("Allergies"), self._allergies(facts), urgent=bool(facts.allergies.entries))
        )
        self._record.addWidget(_fact(self.tr("Medicines"), self._medicines(facts)))
        if facts.HasField("kidney_function"):
            kidney = facts.kidney_function
            text = f"{kidney.egfr_ml_per_min_per_1_73_m2} mL/min/1.73 m² ({kidney.measure_date})"
            self._record.addWidget(_fact(self.tr("Kidney function (eGFR)"), text))
        else:
            self._record.addWidget(_fact(self.tr("Kidney function (eGFR)"), self.tr("Unknown")))
        self._record.addWidget(_fact(self.tr("Pregnancy"), self._pregnancy(facts)))
        if facts.HasField("weight"):
            weight = f"{facts.weight.weight_grams / 1000:.1f} kg ({facts.weight.measure_date})"
            self._record.addWidget(_fact(self.tr("Weight"), weight))

    def _allergies(self, facts: HealthFacts) -> str:
        if not facts.HasField("allergies"):
            return self.tr("Never asked")
        suspected = self.tr("{name} (suspected)")
        names = [
            suspected.format(name=each.name) if each.certainty == ALLERGY_CERTAINTY_SUSPECTED else each.name
            for each in facts.allergies.entries
        ]
        return ", ".join(names) or self.tr("None")

    def _medicines(self, facts: HealthFacts) -> str:
        if not facts.HasField("medicines"):
            return self.tr("Never asked")
        return "\n".join(f"{each.name} {each.dose}".strip() for each in facts.medicines.entries) or self.tr("None")

    def _pregnancy(self, facts: HealthFacts) -> str:
        states = {
            PREGNANCY_STATE_NOT_POSSIBLE: self.tr("Not possible"),
            PREGNANCY_STATE_NEITHER: self.tr("Neither pregnant nor breastfeeding"),
            PREGNANCY_STATE_PREGNANT: self.tr("Pregnant"),
            PREGNANCY_STATE_BREASTFEEDING: self.tr("Breastfeeding"),
        }
        if not facts.HasField("pregnancy"):
            return self.tr("Unknown")
        return f"{states.get(facts.pregnancy.state, '')} ({facts.pregnancy.state_date})"


def _fact(name: str, text: str, *, urgent: bool = False) -> QWidget:
    made = QWidget()
    value = label(text, "problem" if urgent else "", selectable=True, wraps=True)
    made.setLayout(column(label(name, "muted"), value, spacing=2))
    return made
