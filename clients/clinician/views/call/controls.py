"""What can be done in a call, by button or key."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from clients.clinician.models.call.call import CallModel, Stage
from clients.clinician.views.call.icons import SIZE, icon
from clients.clinician.views.parts import button, restyle, row
from clients.clinician.views.theme import SPACE, theme


class Controls(QWidget):
    """A row of buttons, each with its key; those that do nothing now are not there."""

    devices_wanted = Signal()
    """To be shown, or hidden again."""
    top_wanted = Signal()
    """To stay above other windows, or no longer."""
    left = Signal()
    """She hangs up, or declines."""
    finished = Signal()
    """She has read how it ended."""

    def __init__(self, model: CallModel) -> None:
        super().__init__()
        self._model = model
        self._locked = False
        self._mute = self._control("M", self._toggle_mute)
        self._mute.setCheckable(True)
        self._camera = self._control("V", self._toggle_camera)
        self._choose = self._control("D", self.devices_wanted.emit)
        self._top = self._control("T", self.top_wanted.emit)
        self.accept = self._control("Return", self._take, "primary")
        self._accept_by_voice = self._control("A", self._take_by_voice)
        self._hang_up = self._control("Ctrl+H", self.left.emit, "urgent")
        self.finish = self._control("Return", self.finished.emit, "primary")
        self._name_controls()
        of_the_call = self._mute, self._camera, self._accept_by_voice, self.accept, self._hang_up, self.finish
        self.setLayout(row(self._choose, self._top, None, *of_the_call))

    def show_stage(self, *, locked: bool) -> None:
        """What can be done in the call as it stands; of one that rings nothing while the screen is `locked`."""
        self._locked, stage = locked, self._model.stage
        media, under_way, rings = self._model.media, self._model.is_under_way, stage is Stage.RINGING
        for shown, controls in (
            (under_way, (self._mute, self._choose)),
            (under_way and self._model.may_show_picture, (self._camera,)),
            (under_way or rings, (self._hang_up, self._top)),
            (rings, (self.accept,)),
            (rings and self._model.wants_picture and media.has_camera, (self._accept_by_voice,)),
            (stage is Stage.ENDED, (self.finish,)),
        ):
            for each in controls:
                each.setVisible(shown)
                each.setEnabled(shown and not (locked and rings))
        self._mute.setEnabled(under_way and media.has_microphone)
        self._camera.setEnabled(under_way and media.has_camera)
        self._name_controls()

    def show_on_top(self, on_top: bool) -> None:
        """Whether the window stays above others."""
        restyle(self._top, "primary" if on_top else "quiet")
        _name(self._top, "top", self.tr("Keep on top"), "T", on="on_accent" if on_top else "text")

    def _name_controls(self) -> None:
        media, rings = self._model.media, self._model.stage is Stage.RINGING
        _name(self._mute, "microphone_off" if media.muted else "microphone",
              self.tr("Unmute") if media.muted else self.tr("Mute"), "M")  # fmt: skip
        _name(self._camera, "camera" if media.camera_is_on else "camera_off",
              self.tr("Camera off") if media.camera_is_on else self.tr("Camera on"), "V")  # fmt: skip
        self._mute.setChecked(media.muted)
        _name(self._choose, "devices", self.tr("Devices"), "D")
        _name(self._top, "top", self.tr("Keep on top"), "T")
        accept = self.tr("Answer with video") if self._model.wants_picture and media.has_camera else self.tr("Answer")
        _name(self.accept, "phone", accept, "Enter", on="on_accent")
        _name(self._accept_by_voice, "microphone", self.tr("Voice only"), "A")
        _name(self._hang_up, "hang_up", self.tr("Decline") if rings else self.tr("Hang up"), "Ctrl+H", on="on_urgent")
        _name(self.finish, "", self.tr("Close"), "Enter")

    def _take(self) -> None:
        if self._model.stage is Stage.RINGING and not self._locked:
            self._model.call(video=self._model.wants_picture)

    def _take_by_voice(self) -> None:
        self._model.call(video=False)

    def _toggle_mute(self) -> None:
        self._model.media.mute(not self._model.media.muted)

    def _toggle_camera(self) -> None:
        self._model.media.show_camera(not self._model.media.camera_is_on)

    def _control(self, key: str, pressed: Callable[[], object], role: str = "") -> QPushButton:
        made = button("", pressed, role)
        made.setIconSize(QSize(SIZE, SIZE))
        made.setMinimumHeight(5 * SPACE)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setShortcut(QKeySequence(key))
        return made


def _name(of: QPushButton, shape: str, text: str, key: str, on: str = "text") -> None:
    """A button's icon and text, and its key in the tooltip; a new text would take its shortcut away."""
    shortcut = of.shortcut()
    of.setText(text)
    if shape:
        of.setIcon(icon(shape, theme().color(on)))
    of.setShortcut(shortcut)
    of.setAccessibleName(text)
    of.setToolTip(f"{text} ({key})")
