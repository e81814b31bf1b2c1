"""What the figures mean, in small print at the foot."""

from services.glucose.rpc.page.document import Document
from services.glucose.rpc.page.fonts import MISSING_SIGN, Weight, printable, width_mm, wrap
from services.glucose.rpc.page.sheet import A4_MM
from services.glucose.rpc.page.style import HAIRLINE, LEFT, MUTED, NOTE, RIGHT, WIDTH

_PITCH = 2.75
_BOTTOM = A4_MM[1] - 8.0


def draw_notes(document: Document) -> None:
    """From the foot of the page upwards."""
    sheet, words = document.sheet, document.words
    notes = [
        words.notes_fingersticks if document.summary.from_fingersticks else words.notes_shares,
        words.notes_formulas,
        words.notes_episodes,
        words.notes_profile,
        words.notes_diary,
    ]
    if MISSING_SIGN in printable(document.options.patient_name):
        notes.insert(0, words.notes_missing_sign)
    maker = width_mm(words.maker, NOTE, Weight.BOLD) + 4
    lines = wrap(" ".join(notes) if words.language_tag == "en" else "".join(notes), WIDTH - maker, NOTE)
    top = _BOTTOM - _PITCH * (len(lines) - 1)
    sheet.line([(LEFT, top - 4), (RIGHT, top - 4)], HAIRLINE, 0.15)
    for at, line in enumerate(lines):
        sheet.text(LEFT, top + at * _PITCH, line, NOTE, colour=MUTED)
    sheet.text(RIGHT, _BOTTOM, words.maker, NOTE, Weight.BOLD, MUTED, "right")
