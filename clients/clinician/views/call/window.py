"""A call, in a window of its own: it can stay beside the patient's page, on another screen, or on top."""

from collections.abc import Callable

from apricot.consult.v1.call_pb2 import CALL_END_HUNG_UP
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QImage, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from clients.clinician.models.call.call import CallModel, Stage
from clients.clinician.models.call.quality import Quality
from clients.clinician.views.call import words
from clients.clinician.views.call.device_choice import DeviceChoice
from clients.clinician.views.call.icons import SIZE, icon
from clients.clinician.views.call.pictures import Picture
from clients.clinician.views.parts import button, column, label, restyle, row
from clients.clinician.views.theme import SPACE, theme

_OWN_SHARE = 0.24
_RING_MILLISECONDS = 2000
_END_MILLISECONDS = 6000
"""An ordinary end closes by itself."""


class CallWindow(QWidget):
    """Shows itself while there is a call, until its end was read."""

    def __init__(self, model: CallModel) -> None:
        super().__init__()
        self.setWindowFlag(Qt.WindowType.Window)
        self.resize(720, 640)
        self.setMinimumSize(480, 440)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # no button has the focus before one is chosen
        self._model = model
        self._locked = False
        self._asking = False
        self._shown_name = ""

        self._name, self._standing = label(role="title"), label(role="muted", wraps=True)
        self._quality, self._time = label(role="muted"), label(role="heading")
        self._time.setAccessibleName(self.tr("Length of the call"))
        self._picture = Picture()
        self._own = Picture(mirrored=True)
        self._own.setParent(self._picture)
        self._own.setAccessibleName(self.tr("Your own picture"))
        self._lacks = label(role="muted", wraps=True)
        self._devices = DeviceChoice(model.media)
        self._devices.hide()
        self._question = self._make_question()

        self._mute = self._control("M", self._toggle_mute)
        self._camera = self._control("V", self._toggle_camera)
        self._choose = self._control("D", self._toggle_devices)
        self._mute.setCheckable(True)
        self._top = self._control("T", self._toggle_top)
        self._accept = self._control("Return", self._take, "primary")
        self._accept_by_voice = self._control("A", self._take_by_voice)
        self._hang_up = self._control("Ctrl+H", self._leave, "urgent")
        self._close = self._control("Return", self.close, "primary")
        QShortcut(QKeySequence("Escape"), self, self._escape)
        QShortcut(QKeySequence("Enter"), self, self._enter)
        self._name_controls()
        controls = QHBoxLayout()
        controls.setSpacing(SPACE)
        controls.addWidget(self._choose)
        controls.addWidget(self._top)
        controls.addStretch(1)
        for each in self._mute, self._camera, self._accept_by_voice, self._accept, self._hang_up, self._close:
            controls.addWidget(each)

        page = QVBoxLayout(self)
        page.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        page.setSpacing(2 * SPACE)
        who = column(self._name, self._standing, spacing=0)
        page.addLayout(row(who, None, column(row(None, self._time), row(None, self._quality), spacing=0)))
        page.addWidget(self._picture, 1)
        page.addWidget(self._lacks)
        page.addWidget(self._devices)
        page.addWidget(self._question)
        page.addLayout(controls)

        self._ring = QTimer(self, interval=_RING_MILLISECONDS)
        self._ring.timeout.connect(self._sound)
        self._ending = QTimer(self, interval=_END_MILLISECONDS, singleShot=True)
        self._ending.timeout.connect(self.close)
        model.changed.connect(self._show)
        model.desk.second.connect(self._tell)
        model.media.picture.connect(self._show_picture)
        model.media.own_picture.connect(self._show_own_picture)
        self._show()

    def set_locked(self, locked: bool) -> None:
        """While the screen is locked, a call that rings is told without a name, and answered by nobody."""
        self._locked = locked
        self._show()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing it hangs up, after a question; what rings is declined by its button alone."""
        if self._model.is_under_way:
            self._ask(True)
            event.ignore()
        elif self._model.stage is Stage.ENDED:
            self._model.dismiss()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_own()

    # What is shown.

    def _show(self) -> None:
        """All of it, as the model has it."""
        stage = self._model.stage
        if stage is Stage.NONE:
            self._ask(False)
            self.hide()
            return
        self._asking = self._asking and self._model.is_under_way
        self._show_controls(stage)
        self._show_people(stage)
        self._ring_while(stage is Stage.RINGING)
        if stage is Stage.ENDED and self._model.end == CALL_END_HUNG_UP:
            if not self._ending.isActive():
                self._ending.start()
        else:
            self._ending.stop()
        self._tell()
        if not self.isVisible():
            self.setFocus()
            self.show()
            if stage is Stage.RINGING:
                self.raise_()
                QApplication.alert(self)

    def _show_controls(self, stage: Stage) -> None:
        media, under_way, rings = self._model.media, self._model.is_under_way, stage is Stage.RINGING
        for shown, controls in (
            (under_way, (self._mute, self._choose)),
            (under_way and self._model.may_show_picture, (self._camera,)),
            (under_way or rings, (self._hang_up, self._top)),
            (rings, (self._accept,)),
            (rings and self._model.wants_picture and media.has_camera, (self._accept_by_voice,)),
            (stage is Stage.ENDED, (self._close,)),
        ):
            for each in controls:
                each.setVisible(shown)
                each.setEnabled(shown and not (self._locked and rings))
        self._mute.setEnabled(under_way and media.has_microphone)
        self._camera.setEnabled(under_way and media.has_camera)
        self._question.setVisible(self._asking)
        self._devices.setVisible(self._devices.isVisibleTo(self) and under_way)
        self._name_controls()

    def _show_people(self, stage: Stage) -> None:
        media = self._model.media
        name = "" if self._locked else "、".join(self._model.others) or self.tr("The patient")
        self._name.setText(self.tr("A call rings. Unlock to answer.") if self._locked and not name else name)
        self.setWindowTitle(self.tr("Call") if not name else self.tr("Call: {name}").format(name=name))
        if not media.shows_picture or not self._model.is_under_way or self._locked:
            self._picture.show_image(None)
        if not media.camera_is_on:
            self._own.show_image(None)
        self._own.setVisible(media.camera_is_on and not self._locked)
        self._own.tell(self._model.own_name)
        self._shown_name = name
        self._picture.setAccessibleName(name)
        lacks = words.lacks(media, picture=self._model.may_show_picture) if stage is not Stage.ENDED else ""
        if media.muted and self._model.is_under_way:
            lacks = self.tr("You are muted.") + " " + lacks
        self._lacks.setText(lacks)
        self._lacks.setVisible(bool(lacks))

    def _tell(self) -> None:
        """What changes with time alone."""
        model, media = self._model, self._model.media
        standing = words.standing(model)
        if model.stage is Stage.ACTIVE and self._picture.is_shown and media.picture_is_old:
            standing = self.tr("The picture stands still")
        elif model.stage is Stage.ACTIVE and not media.shows_picture and model.wants_picture:
            standing = self.tr("Their camera is off")
        is_old = model.stage is Stage.RECONNECTING or (self._picture.is_shown and media.picture_is_old)
        self._picture.tell(self._shown_name, standing if is_old else "")
        self._standing.setText(standing)
        self._time.setText(words.talked(model.talked) if model.was_answered else "")
        quality = model.quality if model.stage is Stage.ACTIVE else Quality.UNKNOWN
        self._quality.setText(words.quality(quality))
        self._quality.setStyleSheet(f"color: {theme().warning if quality is Quality.POOR else theme().muted};")

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
        _name(self._accept, "phone", accept, "Enter", on="on_accent")
        _name(self._accept_by_voice, "microphone", self.tr("Voice alone"), "A")
        _name(self._hang_up, "hang_up", self.tr("Decline") if rings else self.tr("Hang up"), "Ctrl+H", on="on_urgent")
        _name(self._close, "", self.tr("Close"), "Enter")

    def _show_picture(self, image: QImage) -> None:
        if not self._locked:
            self._picture.show_image(image)

    def _show_own_picture(self, image: QImage) -> None:
        self._own.show_image(image)
        self._place_own()

    def _place_own(self) -> None:
        """In the corner of the other one."""
        width = int(self._picture.width() * _OWN_SHARE)
        height = width * 3 // 4
        self._own.setGeometry(
            self._picture.width() - width - SPACE, self._picture.height() - height - SPACE, width, height
        )

    # What she does.

    def _take(self) -> None:
        if self._model.stage is Stage.RINGING and not self._locked:
            self._model.call(video=self._model.wants_picture)

    def _take_by_voice(self) -> None:
        self._model.call(video=False)

    def _leave(self) -> None:
        self._ask(False)
        self._model.hang_up()

    def _toggle_mute(self) -> None:
        self._model.media.mute(not self._model.media.muted)

    def _toggle_camera(self) -> None:
        self._model.media.show_camera(not self._model.media.camera_is_on)

    def _toggle_devices(self) -> None:
        self._devices.setVisible(not self._devices.isVisibleTo(self))

    def _toggle_top(self) -> None:
        on_top = not self._stays_on_top
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, on_top)
        restyle(self._top, "primary" if on_top else "quiet")
        _name(self._top, "top", self.tr("Keep on top"), "T", on="on_accent" if on_top else "text")
        self.show()

    @property
    def _stays_on_top(self) -> bool:
        return bool(self.windowFlags() & Qt.WindowType.WindowStaysOnTopHint)

    def _escape(self) -> None:
        if self._asking:
            self._ask(False)
        elif self._model.is_under_way:
            self._ask(True)
        elif self._model.stage is Stage.ENDED:
            self.close()

    def _enter(self) -> None:
        """The one of the number pad does what the other one does."""
        for each in self._yes, self._accept, self._close:
            if each.isVisibleTo(self):
                each.click()
                return

    def _ask(self, asks: bool) -> None:
        self._asking = asks
        self._question.setVisible(asks)
        if asks:
            self._yes.setFocus()

    def _make_question(self) -> QFrame:
        made = QFrame()
        made.setProperty("role", "urgent")
        self._yes = button(self.tr("Hang up"), self._leave, "urgent", tip=self.tr("Hang up (Enter)"))
        self._yes.setAutoDefault(True)
        stay = button(self.tr("Stay"), lambda: self._ask(False), tip=self.tr("Stay in the call (Esc)"))
        layout = row(label(self.tr("Hang up?"), "heading"), None, stay, self._yes)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        made.setLayout(layout)
        made.hide()
        return made

    def _ring_while(self, rings: bool) -> None:
        if rings and not self._ring.isActive():
            self._sound()
            self._ring.start()
        elif not rings:
            self._ring.stop()

    def _sound(self) -> None:
        if self._model.desk.settings.sound:
            QApplication.beep()

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
