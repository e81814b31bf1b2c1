"""A voice note: how long it is, and its sound where this machine can play one."""

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtWidgets import QWidget

from clients.clinician.models.consult.attachments import Attachments
from clients.clinician.views.parts import button, label, row

try:
    from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer
except ImportError:  # no sound system on this machine
    QMediaPlayer = None  # type: ignore[assignment, misc]


class VoicePlayer(QWidget):
    """Plays when it is asked to, never by itself."""

    def __init__(self, attachments: Attachments, attachment_id: str, seconds: int) -> None:
        super().__init__()
        self._attachments = attachments
        self._attachment_id = attachment_id
        self._wanted = False
        length = self.tr("Voice note, {minutes}:{seconds}")
        text = label(length.format(minutes=seconds // 60, seconds=f"{seconds % 60:02d}"))
        if QMediaPlayer is None:
            self.setLayout(row(text, label(self.tr("This machine cannot play sound."), "muted")))
            return
        self._buffer = QBuffer(self)
        self._player = QMediaPlayer(self)
        self._player.setAudioOutput(QAudioOutput(self))
        self._button = button(self.tr("Play"), self._toggle)
        self.setLayout(row(self._button, text))
        attachments.loaded.connect(self._loaded)
        self._player.playingChanged.connect(self._show)

    def _toggle(self) -> None:
        if self._player.isPlaying():
            self._player.stop()
            return
        content = self._attachments.content(self._attachment_id)
        self._wanted = content is None
        if content is not None:
            self._buffer.close()
            self._buffer.setData(content)
            self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
            self._player.setSourceDevice(self._buffer)
            self._player.play()

    def _loaded(self, attachment_id: str) -> None:
        if attachment_id == self._attachment_id and self._wanted:
            self._toggle()

    def _show(self, playing: bool) -> None:
        self._button.setText(self.tr("Stop") if playing else self.tr("Play"))
