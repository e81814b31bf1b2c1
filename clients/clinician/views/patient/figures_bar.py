"""Above each tab of figures: which window, which targets, how old, how far the readings carry."""

from datetime import UTC

from apricot.glucose.v1.report_pb2 import (
    SUFFICIENCY_EMPTY,
    SUFFICIENCY_SINGLE_READING,
    SUFFICIENCY_SPARSE,
    SUFFICIENCY_SUFFICIENT,
)
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QComboBox, QPushButton, QStackedWidget, QWidget

from clients.clinician.models.patient.figures import WINDOWS, FiguresModel, Goals, Standing
from clients.clinician.views import words
from clients.clinician.views.consult import cards
from clients.clinician.views.consult.card_grip import CardGrip
from clients.clinician.views.consult.cards import PatientCard
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import button, column, label, restyle, row
from clients.clinician.views.theme import SPACE

_GOALS = list(Goals)


class FiguresBar(QWidget):
    """Keys: 1, 2, 3 the window, F5 refresh."""

    def __init__(self, figures: FiguresModel) -> None:
        super().__init__()
        self._figures = figures
        self._windows = QButtonGroup(self)
        for place, days in enumerate(WINDOWS):
            made = QPushButton(self.tr("{count} days").format(count=days))
            made.setCheckable(True)
            made.setToolTip(self.tr("Key {key}").format(key=place + 1))
            self._windows.addButton(made, days)
        self._windows.idClicked.connect(self._choose)
        self.presets = QComboBox()
        self.presets.setAccessibleName(self.tr("Targets"))
        names = {
            Goals.ADULT: self.tr("Adult"),
            Goals.YOUNG: self.tr("Under 18 (ISPAD 2022)"),
            Goals.OLDER: self.tr("Older, high risk"),
            Goals.PREGNANCY: self.tr("Pregnancy, type 1"),
        }
        self.presets.addItems([names[each] for each in _GOALS])
        self.presets.activated.connect(self._choose)
        self.age = label(role="muted")
        self.refresh = button(self.tr("Refresh"), figures.refresh, tip="F5")
        self.grip = CardGrip(self.card)
        self.sufficiency = label(wraps=True)
        first = row(*self._windows.buttons(), self.presets, None, self.age, self.refresh, self.grip)
        self.setLayout(column(first, self.sufficiency, spacing=SPACE))
        figures.changed.connect(self._show)
        figures.desk.second.connect(self._show_age)
        self._show()

    def card(self) -> PatientCard | None:
        """The report of the days that are shown; None: there is none."""
        summary = self._figures.summary
        if summary is None or not summary.readings_count:
            return None
        start, end = summary.start_time.ToDatetime(UTC), summary.end_time.ToDatetime(UTC)
        return PatientCard(self._figures.patient_id, cards.report_card(start, end))

    def add_keys(self, tab: QWidget) -> None:
        """They work wherever in the tab the focus is."""
        for place, days in enumerate(WINDOWS):
            add_key(tab, str(place + 1), self.tr("Figures of the last days"), self._windows.button(days).click)
        add_key(tab, "F5", self.tr("Refresh"), self._figures.refresh)

    def _choose(self, _: int) -> None:
        self._figures.choose(self._windows.checkedId(), _GOALS[self.presets.currentIndex()])

    def _show(self) -> None:
        figures = self._figures
        self._windows.button(figures.days).setChecked(True)
        self.presets.setCurrentIndex(_GOALS.index(figures.goals))
        self.refresh.setEnabled(figures.standing is not Standing.LOADING)
        self.grip.setEnabled(self.card() is not None)
        self._show_age()
        text, role = self._carries()
        self.sufficiency.setText(text)
        self.sufficiency.setVisible(bool(text))
        restyle(self.sufficiency, role)

    def _show_age(self) -> None:
        figures = self._figures
        if figures.standing is Standing.LOADING:
            self.age.setText(self.tr("Loading …"))
        elif figures.as_of is not None:
            passed = words.age(figures.desk.now() - figures.as_of)
            self.age.setText(self.tr("As of {time} ({age})").format(time=words.clock(figures.as_of), age=passed))
        else:
            self.age.setText("")

    def _carries(self) -> tuple[str, str]:
        figures, summary = self._figures, self._figures.summary
        if figures.standing is Standing.FAILED and figures.error is not None:
            return words.problem(figures.error), "problem"
        if summary is None:
            return "", "muted"
        active = self.tr("{days} days with readings, {percent} % of the expected readings").format(
            days=summary.days_count, percent=f"{summary.active_percent:.0f}"
        )
        match summary.sufficiency:
            case x if x == SUFFICIENCY_SUFFICIENT:
                return self.tr("Enough data: {active}.").format(active=active), "muted"
            case x if x == SUFFICIENCY_SPARSE and summary.from_fingersticks:
                return self.tr("Fingersticks alone: shares of moments, not of time. Read with care."), ""
            case x if x == SUFFICIENCY_SPARSE:
                text = self.tr("Not enough data to rely on: {active}; 70 % of the last 14 days is needed.")
                return text.format(active=active), ""
            case x if x == SUFFICIENCY_SINGLE_READING:
                return self.tr("A single reading: nothing can be told from it."), ""
            case x if x == SUFFICIENCY_EMPTY:
                return self.tr("No readings in these days."), ""
            case _:
                return "", "muted"


class FiguresPage(QWidget):
    """The bar with what a tab shows below it, or why there is nothing to show."""

    def __init__(self, figures: FiguresModel, content: QWidget) -> None:
        super().__init__()
        self._figures = figures
        self.bar = FiguresBar(figures)
        self.why = label(role="heading", wraps=True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(content)
        self._pages.addWidget(self.why)
        layout = column(self.bar, self._pages, spacing=2 * SPACE)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.bar.add_keys(self)
        figures.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        match self._figures.standing:
            case Standing.NOT_SHARED:
                why = self.tr("The patient's reports are not shared with you")
            case Standing.LOADING if self._figures.summary is None:
                why = self.tr("Loading …")
            case Standing.FAILED if self._figures.summary is None:
                why = self.tr("The figures could not be loaded. Refresh to try again.")
            case _:
                why = ""
        self.why.setText(why)
        self.bar.setVisible(self._figures.standing is not Standing.NOT_SHARED)
        self._pages.setCurrentIndex(int(bool(why)))
