# /// script
# requires-python = ">=3.12"
# dependencies = ["fonttools==4.68.0", "justmytype-intl-cjk==0.1.0"]
# ///
"""Make `regular.ttf` and `bold.ttf`, as `README.md` beside this file tells. Run by hand, from the project's root:

apt-get install unicode-data fonts-noto-core
uv run --script services/glucose/rpc/page/fonts/make_fonts.py
"""

import bz2
from importlib.resources import files
from pathlib import Path

from fontTools import subset
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = Path(__file__).parent
UNIHAN = Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")
NOTO_SANS = Path("/usr/share/fonts/truetype/noto")
NOTO_SANS_SC = files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc" / "NotoSansSC[wght].ttf"
WEIGHTS = {"regular": 400, "bold": 700}

LETTERS = [*range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x386, 0x3CF), *range(0x400, 0x460), *range(0x1E00, 0x1F00)]
"""Latin, Greek and Cyrillic."""
LATIN_SIGNS = [ord(sign) for sign in "‘’“”…·"]
"""As wide as a Chinese character in Noto Sans SC, so taken from Noto Sans."""
SIGNS = [ord(sign) for sign in "–—•‰′″−≈≤≥←↑→↓√∞✓●○■□▲▼〓℃"] + [*range(0x3000, 0x3018), *range(0xFF01, 0xFF5F)]


def main() -> None:
    """Write both fonts."""
    letters = {*LETTERS, *LATIN_SIGNS, *SIGNS}
    own_words = {ord(sign) for sign in (HERE.parent / "chinese.py").read_text(encoding="utf-8")}
    make("regular", letters | own_words | chinese_characters())
    make("bold", letters | own_words)


def chinese_characters() -> set[int]:
    """The 8,105 of the Table of General Standard Chinese Characters (2013, made with names in mind) and GB 2312's."""
    with bz2.open(UNIHAN, "rt", encoding="utf-8") as file:
        rows = (line.split("\t") for line in file if line.startswith("U+"))
        return {int(row[0][2:], 16) for row in rows if row[1] in {"kTGH", "kGB0"}}


def make(name: str, wanted: set[int]) -> None:
    """Cut one weight out of Noto Sans SC, and take from Noto Sans the letters that it lacks."""
    options = subset.Options(layout_features=["kern"], hinting=False, notdef_outline=True, glyph_names=False)
    options.drop_tables += ["BASE", "STAT", "VORG", "vhea", "vmtx"]
    font = TTFont(str(NOTO_SANS_SC))
    cut = subset.Subsetter(options)
    cut.populate(unicodes=wanted - {*LATIN_SIGNS})
    cut.subset(font)
    font = instancer.instantiateVariableFont(
        font, {"wght": WEIGHTS[name]}, overlap=instancer.OverlapMode.KEEP_AND_SET_FLAGS
    )
    add_letters(font, TTFont(NOTO_SANS / f"NotoSans-{name.capitalize()}.ttf"), wanted)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6):
            family = "NotoSansSC-" if record.nameID == 6 else "Noto Sans SC "
            record.string = family + name.capitalize() if record.nameID != 1 else "Noto Sans SC"
    font["head"].modified = font["head"].created  # the same bytes again
    font.recalcTimestamp = False
    font.save(HERE / f"{name}.ttf")
    print(f"{name}.ttf: {len(font.getBestCmap())} characters")  # noqa: T201


def add_letters(font: TTFont, other: TTFont, wanted: set[int]) -> None:
    """Both have 1000 units to the em."""
    outlines, found = other.getGlyphSet(), other.getBestCmap()
    for letter in sorted(wanted & found.keys() - font.getBestCmap().keys()):
        source, name = found[letter], f"letter{letter:04X}"
        outline, pen = DecomposingRecordingPen(outlines), TTGlyphPen(None)
        outlines[source].draw(outline)
        outline.replay(pen)
        font["glyf"][name] = pen.glyph()
        font["glyf"][name].recalcBounds(font["glyf"])
        font["hmtx"][name] = (other["hmtx"][source][0], getattr(font["glyf"][name], "xMin", 0))
        for table in font["cmap"].tables:
            if table.isUnicode() and table.format != 14:
                table.cmap[letter] = name


if __name__ == "__main__":
    main()
