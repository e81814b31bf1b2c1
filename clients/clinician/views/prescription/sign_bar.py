"""What will be signed, whether it was checked, and the signature."""

from apricot.errors.v1.reason_pb2 import Reason
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from clients.clinician.models.prescription import writing
from clients.clinician.models.prescription.live_check import CheckState
from clients.clinician.models.prescription.writer import Block, Phase, PrescriptionWriter
from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.prescription import rx_words
from clients.clinician.views.prescription.fields import Entry
from clients.clinician.views.theme import SPACE, theme

_OF_THE_CODE = {Reason.REASON_SECOND_FACTOR_INVALID, Reason.REASON_FRESH_SIGN_IN_REQUIRED}
_DIGITS = 6


class CheckMark(QWidget):
    """A tick: checked. A bar: it may not be signed. A dashed ring: not checked."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(20, 20)
        self._sign, self._color = "open", QColor()

    def show_sign(self, sign: str, color: QColor) -> None:
        self._sign, self._color = sign, color
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._color, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        if self._sign == "open":
            pen.setDashPattern([2.0, 2.0])
        painter.setPen(pen)
        painter.drawEllipse(QRectF(2, 2, 16, 16))
        if self._sign == "tick":
            painter.drawPolyline([QPointF(6.2, 10.4), QPointF(9, 13), QPointF(14, 7.4)])
        if self._sign == "bar":
            painter.drawLine(QPointF(6, 10), QPointF(14, 10))
        painter.end()


class SignBar(QFrame):
    """Always in sight, under what is written."""

    def __init__(self, writer: PrescriptionWriter) -> None:
        super().__init__()
        self._writer = writer
        self.setProperty("role", "card")
        self._mark = CheckMark()
        self._state = label("", wraps=True)
        self._state.setAccessibleName(self.tr("State of the safety check"))
        self._summary = label("", wraps=True, selectable=True)
        self.code = Entry(
            self.tr("Code of your authenticator"), lambda _: self._show(), hint=self.tr("6-digit code"), most=_DIGITS
        )
        self.code.setFixedWidth(120)
        self.code.returnPressed.connect(self.sign)
        self._code_problem = label("", "problem", wraps=True)
        self._problem = label("", "problem", wraps=True)
        self.sign_button = button("", self.sign, "primary", tip="Ctrl+Enter")
        self.discard_button = button(self.tr("Discard…"), self._discard, "quiet")
        self._discards = False
        state = row(self._mark, self._state)
        state.setStretch(1, 1)
        layout = column(
            state,
            self._summary,
            self._problem,
            self._code_problem,
            row(None, self.discard_button, self.code, self.sign_button),
        )
        layout.setContentsMargins(12, SPACE, 12, SPACE)
        self.setLayout(layout)
        writer.changed.connect(self._show)
        self._show()

    @property
    def state_words(self) -> str:
        """What it says of the check."""
        return self._state.text()

    def sign(self) -> None:
        """Sign, where nothing is against it; a code that is wanted is asked for first."""
        if self._writer.blocks:
            return
        code = self.code.text().strip()
        if self._writer.phase is not Phase.UNCERTAIN and len(code) != _DIGITS:
            self.code.setFocus()
            return
        self.code.clear()
        self._writer.sign(code)

    def _discard(self) -> None:
        """Twice: what was typed is gone then."""
        if self._discards:
            self._writer.discard()
        self._discards = not self._discards
        self.discard_button.setText(self.tr("Discard it all") if self._discards else self.tr("Discard…"))

    def _show(self) -> None:
        writer = self._writer
        sign, color, text = self._check_words()
        self._mark.show_sign(sign, color)
        self._state.setText(text)
        self._state.setStyleSheet(f"color: {color.name()}; font-weight: 700;")
        self._summary.setText(self._summary_words())
        self._summary.setVisible(bool(self._summary.text()))
        refusal = writer.refusal
        of_code = refusal is not None and refusal.reason in _OF_THE_CODE
        said = rx_words.refusal(refusal) if refusal else ""
        if writer.phase is Phase.UNCERTAIN:
            said = self.tr(
                "The answer was lost: nobody knows whether it was issued. Sign again to ask: the same request is"
                " repeated, and nothing is issued twice."
            )
        self._problem.setText("" if of_code and writer.phase is not Phase.UNCERTAIN else said)
        self._problem.setVisible(bool(self._problem.text()))
        self._code_problem.setText(rx_words.refusal(refusal) if refusal and of_code else "")
        self._code_problem.setVisible(of_code)
        self.code.setVisible(writer.phase is not Phase.UNCERTAIN)
        self.discard_button.setVisible(writer.editable and not writer.writing.is_empty)
        self.sign_button.setText(self._sign_words())
        self.sign_button.setAccessibleName(self.sign_button.text())
        self.sign_button.setEnabled(not writer.blocks)
        self.sign_button.setToolTip("Ctrl+Enter" if not writer.blocks else text)

    def _sign_words(self) -> str:
        if self._writer.phase is Phase.SENDING:
            return self.tr("Signing…")
        if self._writer.phase is Phase.UNCERTAIN:
            return self.tr("Ask again")
        return self.tr("Sign revision") if self._writer.writing.revised_id else self.tr("Sign")

    def _summary_words(self) -> str:
        written = writing.written(self._writer.writing)
        if written is None:
            return ""
        return "\n".join(
            f"{place}. {rx_words.medicine(item)}\n    {rx_words.taking(item)} · {rx_words.handing_out(item)}"
            for place, item in enumerate(written.items, 1)
        )

    def _check_words(self) -> tuple[str, QColor, str]:
        writer, worn = self._writer, theme()
        check, blocks = writer.check, writer.blocks
        match check.state:
            case _ if writer.phase is Phase.UNCERTAIN:
                return "open", worn.color("warning"), self.tr("Waiting for an answer to what was signed")
            case CheckState.INCOMPLETE:
                count = len(writer.faults)
                return "open", worn.color("muted"), self.tr("Not checked: {count} to complete").format(count=count)
            case CheckState.CHECKING:
                return "open", worn.color("warning"), self.tr("Not checked yet: checking…")
            case CheckState.UNREACHABLE:
                return (
                    "bar",
                    worn.color("urgent"),
                    self.tr(
                        "Not checked: the safety check does not answer. It cannot be signed. Asking again every 5 s."
                    ),
                )
            case CheckState.REFUSED:
                told = rx_words.refusal(check.error) if check.error else ""
                return "bar", worn.color("urgent"), self.tr("Not checked. {why}").format(why=told)
        if Block.UNSAFE in blocks:
            return "bar", worn.color("urgent"), self.tr("Checked: it cannot be signed")
        if Block.REASON_MISSING in blocks:
            return "bar", worn.color("warning"), self.tr("Checked: a finding needs your reason")
        if check.findings:
            return "tick", worn.color("good"), self.tr("Checked: read what was found, then sign")
        return (
            "tick",
            worn.color("good"),
            self.tr("Checked: nothing found in the data. This is not proof of safety."),
        )
