"""What a locked window shows: nothing of patients but how many urgent alerts there are."""

from apricot.errors.v1.reason_pb2 import Reason
from PySide6.QtCore import QRectF, QRegularExpression, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QRegularExpressionValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from clients.clinician.models.workplace import Workplace
from clients.clinician.views import words
from clients.clinician.views.alerts import phrases
from clients.clinician.views.parts import button, card, column, label, row
from clients.clinician.views.shell import icons
from clients.clinician.views.shell.icons import Icon
from clients.clinician.views.theme import SPACE, theme
from clients.sdk import ApricotError

_WIDTH = 400


class Cover(QWidget):
    """Over the whole window; opened by the second factor, or left by signing in anew."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self._workplace = workplace
        lock = workplace.lock
        self.urgent, self._urgent_words = label(role="count"), label(role="problem", wraps=True)
        self.stale = label(role="doubt", wraps=True)
        for each in self.urgent, self._urgent_words, self.stale:
            each.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._code = QLineEdit()
        self._code.setPlaceholderText(self.tr("Six digits"))
        self._code.setAccessibleName(self.tr("Code of your authenticator app"))
        self._code.setMaxLength(6)
        self._code.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{0,6}"), self))
        self._code.textEdited.connect(self._edited)
        self._code.returnPressed.connect(self._unlock)
        self._problem = label(role="problem", wraps=True)
        self._problem.hide()
        self._open = button(self.tr("Unlock"), self._unlock, "primary")
        self._demo = button(self.tr("Use the demo's code"), self._fill_in, "quiet")
        anew = button(self.tr("Sign out and sign in again"), lambda: workplace.sign_out_asked.emit(False), "quiet")
        name = workplace.desk.account.profile.display_name or workplace.desk.account.phone
        who = label(self.tr("Signed in as {name}").format(name=name), "muted", wraps=True)
        title = label(self.tr("Locked"), "title")
        for each in title, who:
            each.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        picture = _Picture()
        inside = column(picture, title, who, spacing=SPACE)
        inside.setAlignment(picture, Qt.AlignmentFlag.AlignHCenter)
        box = card(
            self.stale,
            inside,
            column(self.urgent, self._urgent_words, spacing=0),
            label(self.tr("Code of your authenticator app")),
            self._code,
            self._problem,
            self._open,
            self._demo,
            anew,
            spacing=SPACE + 4,
        )
        box.setFixedWidth(_WIDTH)
        # In the card already: alone it would be a window, and the curtain hides every window that comes.
        self._demo.setVisible(workplace.demo_codes is not None)
        self.setLayout(column(None, row(None, box, None), None))
        lock.changed.connect(self._show)
        lock.refused.connect(self._refused)
        workplace.alerts.changed.connect(self._show)
        workplace.desk.connection.changed.connect(self._show)
        workplace.desk.second.connect(self._show)
        self._show()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._code.setFocus()

    def _show(self) -> None:
        busy = self._workplace.lock.busy
        self._show_alerts()
        self._code.setReadOnly(busy)
        self._open.setEnabled(not busy and len(self._code.text()) == 6)
        if self._workplace.demo_codes is not None:
            seconds = self._workplace.demo_codes.seconds_to_next()
            wait = self.tr("The demo's next code comes in {seconds} s").format(seconds=int(seconds) + 1)
            self._demo.setText(wait if seconds else self.tr("Use the demo's code"))
            self._demo.setEnabled(not busy and not seconds)

    def _show_alerts(self) -> None:
        alerts = self._workplace.alerts
        count = len(alerts.pressing)
        title, what = phrases.doubt(alerts)
        self.stale.setText(f"{title}. {what}")
        self.stale.setVisible(bool(title))
        self.urgent.setText(str(count))
        self._urgent_words.setText(self._waiting(count, was=bool(title)))
        for each in self.urgent, self._urgent_words:
            each.setVisible(bool(count))

    def _waiting(self, count: int, *, was: bool) -> str:
        """Return what stands below the count; `was`: nobody knows how it is now."""
        if was:
            one = self.tr("urgent alert waited when the connection was lost")
            return one if count == 1 else self.tr("urgent alerts waited when the connection was lost")
        return self.tr("urgent alert waiting") if count == 1 else self.tr("urgent alerts waiting")

    def _edited(self) -> None:
        self._problem.hide()
        self._show()
        if len(self._code.text()) == 6:
            self._unlock()

    def _unlock(self) -> None:
        if len(self._code.text()) == 6:
            self._workplace.lock.unlock(self._code.text())

    def _fill_in(self) -> None:
        if self._workplace.demo_codes is not None:
            self._code.setText(self._workplace.demo_codes.next())
            self._unlock()

    def _refused(self, error: ApricotError) -> None:
        if error.reason == Reason.REASON_SECOND_FACTOR_INVALID:
            text = self.tr("This code is wrong, or was used before. Wait for the next one.")
        elif error.reason == Reason.REASON_RATE_LIMITED:
            wait = self.tr("Too many tries. Wait {seconds} s, then try again.")
            text = wait.format(seconds=int(error.retry_after_seconds) + 1)
        else:
            text = words.problem(error)
        self._problem.setText(text)
        self._problem.show()
        self._code.clear()
        self._code.setFocus()
        self._show()


class _Picture(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(QSize(40, 40))

    def paintEvent(self, _: QPaintEvent) -> None:
        icons.paint(QPainter(self), Icon.LOCK, QRectF(self.rect()), theme().color("accent"))
