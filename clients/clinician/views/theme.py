"""Colours, sizes and fonts, in one place; light and dark.

The bands have the hues of the consensus report (Battelino 2019): dark red, red, green, yellow, orange. The shades were
chosen to keep apart under the common kinds of colour blindness (the least difference, CIE76, of any two under simulated
protanopia, deuteranopia and tritanopia is 19, in the dark 13), to be read as bold text on a surface (contrast at least
3), and to grow stronger towards the ends. They never stand alone: a shape or a word says it too.
"""

from dataclasses import dataclass, fields

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from clients.clinician.models import settings
from clients.clinician.views import style_marks
from clients.readings.levels import Level


@dataclass(frozen=True)
class Theme:
    """Every colour that is used, as #rrggbb."""

    name: str
    window: str
    """Behind everything."""
    surface: str
    """Of cards, tables, fields."""
    raised: str
    """Of what lies on a surface: a row under the mouse, a chip."""
    line: str
    text: str
    muted: str
    """Text of less weight: labels, units, ages."""
    accent: str
    """What can be done, and what is chosen."""
    on_accent: str
    chosen: str
    """Behind a chosen row."""
    urgent: str
    on_urgent: str
    urgent_surface: str
    alarm: str
    """The bar over every page, while an urgent alert waits."""
    on_alarm: str
    doubt: str
    """In the same place, while what is shown is not the present."""
    on_doubt: str
    warning: str
    good: str
    very_low: str
    low: str
    in_range: str
    high: str
    very_high: str

    def of_level(self, level: Level | None) -> QColor:
        """A band's colour; muted where there is no reading."""
        return QColor(
            self.muted
            if level is None
            else {
                Level.VERY_LOW: self.very_low,
                Level.LOW: self.low,
                Level.IN_RANGE: self.in_range,
                Level.HIGH: self.high,
                Level.VERY_HIGH: self.very_high,
            }[level]
        )

    def color(self, name: str) -> QColor:
        """By its field's name."""
        return QColor(getattr(self, name))


LIGHT = Theme(
    name="light",
    window="#f4f5f7",
    surface="#ffffff",
    raised="#eef0f4",
    line="#dfe3e9",
    text="#1a2130",
    muted="#667085",
    accent="#2455c7",
    on_accent="#ffffff",
    chosen="#e4ecfb",
    urgent="#b3122f",
    on_urgent="#ffffff",
    urgent_surface="#fdecef",
    alarm="#b3122f",
    on_alarm="#ffffff",
    doubt="#ffc53d",
    on_doubt="#241a00",
    warning="#9a5b00",
    good="#16756a",
    very_low="#6e0f26",
    low="#de3f5c",
    in_range="#12a38c",
    high="#bd8c00",
    very_high="#a84300",
)

DARK = Theme(
    name="dark",
    window="#0f131a",
    surface="#171c25",
    raised="#222936",
    line="#2b3342",
    text="#e8ecf3",
    muted="#98a2b3",
    accent="#7aa5ff",
    on_accent="#0b1220",
    chosen="#1e2c49",
    urgent="#ff5c74",
    on_urgent="#1b0409",
    urgent_surface="#3a141d",
    alarm="#b01f3a",
    on_alarm="#ffffff",
    doubt="#e0a21c",
    on_doubt="#1c1400",
    warning="#f5b544",
    good="#4fc3b2",
    very_low="#e4468b",
    low="#ff4a55",
    in_range="#14d896",
    high="#ffde1a",
    very_high="#f98612",
)

SPACE = 8
"""Pixels between things; everything keeps to its multiples."""
RADIUS = 8
FAMILIES = ["Inter", "Segoe UI", "SF Pro Text", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC"]
BASE_PIXELS = 13


def chosen_theme(choice: settings.Theme) -> Theme:
    """The clinician's, or the desktop's own."""
    if choice is settings.Theme.SYSTEM:
        hints = QGuiApplication.styleHints()
        return DARK if hints.colorScheme() is Qt.ColorScheme.Dark else LIGHT
    return DARK if choice is settings.Theme.DARK else LIGHT


def font(pixels: int = BASE_PIXELS, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Digits of one width, so that a column of values stands still while they change."""
    made = QFont(FAMILIES)
    made.setPixelSize(pixels)
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


_current = LIGHT


def theme() -> Theme:
    """The one in use; whoever paints asks anew each time."""
    return _current


def wear(application: QApplication, worn: Theme) -> None:
    """Dress the whole application."""
    global _current
    _current = worn
    application.setStyle("Fusion")
    application.setFont(font())
    application.setPalette(_palette(worn))
    application.setStyleSheet(_style(worn, style_marks.drawn(worn.muted, worn.on_accent)))


def _palette(worn: Theme) -> QPalette:
    palette = QPalette()
    for role, name in {
        QPalette.ColorRole.Window: "window",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "surface",
        QPalette.ColorRole.AlternateBase: "raised",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.PlaceholderText: "muted",
        QPalette.ColorRole.Button: "surface",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.ToolTipBase: "raised",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.Highlight: "accent",
        QPalette.ColorRole.HighlightedText: "on_accent",
        QPalette.ColorRole.Link: "accent",
        QPalette.ColorRole.Mid: "line",
    }.items():
        palette.setColor(role, worn.color(name))
    return palette


_STYLE = """
* { outline: none; }
QWidget { color: @text; }
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: 4px 8px; }

QLabel[role="title"] { font-size: 20px; font-weight: 700; }
QLabel[role="heading"] { font-size: 15px; font-weight: 700; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="value"] { font-size: 24px; font-weight: 700; }
QLabel[role="problem"] { color: @urgent; }
QLabel[role="count"] { color: @urgent; font-size: 64px; font-weight: 700; }
QLabel[role="doubt"] { background: @doubt; color: @on_doubt; font-size: 15px; font-weight: 700; padding: 8px;
  border-radius: 6px; }

QFrame[role="card"] { background: @surface; border: 1px solid @line; border-radius: 8px; }
QFrame[role="target"] { background: @chosen; border: 1px solid @accent; border-radius: 8px; }
QFrame[role="line"] { background: @line; max-height: 1px; min-height: 1px; border: none; }
QFrame[role="urgent"] { background: @urgent_surface; border: 1px solid @urgent; border-radius: 8px; }

QPushButton, QToolButton {
  background: @surface; border: 1px solid @line; border-radius: 6px; padding: 5px 12px; min-height: 18px;
}
QPushButton:hover, QToolButton:hover { background: @raised; }
QPushButton:focus, QToolButton:focus { border-color: @accent; }
QPushButton:disabled, QToolButton:disabled { color: @muted; background: @window; }
QPushButton[role="primary"] { background: @accent; color: @on_accent; border-color: @accent; font-weight: 700; }
QPushButton[role="primary"]:disabled { background: @line; color: @muted; border-color: @line; }
QPushButton[role="urgent"] { background: @urgent; color: @on_urgent; border-color: @urgent; font-weight: 700; }
QPushButton[role="urgent"]:disabled { background: @line; color: @muted; border-color: @line; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled, QSpinBox:disabled {
  color: @muted; background: @window;
}
QPushButton[role="quiet"], QToolButton[role="quiet"] { background: transparent; border-color: transparent; }
QPushButton[role="quiet"]:hover, QToolButton[role="quiet"]:hover { background: @raised; }
QPushButton:checked, QToolButton:checked { background: @chosen; color: @accent; border-color: @accent; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox, QDateEdit, QTimeEdit, QDateTimeEdit {
  background: @surface; border: 1px solid @line; border-radius: 6px; padding: 4px 8px; min-height: 20px;
  selection-background-color: @accent; selection-color: @on_accent;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {
  border-color: @accent;
}
QComboBox QAbstractItemView { background: @surface; border: 1px solid @line; selection-background-color: @chosen;
  selection-color: @text; }

QCheckBox { spacing: 8px; }

QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(@chevron); width: 12px; height: 12px; }
QCheckBox, QRadioButton { spacing: 8px; }
QCheckBox::indicator, QRadioButton::indicator { width: 16px; height: 16px; background: @surface;
  border: 1px solid @muted; border-radius: 4px; }
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: @accent; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(@tick); }
QRadioButton::indicator:checked { background: @surface; border: 5px solid @accent; border-radius: 8px; width: 8px;
  height: 8px; }

QAbstractItemView { background: @surface; border: none; selection-background-color: @chosen; selection-color: @text; }
QHeaderView::section { background: @surface; color: @muted; border: none; border-bottom: 1px solid @line;
  padding: 6px 8px; font-weight: 700; }
QTableCornerButton::section { background: @surface; border: none; }

QTabBar::tab { background: transparent; color: @muted; padding: 8px 14px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; font-weight: 700; }
QTabWidget::pane { border: none; border-top: 1px solid @line; }

QScrollArea, QScrollArea > QWidget > QWidget[role="page"] { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 5px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: @line; }
QMenu { background: @surface; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: @chosen; }
"""


def _style(worn: Theme, marks: dict[str, str]) -> str:
    style = _STYLE
    for mark, path in marks.items():
        style = style.replace(f"@{mark}", path)
    # The longest names first: "@urgent_surface" begins like "@urgent".
    for name in sorted((each.name for each in fields(worn)), key=len, reverse=True):
        style = style.replace(f"@{name}", str(getattr(worn, name)))
    return style
