"""What the patient has opened to her: by scope, since when, until when; and how she gives it back."""

from datetime import UTC, datetime, timedelta

from apricot.access.v1.access_pb2 import (
    SCOPE_ALERT_READ,
    SCOPE_ALERT_WRITE,
    SCOPE_DOSE_READ,
    SCOPE_GLUCOSE_READ,
    SCOPE_GLUCOSE_WRITE,
    SCOPE_MEAL_READ,
    SCOPE_PLAN_READ,
    SCOPE_PLAN_WRITE,
    SCOPE_REPORT_READ,
    Scope,
)
from apricot.identity.v1.care_pb2 import Grant
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QMessageBox, QPushButton, QVBoxLayout, QWidget

from clients.clinician.models.loop.access import AccessModel, Opening, Standing
from clients.clinician.views import identity_words
from clients.clinician.views.dialogs import show_beside
from clients.clinician.views.keys import add_key
from clients.clinician.views.loop.plan_words import local_time
from clients.clinician.views.parts import button, card, column, label, line, row, scrolling
from clients.clinician.views.theme import SPACE, theme


class AccessTab(QWidget):
    """F5 looks again; it does so by itself twice a minute."""

    def __init__(self, model: AccessModel) -> None:
        super().__init__()
        self._model = model
        self._end = label("", "heading", wraps=True)
        self._state = label("", "muted", wraps=True)
        self._scopes = QVBoxLayout()
        self._scopes.setSpacing(SPACE)
        self._grants = QVBoxLayout()
        self._grants.setSpacing(2 * SPACE)
        self._countdowns: list[tuple[QLabel, Grant]] = []
        self._shown: object = None
        self.give_buttons: list[QPushButton] = []
        self.asked: QMessageBox | None = None
        """The question whether she is sure, while it is open."""
        scopes = card(label(self.tr("Your access"), "heading"), line(), self._scopes, spacing=2 * SPACE)
        scopes.setFixedWidth(52 * SPACE)
        left = column(scopes, None)
        right = column(label(self.tr("Grants"), "heading"), self._grants, None, spacing=2 * SPACE)
        page = QWidget()
        body = column(self._end, self._state, row(left, right, spacing=3 * SPACE), None, spacing=2 * SPACE)
        body.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 3 * SPACE)
        page.setLayout(body)
        self.setLayout(column(scrolling(page)))
        add_key(self, "F5", self.tr("Refresh"), model.load)
        model.changed.connect(self._show)
        model.desk.second.connect(self._tick)
        self._show()
        model.load()

    def _show(self) -> None:
        model = self._model
        standings = [(grant.grant_id, model.standing(grant)) for grant in model.grants]
        shown = (model.loaded, tuple(standings), frozenset(model.giving_back))
        if shown == self._shown:
            return
        self._shown = shown
        _clear(self._scopes)
        _clear(self._grants)
        self._countdowns.clear()
        self.give_buttons.clear()
        is_open = any(standing.is_open for _, standing in standings)
        name = identity_words.name(model.desk.feed.identity(model.patient_id))
        if not model.loaded:
            self._end.setText(self.tr("Loading …"))
        elif is_open:
            self._end.setText(self.tr("{name} has given you access").format(name=name))
        else:
            self._end.setText(self.tr("Your access to this patient has ended"))
        self._state.setText(
            self.tr("What you have typed is kept. Only the patient can give access again.")
            if model.loaded and not is_open
            else self.tr("The patient decides, and can end it at any time. Times are this computer's.")
        )
        for opening in model.openings():
            self._scopes.addWidget(self._scope(opening))
        for grant in model.grants:
            self._grants.addWidget(self._grant(grant))
        if model.loaded and not model.grants:
            self._grants.addWidget(label(self.tr("There are none."), "muted"))
        self._tick()

    def _scope(self, opening: Opening) -> QWidget:
        is_open = bool(opening.grants)
        name = label(scope(opening.scope), "" if is_open else "muted", wraps=True)
        state = self.tr("Open") if is_open else self.tr("Not open")
        mark = _Mark(is_open)
        windows = [_window(grant) for grant in opening.grants]
        narrowed = bool(windows) and all(windows)
        detail = label("; ".join(windows) if narrowed else "", "muted", wraps=True)
        detail.setVisible(narrowed)
        head = row(mark, name, label(state, "" if is_open else "muted"))
        head.setStretch(1, 1)
        made = QWidget()
        made.setLayout(column(head, detail, spacing=0))
        return made

    def _grant(self, grant: Grant) -> QFrame:
        model, standing = self._model, self._model.standing(grant)
        names = {
            Standing.LIVE: self.tr("Open"),
            Standing.ENDS_SOON: self.tr("Ends soon"),
            Standing.EXPIRED: self.tr("Expired"),
            Standing.REVOKED: self.tr("Ended"),
        }
        if model.is_mine(grant):
            to = self.tr("To you in person")
        else:
            to = self.tr("To {organization}, and through it to you").format(organization=grant.grantee_name)
        left = label("", "problem" if standing is Standing.ENDS_SOON else "muted")
        self._countdowns.append((left, grant))
        facts = [self.tr("Since {time}").format(time=_time(grant.create_time.ToDatetime(UTC)))]
        if grant.HasField("revoke_time"):
            facts.append(self.tr("Ended {time}").format(time=_time(grant.revoke_time.ToDatetime(UTC))))
        elif grant.HasField("expire_time"):
            facts.append(self.tr("Until {time}").format(time=_time(grant.expire_time.ToDatetime(UTC))))
        else:
            facts.append(self.tr("Until the patient ends it"))
        if grant.treatment_id:
            facts.append(self.tr("For one consultation; ends with it"))
        facts.append(_window(grant) or self.tr("All data, of any time"))
        give = QWidget()
        if standing.is_open and model.is_mine(grant):
            busy = grant.grant_id in model.giving_back
            text = self.tr("Giving back …") if busy else self.tr("Give back …")
            ask = button(text, lambda: self._ask(grant), tip=self.tr("End your own access"))
            ask.setEnabled(not busy)
            self.give_buttons.append(ask)
            give.setLayout(row(None, ask))
        head = row(label(to, "heading"), None, label(names[standing], "" if standing.is_open else "muted"))
        return card(
            head,
            *(label(fact, "muted", wraps=True) for fact in facts),
            label(self.tr(", ").join(scope(each) for each in grant.scopes), "muted", wraps=True),
            left,
            give,
        )

    def _ask(self, grant: Grant) -> None:
        identity = self._model.desk.feed.identity(self._model.patient_id)
        name = f"{identity_words.name(identity)} ({identity_words.facts(identity)})"
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("Give access back"))
        box.setText(self.tr("Give back your access to {name}?").format(name=name))
        box.setInformativeText(self.tr("You lose access at once, alerts included. Only the patient can give it again."))
        give = box.addButton(self.tr("Give back"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(self.tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        give.clicked.connect(lambda: self._model.give_back(grant.grant_id))
        box.finished.connect(self._answered)
        self.asked = box
        show_beside(box)

    def _answered(self) -> None:
        self.asked = None

    def _tick(self) -> None:
        if self.isVisible():
            self._model.look()
        if any(self._model.standing(grant).is_open for grant in self._model.grants):
            self._show()  # one may have ended by itself
        for text, grant in self._countdowns:
            ends = self._model.standing(grant) is Standing.ENDS_SOON
            text.setVisible(ends)
            if ends:
                left = grant.expire_time.ToDatetime(UTC) - self._model.desk.now()
                text.setText(self.tr("Ends in {time}").format(time=_countdown(left)))


class _Mark(QWidget):
    """A tick, or an empty circle."""

    def __init__(self, is_open: bool) -> None:
        super().__init__()
        self._open = is_open
        self.setFixedSize(2 * SPACE, 2 * SPACE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("good" if self._open else "line"), 1.8))
        if self._open:
            painter.drawPolyline([QPointF(3, 8.5), QPointF(6.5, 12), QPointF(13, 4.5)])
        else:
            painter.drawEllipse(QRectF(3, 3, 10, 10))


def scope(of: Scope.ValueType) -> str:
    """What a scope lets her do."""
    return {
        SCOPE_GLUCOSE_READ: QCoreApplication.translate("Words", "See glucose, ketones, weight, blood pressure"),
        SCOPE_GLUCOSE_WRITE: QCoreApplication.translate("Words", "Log entries in the patient's name"),
        SCOPE_MEAL_READ: QCoreApplication.translate("Words", "See meals, exercise and notes"),
        SCOPE_DOSE_READ: QCoreApplication.translate("Words", "See doses"),
        SCOPE_REPORT_READ: QCoreApplication.translate("Words", "See reports"),
        SCOPE_ALERT_READ: QCoreApplication.translate("Words", "See alerts, and be told of them"),
        SCOPE_ALERT_WRITE: QCoreApplication.translate("Words", "Set alert rules"),
        SCOPE_PLAN_READ: QCoreApplication.translate("Words", "See plans and the timeline's words"),
        SCOPE_PLAN_WRITE: QCoreApplication.translate("Words", "Write plans"),
    }.get(of, Scope.Name(of))


def _window(grant: Grant) -> str:
    """Which part of the data's time; "" for all of it."""
    begin = _time(grant.data_start_time.ToDatetime(UTC)) if grant.HasField("data_start_time") else ""
    end = _time(grant.data_end_time.ToDatetime(UTC)) if grant.HasField("data_end_time") else ""
    if begin and end:
        return QCoreApplication.translate("Words", "Data from {begin} to {end} only").format(begin=begin, end=end)
    if begin:
        return QCoreApplication.translate("Words", "Data from {begin} on only").format(begin=begin)
    return QCoreApplication.translate("Words", "Data up to {end} only").format(end=end) if end else ""


def _time(instant: datetime) -> str:
    return local_time(instant, "")


def _countdown(left: timedelta) -> str:
    seconds = max(0, int(left.total_seconds()))
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.deleteLater()
