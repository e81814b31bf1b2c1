"""The heading that every part of the page has."""

from services.glucose.rpc.page.fonts import Weight, fit, width_mm
from services.glucose.rpc.page.sheet import Sheet
from services.glucose.rpc.page.style import LEFT, MUTED, SECTION, SMALL, WIDTH


def draw_heading(sheet: Sheet, y: float, title: str, note: str = "", x: float = LEFT, width: float = WIDTH) -> None:
    """A title on the baseline y, and a note beside it in what remains of the width."""
    sheet.text(x, y, title, SECTION, Weight.BOLD)
    taken = width_mm(title, SECTION, Weight.BOLD) + 2.5
    if note:
        text, size = fit(note, width - taken, SMALL)
        sheet.text(x + taken, y, text, size, colour=MUTED)
