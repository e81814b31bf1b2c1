"""Makes the tones heard, on machines that can."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTemporaryDir, QUrl
from PySide6.QtWidgets import QApplication

from clients.clinician.models.alerts.ringing import Ringing
from clients.clinician.models.alerts.sounding import Tone
from clients.clinician.views.alerts.tones import wav

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QSoundEffect


@cache
def is_available() -> bool:
    """Whether the system's audio libraries are there, and something to hear it by."""
    try:
        from PySide6.QtMultimedia import QMediaDevices
    except ImportError:
        return False
    return not QMediaDevices.defaultAudioOutput().isNull()


class Sound(QObject):
    """Plays what rings, once for the whole app; where there is no sound, the system's beep is all there is."""

    def __init__(self, ringing: Ringing) -> None:
        super().__init__()
        self._folder = QTemporaryDir()
        self._effects: dict[Tone, QSoundEffect] = self._load() if is_available() else {}
        ringing.rang.connect(self.play)

    def play(self, tone: Tone) -> None:
        """Once, from its begin."""
        if tone in self._effects:
            self._effects[tone].play()
        elif tone is not Tone.STALE:  # a beep has no quiet form
            QApplication.beep()

    def _load(self) -> "dict[Tone, QSoundEffect]":
        from PySide6.QtMultimedia import QSoundEffect

        effects: dict[Tone, QSoundEffect] = {}
        for tone in Tone:
            path = Path(self._folder.filePath(f"{tone}.wav"))
            path.write_bytes(wav(tone))
            effects[tone] = QSoundEffect(self)
            effects[tone].setSource(QUrl.fromLocalFile(str(path)))
        return effects
