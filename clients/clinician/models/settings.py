"""What a clinician has chosen for herself, kept on this machine. No health data."""

from enum import StrEnum

from apricot.glucose.v1.entry_pb2 import GLUCOSE_UNIT_MG_PER_DL, GLUCOSE_UNIT_MMOL_PER_L, GlucoseUnit
from PySide6.QtCore import QObject, QSettings, Signal


class Theme(StrEnum):
    """Of the colours."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Language(StrEnum):
    """Of the words."""

    SYSTEM = "system"
    ENGLISH = "en"
    CHINESE = "zh"


class Unit(StrEnum):
    """In which glucose is shown."""

    MMOL_PER_L = "mmol/L"
    MG_PER_DL = "mg/dL"

    @property
    def of_contract(self) -> GlucoseUnit.ValueType:
        """As the contract numbers it."""
        return GLUCOSE_UNIT_MG_PER_DL if self is Unit.MG_PER_DL else GLUCOSE_UNIT_MMOL_PER_L


class Settings(QObject):
    """Read and set them like attributes; `changed` after each change."""

    changed = Signal()

    def __init__(self, store: QSettings) -> None:
        super().__init__()
        self._store = store

    @property
    def theme(self) -> Theme:
        return Theme(self._kept("theme", Theme.SYSTEM.value))

    @theme.setter
    def theme(self, theme: Theme) -> None:
        self._keep("theme", theme.value)

    @property
    def language(self) -> Language:
        return Language(self._kept("language", Language.SYSTEM.value))

    @language.setter
    def language(self, language: Language) -> None:
        self._keep("language", language.value)

    @property
    def unit(self) -> Unit:
        return Unit(self._kept("unit", Unit.MMOL_PER_L.value))

    @unit.setter
    def unit(self, unit: Unit) -> None:
        self._keep("unit", unit.value)

    @property
    def lock_minutes(self) -> int:
        """After so long without a key or the mouse the windows are locked, 1 to 60."""
        return int(self._kept("lock_minutes", "10"))

    @lock_minutes.setter
    def lock_minutes(self, minutes: int) -> None:
        self._keep("lock_minutes", str(minutes))

    @property
    def sound(self) -> bool:
        """Whether alerts sound. An urgent low does so whatever this says."""
        return self._kept("sound", "true") == "true"

    @sound.setter
    def sound(self, sound: bool) -> None:
        self._keep("sound", str(sound).lower())

    def _kept(self, name: str, default: str) -> str:
        return str(self._store.value(name, default))

    def _keep(self, name: str, value: str) -> None:
        if self._store.value(name) != value:
            self._store.setValue(name, value)
            self.changed.emit()
