"""What a clinician chooses for herself: each choice counts at once."""

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QDialog, QFormLayout, QHBoxLayout, QPushButton, QWidget

from clients.clinician.models.settings import Language, Theme, Unit
from clients.clinician.models.workplace import Workplace
from clients.clinician.views.parts import button, column, label, line, row
from clients.clinician.views.theme import SPACE

_WIDTH = 640
_LOCK_MINUTES = 2, 5, 10, 15, 30, 60


class SettingsDialog(QDialog):
    """Beside the windows, not in their way."""

    def __init__(self, workplace: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workplace = workplace
        settings = workplace.desk.settings
        self._settings = settings
        self.setWindowTitle(self.tr("Settings"))
        self.setModal(False)
        self.setFixedWidth(_WIDTH)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(3 * SPACE)
        form.setVerticalSpacing(2 * SPACE)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        self._add(
            form,
            self.tr("Glucose unit"),
            {Unit.MMOL_PER_L: "mmol/L", Unit.MG_PER_DL: "mg/dL"},
            settings.unit,
            self._set_unit,
        )
        self._add(
            form,
            self.tr("Language"),
            {Language.SYSTEM: self.tr("System"), Language.ENGLISH: "English", Language.CHINESE: "中文"},
            settings.language,
            self._set_language,
        )
        self._add(
            form,
            self.tr("Colours"),
            {Theme.SYSTEM: self.tr("System"), Theme.LIGHT: self.tr("Light"), Theme.DARK: self.tr("Dark")},
            settings.theme,
            self._set_theme,
        )
        minutes = self.tr("{minutes} min")
        self._add(
            form,
            self.tr("Lock when idle"),
            {count: minutes.format(minutes=count) for count in _LOCK_MINUTES},
            settings.lock_minutes,
            self._set_minutes,
        )
        form.addRow(label(self.tr("Sound")), self._sound())
        who = workplace.desk.account.profile.display_name or workplace.desk.account.phone
        leave = row(
            button(self.tr("Sign out"), lambda: workplace.sign_out_asked.emit(False)),
            button(
                self.tr("Sign out everywhere"),
                lambda: workplace.sign_out_asked.emit(True),
                tip=self.tr("Ends all your sessions, on every computer and phone"),
            ),
            None,
        )
        for place in range(leave.count()):
            if isinstance(pressed := _widget(leave, place), QPushButton):
                pressed.setAutoDefault(False)
        filled = QWidget()
        filled.setLayout(form)
        layout = column(
            filled,
            line(),
            label(self.tr("Signed in as {name}").format(name=who), "muted", wraps=True),
            leave,
            spacing=2 * SPACE,
        )
        layout.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 3 * SPACE)
        self.setLayout(layout)

    def _add[C: StrEnum | int](
        self, form: QFormLayout, name: str, choices: dict[C, str], chosen: C, choose: Callable[[C], None]
    ) -> None:
        """One of a few, side by side."""
        buttons, group = QHBoxLayout(), QButtonGroup(self)
        buttons.setSpacing(SPACE)
        for choice, text in choices.items():
            made = QPushButton(text)
            made.setCheckable(True)
            made.setChecked(choice == chosen)
            made.setAutoDefault(False)
            made.setAccessibleName(f"{name}: {text}")
            made.setObjectName(f"{type(choice).__name__}.{choice}")
            made.clicked.connect(lambda _=False, choice=choice: choose(choice))
            group.addButton(made)
            buttons.addWidget(made)
        form.addRow(label(name), buttons)

    def _sound(self) -> QWidget:
        made = QCheckBox(self.tr("Alerts sound; an urgent low always does"))
        made.setChecked(self._settings.sound)
        made.toggled.connect(self._set_sound)
        return made

    def _set_unit(self, unit: Unit) -> None:
        self._settings.unit = unit

    def _set_language(self, language: Language) -> None:
        self._settings.language = language

    def _set_theme(self, theme: Theme) -> None:
        self._settings.theme = theme

    def _set_minutes(self, minutes: int) -> None:
        self._settings.lock_minutes = minutes

    def _set_sound(self, sound: bool) -> None:
        self._settings.sound = sound


def _widget(layout: QHBoxLayout, place: int) -> QWidget | None:
    item = layout.itemAt(place)
    return item.widget() if item else None
