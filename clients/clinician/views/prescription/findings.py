"""What the check found, right where it matters: its severity by shape, word and colour, and where it comes from."""

from collections.abc import Callable, Sequence

from apricot.consult.v1 import prescription_pb2 as pb
from apricot.consult.v1.prescription_pb2 import Finding
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from clients.clinician.views.parts import button, column, label, row
from clients.clinician.views.prescription import rx_words
from clients.clinician.views.prescription.fields import Entry
from clients.clinician.views.theme import RADIUS, SPACE, theme

_RECORDED = {
    pb.FINDING_KIND_ALLERGY,
    pb.FINDING_KIND_MEDICINE,
    pb.FINDING_KIND_KIDNEY,
    pb.FINDING_KIND_PREGNANCY,
}
"""What the patient's record could answer."""


def color(finding: Finding) -> QColor:
    """By what it means for signing; of what is only told, by how grave it is."""
    worn = theme()
    if finding.consequence == pb.FINDING_CONSEQUENCE_BLOCKS:
        return worn.color("urgent")
    if finding.consequence == pb.FINDING_CONSEQUENCE_NEEDS_REASON:
        return worn.color("warning")
    return worn.color("accent" if finding.severity == pb.FINDING_SEVERITY_MODERATE else "muted")


class SeverityMark(QWidget):
    """Never: an octagon. Major: a triangle. Moderate: a diamond. Minor: a circle. Unknown: a dashed circle."""

    def __init__(self, severity: int, painted: QColor) -> None:
        super().__init__()
        self._severity = severity
        self._color = painted
        self.setFixedSize(QSize(20, 20))
        self.setAccessibleName(rx_words.severity(severity))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._color, 1.8)
        place, middle = QRectF(2, 2, 16, 16), QPointF(10, 10)
        match self._severity:
            case pb.FINDING_SEVERITY_CONTRAINDICATED:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._color)
                cut = 5.0
                painter.drawPolygon(
                    QPolygonF(
                        [
                            QPointF(2 + cut, 2), QPointF(18 - cut, 2), QPointF(18, 2 + cut), QPointF(18, 18 - cut),
                            QPointF(18 - cut, 18), QPointF(2 + cut, 18), QPointF(2, 18 - cut), QPointF(2, 2 + cut),
                        ]
                    )
                )  # fmt: skip
                painter.setPen(QPen(theme().color("on_urgent"), 2.2))
                painter.drawLine(QPointF(6, 10), QPointF(14, 10))
            case pb.FINDING_SEVERITY_MAJOR:
                painter.setPen(
                    QPen(self._color, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
                )
                painter.drawPolygon(QPolygonF([QPointF(10, 2.5), QPointF(18, 17), QPointF(2, 17)]))
                painter.drawLine(QPointF(10, 8), QPointF(10, 12))
                painter.drawPoint(QPointF(10, 14.6))
            case pb.FINDING_SEVERITY_MODERATE:
                painter.setPen(pen)
                painter.drawPolygon(QPolygonF([QPointF(10, 2), QPointF(18, 10), QPointF(10, 18), QPointF(2, 10)]))
            case pb.FINDING_SEVERITY_MINOR:
                painter.setPen(pen)
                painter.drawEllipse(place.adjusted(2, 2, -2, -2))
            case _:
                pen.setDashPattern([2.0, 1.6])
                painter.setPen(pen)
                painter.drawEllipse(place)
                chosen = self.font()
                chosen.setPixelSize(12)
                chosen.setBold(True)
                painter.setFont(chosen)
                painter.drawText(QRectF(middle.x() - 8, 2, 16, 16), Qt.AlignmentFlag.AlignCenter, "?")
        painter.end()


class FindingRow(QFrame):
    """One finding, with the doctor's reason where it needs one. `record` opens the patient's record; None: not here."""

    def __init__(
        self,
        finding: Finding,
        reason: str,
        give: Callable[[str, str], object],
        record: Callable[[], object] | None,
    ) -> None:
        super().__init__()
        self.finding = finding
        painted = color(finding)
        worn = theme()
        behind = worn.urgent_surface if finding.consequence == pb.FINDING_CONSEQUENCE_BLOCKS else worn.raised
        self.setObjectName("finding")
        self.setStyleSheet(
            f"QFrame#finding {{ background: {behind}; border: none; border-left: 3px solid {painted.name()};"
            f" border-top-right-radius: {RADIUS // 2}px; border-bottom-right-radius: {RADIUS // 2}px; }}"
        )
        head = label(f"{rx_words.severity(finding.severity)} · {rx_words.kind(finding.kind)}")
        head.setStyleSheet(f"color: {painted.name()}; font-weight: 700;")
        meaning = label(rx_words.consequence(finding.consequence), "muted")
        source = rx_words.told(finding.source) or self.tr("the platform's data")
        self.reason: Entry | None = None
        parts: list[QWidget | QBoxLayout | None] = [
            row(SeverityMark(finding.severity, painted), head, None, meaning),
            label(rx_words.names(finding), wraps=True, selectable=True) if rx_words.names(finding) else None,
            label(rx_words.told(finding.effect), wraps=True, selectable=True),
            label(self.tr("Do: {action}").format(action=rx_words.told(finding.action)), wraps=True, selectable=True)
            if finding.action
            else None,
            label(self.tr("Source: {source}").format(source=source), "muted", wraps=True, selectable=True),
            label(self.tr("Not reviewed by a pharmacist"), "muted", wraps=True) if finding.unreviewed else None,
        ]
        if finding.consequence == pb.FINDING_CONSEQUENCE_NEEDS_REASON:
            self.reason = Entry(
                self.tr("Your reason"),
                lambda text: give(finding.key, text),
                hint=self.tr("Why is it right for this patient? Your reason is kept with it."),
            )
            self.reason.setText(reason)
            parts.append(self.reason)
        if record is not None and finding.severity == pb.FINDING_SEVERITY_UNKNOWN and finding.kind in _RECORDED:
            parts.append(row(button(self.tr("Record what the patient says"), record), None))
        layout = column(*[part for part in parts if part is not None], spacing=4)
        layout.setContentsMargins(SPACE + 4, SPACE, SPACE + 4, SPACE)
        self.setLayout(layout)
        self.setAccessibleName(f"{rx_words.severity(finding.severity)} {rx_words.kind(finding.kind)}: {finding.effect}")


class FindingList(QWidget):
    """Rows stay where the same is found again, so that nobody's typing is disturbed."""

    def __init__(self, give: Callable[[str, str], object], record: Callable[[], object] | None) -> None:
        super().__init__()
        self._give = give
        self._record = record
        self.rows: dict[str, FindingRow] = {}
        self._layout = QVBoxLayout()
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACE)
        self.setLayout(self._layout)
        self.hide()

    @property
    def inputs(self) -> list[QWidget]:
        """In their order."""
        return [shown.reason for shown in self.rows.values() if shown.reason is not None]

    def show_findings(self, findings: Sequence[Finding], reasons: Callable[[str], str]) -> None:
        wanted = {finding.key: finding for finding in findings}
        for key in [key for key, shown in self.rows.items() if wanted.get(key) != shown.finding]:
            gone = self.rows.pop(key)
            self._layout.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, (key, finding) in enumerate(wanted.items()):
            if key not in self.rows:
                self.rows[key] = FindingRow(finding, reasons(key), self._give, self._record)
            if self._layout.indexOf(self.rows[key]) != place:
                self._layout.removeWidget(self.rows[key])
                self._layout.insertWidget(place, self.rows[key])
        self.rows = {key: self.rows[key] for key in wanted}
        self.setVisible(bool(wanted))
