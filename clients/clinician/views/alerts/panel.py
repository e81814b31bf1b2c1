"""The page of alerts, and the dock beside any other page."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QFrame, QHBoxLayout, QToolButton, QWidget

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.alerts.alert_rows import Choice
from clients.clinician.views.alerts import phrases, sound
from clients.clinician.views.alerts.detail import AlertDetail
from clients.clinician.views.alerts.rows import AlertRowsView
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import column, label, row
from clients.clinician.views.theme import SPACE

_WIDE_PIXELS = 800
"""From here on the chosen alert is shown beside the list, not below."""
_LEAST_PIXELS = 320


class AlertsPanel(QWidget):
    """Who needs her, by need, and what she does about it, by keys."""

    patient_chosen = Signal(str)

    def __init__(self, alerts: AlertList) -> None:
        super().__init__()
        self._alerts = alerts
        self.setMinimumWidth(_LEAST_PIXELS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._count = label(role="muted")
        self._keys = label(
            self.tr("J K move · A acknowledge · S snooze · U end snooze · Enter open patient · 1 to 4 choose"), "muted"
        )
        self._sound = label(role="muted")
        self.doubt = label(role="problem", wraps=True)
        self.doubt.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.list = AlertRowsView(alerts)
        self.detail = AlertDetail(alerts)
        self.empty, self._known = label(self.tr("No alert needs you now"), "heading"), label(role="muted", wraps=True)
        self._calm, words_of_calm = QWidget(), column(self.empty, self._known, spacing=SPACE // 2)
        words_of_calm.setContentsMargins(2 * SPACE, 3 * SPACE, 2 * SPACE, 3 * SPACE)
        self._calm.setLayout(words_of_calm)
        listed = QFrame()
        listed.setProperty("role", "card")
        inside = column(self._calm, self.list, spacing=0)
        inside.setContentsMargins(1, 1, 1, 1)
        listed.setLayout(inside)
        self._places = QHBoxLayout()
        self._places.setSpacing(2 * SPACE)
        self._places.addWidget(listed, 3)
        self._places.addWidget(self.detail, 2)
        self._page = page = column(
            column(row(label(self.tr("Alerts"), "title"), None, self._sound), self._count, spacing=0),
            self._make_choices(),
            spacing=2 * SPACE,
        )
        page.addLayout(self._places, 1)
        page.addWidget(self._keys)
        page.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        self.setLayout(page)
        self._make_keys()
        self.list.moved.connect(self._show_chosen)
        self.list.looked.connect(alerts.look)
        self.list.opened.connect(self.patient_chosen)
        self.detail.patient_chosen.connect(self.patient_chosen)
        alerts.changed.connect(self._show)
        alerts.desk.second.connect(self._show)
        alerts.desk.settings.changed.connect(self._show)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _WIDE_PIXELS
        self._places.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self.detail.show_compact(not wide)
        self._keys.setVisible(wide)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.list.choose_first()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Its keys are heard wherever in it the focus is, also while there is no list."""
        super().focusInEvent(event)
        if self.list.isVisible():
            self.list.setFocus()

    def add_below(self, widget: QWidget) -> None:
        """Something that does not ring, below the alerts."""
        self._page.insertWidget(self._page.indexOf(self._keys), widget)

    def choose(self, choice: Choice) -> None:
        """Show these alone, and every urgent low that nobody has."""
        self.list.rows.choice = choice
        self._show()

    def _make_choices(self) -> QHBoxLayout:
        self.choices = QButtonGroup(self)
        names = {
            Choice.ALL: self.tr("All"),
            Choice.URGENT: self.tr("Urgent"),
            Choice.NOBODY_HAS: self.tr("Not acknowledged"),
            Choice.MINE: self.tr("Acknowledged by you"),
        }
        made = row(spacing=SPACE)
        for place, (choice, name) in enumerate(names.items(), start=1):
            chip = QToolButton()
            chip.setText(name)
            chip.setCheckable(True)
            chip.setChecked(choice is Choice.ALL)
            chip.setToolTip(f"{name} ({place})")
            chip.clicked.connect(self._take_choice)
            self.choices.addButton(chip, place)
            add_key(self, str(place), self.tr("Show all alerts, or some"), chip.click)
            made.addWidget(chip)
        made.addWidget(self.doubt, 1)  # beside the chips, so that the rows below keep their place
        made.addStretch()
        return made

    def _take_choice(self) -> None:
        self.choose(list(Choice)[self.choices.checkedId() - 1])

    def _make_keys(self) -> None:
        add_key(self, "J", self.tr("The next alert"), self._down)
        add_key(self, "K", self.tr("The previous alert"), self._up)
        add_key(self, "A", self.tr("Acknowledge the alert"), self.detail.acknowledge.click)
        add_key(self, "S", self.tr("Snooze the alert"), self.detail.choose_snooze)
        add_key(self, "U", self.tr("End the snooze"), self.detail.wake.click)
        for enter in ("Return", "Enter"):
            add_key(self, enter, self.tr("Open the alert's patient"), self.detail.patient.click)

    def _down(self) -> None:
        self.list.step(1)

    def _up(self) -> None:
        self.list.step(-1)

    def _show_chosen(self) -> None:
        self.detail.show_alert(self.list.alert)

    def _show(self) -> None:
        alerts = self._alerts
        active, count = len(alerts.active), alerts.count
        words_of_count = self.tr("{active} active · {count} not acknowledged").format(active=active, count=count)
        self._count.setText(words_of_count if active else "")
        self._show_sound()
        self._show_known()
        self._calm.setVisible(not active)
        self.list.setVisible(bool(active or alerts.resolved))
        if self.hasFocus() and self.list.isVisible():
            self.list.setFocus()

    def _show_sound(self) -> None:
        if not sound.is_available():
            self._sound.setText(self.tr("This computer cannot play sound"))
            self._sound.setToolTip(
                self.tr("Audio libraries or an output device are missing. Only the system's beep is available.")
            )
        elif not self._alerts.desk.settings.sound:
            self._sound.setText(self.tr("Sound is off, except for urgent lows"))
        else:
            self._sound.setText("")

    def _show_known(self) -> None:
        """Up to when it is known: nothing is said to be calm of which nobody knows."""
        alerts, known = self._alerts, self._alerts.known_until
        time = phrases.to_the_second(known) if known else ""
        calm = alerts.is_live and alerts.interrupted_since is None
        self.empty.setText(
            self.tr("No alert needs you now") if calm else self.tr("It is not known whether an alert needs you")
        )
        self._known.setText(
            self.tr("Up to date as of {time}").format(time=time) if known else self.tr("Nothing is known yet")
        )
        self.doubt.setVisible(not calm)
        title, what = phrases.doubt(alerts)
        if title:
            self.doubt.setText(f"{title}. {what}")
        elif known:
            self.doubt.setText(self.tr("Not live: the list is as of {time}").format(time=time))
        else:
            self.doubt.setText(self.tr("Not live: nothing is known yet"))
