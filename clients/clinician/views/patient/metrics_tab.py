"""The figures beside their goals, and the page to print."""

import re
from pathlib import Path

from apricot.glucose.v1.report_pb2 import (
    GLUCOSE_BAND_HIGH,
    GLUCOSE_BAND_LOW,
    GLUCOSE_BAND_VERY_HIGH,
    GLUCOSE_BAND_VERY_LOW,
    REPORT_LANGUAGE_EN,
    REPORT_LANGUAGE_ZH,
    Summary,
)
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QGridLayout, QLabel, QVBoxLayout, QWidget

from clients.clinician import translations
from clients.clinician.models.patient.figures import FiguresModel, Standing
from clients.clinician.models.settings import Language
from clients.clinician.views import words
from clients.clinician.views.dialogs import name_parts, show_beside
from clients.clinician.views.keys import add_key
from clients.clinician.views.parts import button, card, column, label, restyle, row, scrolling
from clients.clinician.views.patient.band_goals import BandGoals
from clients.clinician.views.patient.figures_bar import FiguresPage
from clients.clinician.views.patient.verdict import Verdict
from clients.clinician.views.theme import SPACE

_STABLE_CV_PERCENT = 36.0
_ENOUGH_ACTIVE_PERCENT = 70.0
_LOWS = GLUCOSE_BAND_LOW, GLUCOSE_BAND_VERY_LOW
_HIGHS = GLUCOSE_BAND_HIGH, GLUCOSE_BAND_VERY_HIGH
_ZONES = "ABCDE"


class MetricsTab(QWidget):
    """Key: Ctrl+P saves the report to print."""

    def __init__(self, figures: FiguresModel) -> None:
        super().__init__()
        self._figures = figures
        self.cards: dict[str, MetricCard] = {}
        self.print = button(self.tr("Save report …"), self._ask_where, "primary", tip="Ctrl+P")
        self.told = label(role="muted", selectable=True, wraps=True)
        self._dialog: QFileDialog | None = None
        self._grid = QGridLayout()
        self._grid.setSpacing(2 * SPACE)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for place, name in enumerate(self._names()):
            self.cards[name] = MetricCard(self._names()[name])
            self._grid.addWidget(self.cards[name], place // 3, place % 3)
        goals = BandGoals(figures)
        inner = QWidget()
        figures_side = QWidget()
        figures_side.setLayout(self._grid)
        ranges = card(label(self.tr("Time in ranges"), "heading"), goals, spacing=2 * SPACE)
        side = row(ranges, figures_side, spacing=2 * SPACE)
        side.setStretch(0, 2)
        side.setStretch(1, 3)
        inner.setLayout(column(side, row(self.print, self.told, None, spacing=2 * SPACE), None, spacing=2 * SPACE))
        self.setLayout(column(FiguresPage(figures, scrolling(inner))))
        add_key(self, "Ctrl+P", self.tr("Save the report"), self._ask_where, from_anywhere=True)
        figures.changed.connect(self._show)
        figures.saved.connect(self._saved)
        figures.save_failed.connect(self._save_failed)
        self._show()

    def _names(self) -> dict[str, str]:
        return {
            "mean": self.tr("Mean"),
            "gmi": self.tr("GMI"),
            "cv": self.tr("Variability (CV)"),
            "gri": self.tr("Glycemia risk index"),
            "lows": self.tr("Low episodes"),
            "highs": self.tr("High episodes"),
            "active": self.tr("Sensor active"),
            "extremes": self.tr("Lowest and highest"),
            "totals": self.tr("Logged per day"),
        }

    def _show(self) -> None:
        figures, summary = self._figures, self._figures.summary
        self.print.setEnabled(figures.standing is not Standing.NOT_SHARED and not figures.saving)
        if figures.saving:
            self.told.setText(self.tr("The report is being made …"))
        if summary is None:
            return
        unit = figures.desk.settings.unit

        def concentration(name: str) -> str:
            return words.concentration(getattr(summary, name), unit) if summary.HasField(name) else ""  # type: ignore[arg-type]

        cards, percent = self.cards, self.tr("{number} %")
        cards["mean"].show_figure(concentration("mean_mg_per_dl"), unit.value)
        gmi = f"{summary.gmi_percent:.1f}" if summary.HasField("gmi_percent") else ""
        cards["gmi"].show_figure(percent.format(number=gmi) if gmi else "", self.tr("HbA1c estimated from the mean"))
        if summary.HasField("cv_percent"):
            goal = self.tr("Goal at most {percent} %").format(percent=f"{_STABLE_CV_PERCENT:g}")
            stable = summary.cv_percent <= _STABLE_CV_PERCENT
            cards["cv"].show_figure(percent.format(number=f"{summary.cv_percent:.1f}"), goal, met=stable)
        else:
            cards["cv"].show_figure("", "")
        self._show_gri(summary)
        self._show_episodes(summary)
        if summary.from_fingersticks:
            cards["active"].show_figure("", self.tr("Fingersticks only"))
        else:
            goal = self.tr("Goal at least {percent} %").format(percent=f"{_ENOUGH_ACTIVE_PERCENT:g}")
            enough = summary.active_percent >= _ENOUGH_ACTIVE_PERCENT
            cards["active"].show_figure(percent.format(number=f"{summary.active_percent:.0f}"), goal, met=enough)
        low, high = concentration("min_mg_per_dl"), concentration("max_mg_per_dl")
        cards["extremes"].show_figure(f"{low} – {high}" if low else "", unit.value)
        self._show_totals(summary)

    def _show_gri(self, summary: Summary) -> None:
        if not summary.HasField("gri"):
            return self.cards["gri"].show_figure("", "")
        zone = _ZONES[min(int(max(summary.gri - 1e-9, 0) / 20), 4)]
        parts = self.tr("Zone {zone} of A to E · lows {hypo}, highs {hyper}").format(
            zone=zone, hypo=f"{summary.gri_hypo_component:.1f}", hyper=f"{summary.gri_hyper_component:.1f}"
        )
        return self.cards["gri"].show_figure(f"{summary.gri:.0f}", parts)

    def _show_episodes(self, summary: Summary) -> None:
        if summary.from_fingersticks or not summary.readings_count:
            self.cards["lows"].show_figure("", self.tr("Sensor data only"))
            self.cards["highs"].show_figure("", self.tr("Sensor data only"))
            return
        lows = [event for event in summary.events if event.band in _LOWS]
        highs = [event for event in summary.events if event.band in _HIGHS]
        more = self.tr("{very_low} very low, {nocturnal} at night, {extended} longer than 2 h").format(
            very_low=sum(event.band == GLUCOSE_BAND_VERY_LOW for event in lows),
            nocturnal=sum(event.nocturnal for event in lows),
            extended=sum(event.extended for event in lows),
        )
        self.cards["lows"].show_figure(str(len(lows)), more)
        more = self.tr("{very_high} very high").format(
            very_high=sum(event.band == GLUCOSE_BAND_VERY_HIGH for event in highs)
        )
        self.cards["highs"].show_figure(str(len(highs)), more)

    def _show_totals(self, summary: Summary) -> None:
        """Divided by the days that have such entries."""
        meals = [day.totals.carbohydrate_g for day in summary.days if day.totals.meals_count]
        insulin = [
            sum(float(each.amount_units.value) for each in day.totals.insulin)
            for day in summary.days
            if day.totals.insulin
        ]
        exercise = sum(day.totals.exercise_minutes for day in summary.days)
        carbohydrate = self.tr("{grams} g").format(grams=f"{sum(meals) / len(meals):.0f}") if meals else ""
        more = [self.tr("carbohydrate")] if meals else []
        if insulin:
            more.append(self.tr("insulin {units} U").format(units=f"{sum(insulin) / len(insulin):.1f}"))
        if exercise:
            more.append(self.tr("exercise {minutes} min in total").format(minutes=exercise))
        self.cards["totals"].show_figure(carbohydrate, " · ".join(more))

    def _ask_where(self) -> None:
        if not self.print.isEnabled():
            return
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self._dialog = QFileDialog(self, self.tr("Save report"), str(Path(folder) / self.file_name()))
        self._dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self._dialog.setNameFilter("PDF (*.pdf)")
        self._dialog.setDefaultSuffix("pdf")
        self._dialog.fileSelected.connect(self.save)
        name_parts(self._dialog)
        show_beside(self._dialog)

    def file_name(self) -> str:
        """Return a name for the report's file. It names the patient, so that no report is taken for another's."""
        identity = self._figures.desk.feed.identity(self._figures.patient_id)
        whose = re.sub(r"[^\w]+", "-", f"{identity.name} {identity.record_number}").strip("-")
        return f"{whose}-{self._figures.desk.now().astimezone():%Y-%m-%d}.pdf"

    def save(self, path: str) -> None:
        """Have the report written there, in the language of the words."""
        chinese = translations.resolved(self._figures.desk.settings.language) is Language.CHINESE
        self._figures.save_report(Path(path), REPORT_LANGUAGE_ZH if chinese else REPORT_LANGUAGE_EN)

    def _saved(self, path: str) -> None:
        self.told.setText(self.tr("Saved as {path}").format(path=path))
        restyle(self.told, "muted")

    def _save_failed(self, why: str) -> None:
        self.told.setText(self.tr("The report was not saved: {why}").format(why=why))
        restyle(self.told, "problem")


class MetricCard(QWidget):
    """A figure, what it is, and how it stands to its goal."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.value: QLabel = label(role="value", selectable=True)
        self.more = label(role="muted", wraps=True)
        self.verdict = Verdict()
        self._name = name
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(label(name, "muted"), row(self.value, self.verdict, None), self.more, spacing=SPACE // 2))

    def show_figure(self, value: str, more: str, *, met: bool | None = None) -> None:
        """Without a value nobody can tell."""
        self.value.setText(value or self.tr("unknown"))
        self.more.setText(more)
        self.verdict.tell(met if value else None)
        self.setAccessibleName(f"{self._name}: {self.value.text()} {more} {self.verdict.accessibleName()}")
