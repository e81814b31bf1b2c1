"""Two revisions side by side: each line with what became of it, by a word and a colour."""

from apricot.glucose.v1.plan_pb2 import PlanContent
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QScrollArea, QWidget

from clients.clinician.models.loop.compare import Difference, Section, align
from clients.clinician.models.settings import Unit
from clients.clinician.views.loop import plan_words
from clients.clinician.views.parts import column, label, row
from clients.clinician.views.theme import SPACE, theme

_COLORS = {Difference.ADDED: "good", Difference.REMOVED: "urgent", Difference.CHANGED: "warning"}


class CompareView(QWidget):
    """What is the same can be hidden."""

    def __init__(self, unit: Unit) -> None:
        super().__init__()
        self._unit = unit
        self._old, self._new = PlanContent(), PlanContent()
        self._names = ("", "")
        self.only_changes = QCheckBox(self.tr("Only what differs"))
        self.only_changes.setChecked(True)
        self.only_changes.toggled.connect(self._draw)
        self.summary = label("", "muted", wraps=True)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        body = column(row(self.summary, None, self.only_changes), self._scroll, spacing=2 * SPACE)
        body.setStretchFactor(self._scroll, 1)
        self.setLayout(body)

    def show_two(self, old: PlanContent, new: PlanContent, old_name: str, new_name: str) -> None:
        """The old one left, the new one right."""
        if (old, new, (old_name, new_name)) != (self._old, self._new, self._names):
            self._old, self._new, self._names = old, new, (old_name, new_name)
        self._draw()

    def _draw(self) -> None:
        lines = align(self._old, self._new)
        counts = {kind: sum(each.difference is kind for each in lines) for kind in Difference}
        differ = len(lines) - counts[Difference.SAME]
        self.summary.setText(
            self.tr("{added} added, {removed} removed, {changed} changed, {same} the same").format(
                added=counts[Difference.ADDED],
                removed=counts[Difference.REMOVED],
                changed=counts[Difference.CHANGED],
                same=counts[Difference.SAME],
            )
            if differ
            else self.tr("Nothing differs.")
        )
        page, grid = QWidget(), QGridLayout()
        page.setProperty("role", "page")
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(SPACE)
        grid.setColumnStretch(2, 1)
        grid.setColumnStretch(3, 1)
        for place, name in enumerate(self._names, start=2):
            grid.addWidget(label(name, "heading", wraps=True), 0, place)
        at, section = 1, None
        for each in lines:
            if self.only_changes.isChecked() and each.difference is Difference.SAME:
                continue
            if each.section is not section:
                section = each.section
                self._heading(grid, at, section)
                at += 1
            self._cell(grid, at, 0, plan_words.difference(each.difference), each.difference)
            grid.addWidget(label(plan_words.title(each), wraps=True), at, 1, Qt.AlignmentFlag.AlignTop)
            for place, side in ((2, each.old), (3, each.new)):
                text = plan_words.value(side, each.field, self._unit) or self.tr("nothing")
                role = "muted" if side is None or each.difference is Difference.SAME else ""
                grid.addWidget(label(text, role, wraps=True, selectable=True), at, place, Qt.AlignmentFlag.AlignTop)
            at += 1
            if each.fields:
                grid.addWidget(label(plan_words.change(each, self._unit), "muted", wraps=True), at, 2, 1, 2)
                at += 1
        grid.setRowStretch(at, 1)
        page.setLayout(grid)
        self._scroll.setWidget(page)

    def _heading(self, grid: QGridLayout, at: int, of: Section) -> None:
        made = label(plan_words.section(of), "muted")
        made.setContentsMargins(0, SPACE, 0, 0)
        grid.addWidget(made, at, 0, 1, 4)

    def _cell(self, grid: QGridLayout, at: int, place: int, text: str, of: Difference) -> None:
        made = label(text, "muted" if of is Difference.SAME else "")
        if of in _COLORS:
            color = getattr(theme(), _COLORS[of])
            made.setStyleSheet(
                f"color: {color}; border: 1px solid {color}; border-radius: 4px; padding: 1px 6px; font-weight: 700;"
            )
        grid.addWidget(made, at, place, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
