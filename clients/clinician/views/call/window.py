"""A call, in a window of its own: it can stay beside the patient's page, on another screen, or on top."""

from apricot.consult.v1.call_pb2 import CALL_END_HUNG_UP
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from clients.clinician.models.call.call import CallModel, Stage
from clients.clinician.views.call.controls import Controls
from clients.clinician.views.call.device_choice import DeviceChoice
from clients.clinician.views.call.people import People
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.theme import SPACE

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
        self._people = People(model)
        self._devices = DeviceChoice(model.media)
        self._devices.hide()
        self._question = self._make_question()
        self._controls = Controls(model)
        page = column(self._people, self._devices, self._question, self._controls, spacing=2 * SPACE)
        page.setStretchFactor(self._people, 1)
        page.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        self.setLayout(page)
        self._ring = QTimer(self, interval=_RING_MILLISECONDS)
        self._ending = QTimer(self, interval=_END_MILLISECONDS, singleShot=True)
        self._wire()
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

    def _wire(self) -> None:
        add_key(self, "Escape", self.tr("Hang up (asks first)"), self._escape, from_anywhere=True)
        add_key(self, "Enter", self.tr("Answer, or close"), self._enter, from_anywhere=True)
        self._controls.devices_wanted.connect(self._toggle_devices)
        self._controls.top_wanted.connect(self._toggle_top)
        self._controls.left.connect(self._leave)
        self._controls.finished.connect(self.close)
        self._ring.timeout.connect(self._sound)
        self._ending.timeout.connect(self.close)
        self._model.changed.connect(self._show)
        self._model.desk.second.connect(self._people.tell)

    # What is shown.

    def _show(self) -> None:
        """All of it, as the model has it."""
        stage = self._model.stage
        if stage is Stage.NONE:
            self._ask(False)
            self.hide()
            return
        self._asking = self._asking and self._model.is_under_way
        self._question.setVisible(self._asking)
        self._devices.setVisible(self._devices.isVisibleTo(self) and self._model.is_under_way)
        self._controls.show_stage(locked=self._locked)
        self._people.show_stage(locked=self._locked)
        name = self._people.name
        self.setWindowTitle(self.tr("Call") if not name else self.tr("Call: {name}").format(name=name))
        self._ring_while(stage is Stage.RINGING)
        if stage is Stage.ENDED and self._model.end == CALL_END_HUNG_UP:
            if not self._ending.isActive():
                self._ending.start()
        else:
            self._ending.stop()
        self._people.tell()
        if not self.isVisible():
            self.setFocus()
            self.show()
            if stage is Stage.RINGING:
                self.raise_()
                QApplication.alert(self)

    # What she does.

    def _leave(self) -> None:
        self._ask(False)
        self._model.hang_up()

    def _toggle_devices(self) -> None:
        self._devices.setVisible(not self._devices.isVisibleTo(self))

    def _toggle_top(self) -> None:
        on_top = not self._stays_on_top
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, on_top)
        self._controls.show_on_top(on_top)
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
        for each in self._yes, self._controls.accept, self._controls.finish:
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
