"""The page to print: one sheet, its words and figures, nothing beyond its edges, nothing over anything else."""

import io
import re
import string
from dataclasses import asdict, replace
from datetime import date, datetime
from itertools import combinations
from typing import Any

import matplotlib as mpl
import pypdf
import pytest
from apricot.glucose.v1.entry_pb2 import Decimal, GlucoseUnit, InsulinKind
from apricot.glucose.v1.report_pb2 import (
    DaySummary,
    GlucoseBand,
    GlucoseEvent,
    InsulinTotal,
    ReportFormat,
    ReportLanguage,
    Sufficiency,
    Summary,
    TargetPreset,
    TargetResult,
)
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from PIL import Image

from services.glucose.rpc.page.chinese import CHINESE
from services.glucose.rpc.page.english import ENGLISH
from services.glucose.rpc.page.fonts import Weight, characters, fit, printable, width_mm, wrap
from services.glucose.rpc.page.options import PageOptions
from services.glucose.rpc.page.render import draw, render
from services.glucose.rpc.page.values import Scale, amount, duration, percent
from services.glucose.rpc.page.words import Words
from tests.glucose.pages import Messages, Reading, demo, messages

EN, ZH = ReportLanguage.REPORT_LANGUAGE_EN, ReportLanguage.REPORT_LANGUAGE_ZH
MG, MMOL = GlucoseUnit.GLUCOSE_UNIT_MG_PER_DL, GlucoseUnit.GLUCOSE_UNIT_MMOL_PER_L
_ROUNDING_MM = 0.2
BANDS = tuple(GlucoseBand.values())[1:]
SWINGING = demo("li-haoran")
EMPTY = messages([], date(2026, 11, 11), 14)
SINGLE = messages([Reading(datetime(2026, 11, 12, 8, 15), 133)], date(2026, 11, 11), 14)  # noqa: DTZ001
FINGERSTICKS = messages(
    [Reading(datetime(2026, 11, 11 + n // 4, 7 + 4 * (n % 4)), 60 + 11 * n) for n in range(24)],  # noqa: DTZ001
    date(2026, 11, 11),
    14,
    fingersticks=True,
)


def pdf_text(found: Messages, options: PageOptions) -> str:
    """As somebody copies it."""
    content = render(found.summary, found.bins, found.days, options)
    return " ".join(pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text().split())


def lines(found: Messages, options: PageOptions) -> list[str]:
    """As drawn."""
    document = draw(found.summary, found.bins, found.days, options)
    return [artist.get_text() for artist in document.sheet.figure.findobj(Text)]


def text(found: Messages, **options: Any) -> str:
    return " ".join(lines(found, PageOptions(**options)))


def test_one_a4_page_with_its_fonts_inside() -> None:
    content = render(SWINGING.summary, SWINGING.bins, SWINGING.days, PageOptions(language=ZH, patient_name="李浩然"))
    assert len(content) < 500_000
    (page,) = pypdf.PdfReader(io.BytesIO(content)).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
        (descendant,) = font["/DescendantFonts"]
        assert "/FontFile2" in descendant.get_object()["/FontDescriptor"]  # TrueType
        assert "/ToUnicode" in font
        assert "NotoSansSC" in font["/BaseFont"]


def test_the_same_page_as_a_picture() -> None:
    content = render(SWINGING.summary, SWINGING.bins, SWINGING.days, PageOptions(format=ReportFormat.REPORT_FORMAT_PNG))
    assert len(content) < 500_000
    picture = Image.open(io.BytesIO(content))
    assert picture.format == "PNG"
    assert picture.height / picture.width == pytest.approx(297 / 210, abs=0.002)


def test_the_same_messages_make_the_same_bytes() -> None:
    first, second = (render(SWINGING.summary, SWINGING.bins, SWINGING.days, PageOptions()) for _ in range(2))
    assert first == second


def test_a_page_in_english() -> None:
    found = pdf_text(SWINGING, PageOptions(EN, unit=MG, patient_name="李浩然 Li Haoran"))
    for expected in (
        "李浩然 Li Haoran", "2 Nov 2026 – 15 Nov 2026", "14 days", "Asia/Shanghai", "Enough data", "Sensor active 97%",
        "64%", "× goal > 70% missed", "Below 70: 5.7%", "157", "SD 74 mg/dL", "zone C", "Daily profile", "Sat 14",
        "of them at night, 0–6 h", "Battelino 2019",
    ):  # fmt: skip
        assert expected in found, expected


def test_a_page_in_chinese_and_mmol() -> None:
    found = pdf_text(SWINGING, PageOptions(ZH, unit=MMOL, patient_name="李浩然"))
    for expected in (
        "李浩然",
        "2026年11月2日",
        "数据充足",
        "64%",
        "目标 > 70% 未达标",
        "低于 3.9",
        "8.7",
        "标准差 4.1 mmol/L",
        "C 区",
    ):
        assert expected in found, expected
    assert "mg/dL" not in found.split("GMI = ")[0]


def test_both_languages_fill_in_the_same_places() -> None:
    def places(words: Words) -> dict[str, object]:
        return {name: _places(value) for name, value in asdict(words).items()}

    def _places(value: object) -> object:
        if isinstance(value, str):
            assert value.strip()
            return {field for _, field, _, _ in string.Formatter().parse(value) if field}
        if isinstance(value, dict):
            return {key: _places(each) for key, each in value.items()}
        assert isinstance(value, tuple)
        return len(value)

    english, chinese = places(ENGLISH), places(CHINESE)
    assert english.pop("date") == {"year", "month_name", "day"}
    assert chinese.pop("date") == {"year", "month", "day"}
    assert english == chinese


@pytest.mark.parametrize("weight", Weight)
@pytest.mark.parametrize("words", [ENGLISH, CHINESE])
def test_the_fonts_hold_every_word(words: Words, weight: Weight) -> None:
    used = {*"".join(_strings(asdict(words))), *"✓×·≤–−□…"}
    assert not [sign for sign in used if ord(sign) not in characters(weight)]


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        value = tuple(value.values())
    return [value] if isinstance(value, str) else [found for each in value for found in _strings(each)]  # type: ignore[attr-defined]


def test_identity_is_printed_and_unknown_said() -> None:
    shown = text(SWINGING, language=EN, birth_date="1996-04-23", record_number="00123")
    assert "Born 23 Apr 1996  ·  record no. 00123" in shown
    assert "Born 1996" in text(SWINGING, language=EN, birth_date="1996")
    assert "Date of birth unknown  ·  record number unknown" in text(SWINGING, language=EN)
    assert "出生日期未知  ·  病历号未知" in text(SWINGING, language=ZH)


def test_mean_and_gmi_stand_beside_their_goals() -> None:
    shown = text(SWINGING, language=EN, unit=MG)
    assert "× goal < 154 missed" in shown
    assert "× goal < 7% missed" in shown
    assert "× goal < 8.6 missed" in text(SWINGING, language=EN, unit=MMOL)


def test_figures_stand_beside_those_of_the_period_before() -> None:
    earlier = Summary()
    earlier.CopyFrom(SWINGING.summary)
    earlier.mean_mg_per_dl, earlier.gmi_percent = 162, 7.2
    document = draw(SWINGING.summary, SWINGING.bins, SWINGING.days, PageOptions(EN, unit=MG), earlier)
    shown = [artist.get_text() for artist in document.sheet.figure.findobj(Text)]
    assert "SD 74 mg/dL  ·  before 162" in shown
    assert "before 7.2%" in shown
    document = draw(SWINGING.summary, SWINGING.bins, SWINGING.days, PageOptions(EN, unit=MG), Summary())
    shown = [artist.get_text() for artist in document.sheet.figure.findobj(Text)]
    assert any(ENGLISH.not_compared in each for each in shown)


def test_a_window_of_15_days_and_3_minutes_is_headed_15_days() -> None:
    summary = Summary()
    summary.CopyFrom(SWINGING.summary)
    summary.end_time.seconds = summary.start_time.seconds + 15 * 86_400 + 180
    shown = text(Messages(summary, SWINGING.bins, SWINGING.days), language=EN)
    assert "15 days" in shown
    assert "16 days" not in shown


def test_rates_divide_by_recorded_time_and_the_longest_is_unbroken() -> None:
    summary = Summary()
    summary.CopyFrom(SWINGING.summary)
    del summary.events[:]
    for _ in range(2):
        summary.events.append(GlucoseEvent(band=BANDS[1], duration_minutes=130, unbroken_minutes=60))
    summary.recorded_minutes = 3.5 * 1440
    shown = lines(Messages(summary, SWINGING.bins, SWINGING.days), PageOptions(EN))
    assert "2  (4 a week)" in shown
    assert "3.5 of 14 days recorded" in shown
    assert "1 h" in shown
    assert "2 h 10 min" not in shown


@pytest.mark.parametrize(("unit", "edges"), [(MG, {"400", "54"}), (MMOL, {"22.0", "3.0"})])
def test_the_axis_is_the_same_for_everybody_and_names_very_low(unit: int, edges: set[str]) -> None:
    for found in SWINGING, demo("lin-xiaowen"):
        assert edges <= set(lines(found, PageOptions(EN, unit=unit)))


def test_what_cannot_be_told_is_a_dash() -> None:
    bare = Summary()
    bare.CopyFrom(SWINGING.summary)
    optional = [field.name for field in Summary.DESCRIPTOR.fields if field.has_presence and not field.message_type]
    for name in optional:
        bare.ClearField(name)  # type: ignore[arg-type]
    del bare.bands[:], bare.targets[:], bare.days[:]
    bare.ClearField("totals")
    shown = lines(Messages(bare, SWINGING.bins, SWINGING.days), PageOptions())
    # 5 bands; mean, GMI, CV, GRI; insulin, carbohydrate, meals, exercise; median, lowest, eA1c, fingersticks
    assert shown.count("–") == 5 + 4 + 4 + 4
    assert "–  ·  –" in shown
    assert "SD – mg/dL" in shown
    assert not any(re.search(r"\bnan\b", each, re.IGNORECASE) for each in shown)


def test_empty_and_single_windows_say_so() -> None:
    assert "No glucose readings in this period" in text(EMPTY, language=EN)
    assert "仅一个读数：7.4 mmol/L" in text(SINGLE, language=ZH, unit=MMOL)
    assert "1 reading" in text(SINGLE, language=EN)


def test_fingersticks_and_sparse_data_are_warned_of() -> None:
    found = text(FINGERSTICKS, language=EN)
    assert ENGLISH.fingerstick_warning in found
    assert ENGLISH.sparse_warning in found
    assert "min a day" not in found  # their shares are not of time
    assert ENGLISH.sparse_warning not in text(SWINGING, language=EN)


def test_long_windows_show_their_last_fortnight() -> None:
    assert "the last 14 days" in text(demo("li-haoran", days=90), language=EN)
    long_ago = demo("li-haoran", last=date(2027, 11, 20), days=400)
    assert "Sun 15" in text(long_ago, language=EN)


def test_names_are_shown_as_they_are_or_with_a_box() -> None:
    assert printable("张喆堃 O’Brien $x^2$") == "张喆堃 O’Brien $x^2$"
    assert printable("Jiří Šimůnek, Нина Ђурић, Νίκος") == "Jiří Šimůnek, Нина Ђурић, Νίκος"
    assert printable(" a\n\t\u202eb\u200d ") == "a b"
    assert printable("𠮷😀م") == "□□□"
    shown = text(SWINGING, language=EN, patient_name="Li $x^2$ 😀")
    assert "Li $x^2$ □" in shown
    assert ENGLISH.notes_missing_sign in shown


def test_a_long_name_is_not_cut() -> None:
    name = "Maria-Magdalena Wolfeschlegelsteinhausenbergerdorff-Šimůnková de la Santísima Trinidad y Nguyễn"
    assert name in text(SWINGING, patient_name=name)


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.floats(1, 60), st.floats(5, 20))
@settings(max_examples=60, deadline=None)
def test_text_fits_its_width(raw: str, width: float, size: float) -> None:
    name = printable(raw)
    shown, smaller = fit(name, width, size)
    assert smaller <= size
    assert width_mm(shown, smaller) <= max(width, width_mm("…", smaller)) + 0.01
    if width > 10:
        assert all(width_mm(line, size) <= width + 0.01 for line in wrap(name, width, size))
    assert "".join(wrap(name, width, size)).replace(" ", "") == name.replace(" ", "").replace("\u3000", "")


@given(st.floats(0, 100), st.sampled_from([None, 1, 4, 5, 25, 50, 70]))
@settings(max_examples=200, deadline=None)
def test_a_percent_does_not_contradict_its_goal(value: float, goal: float | None) -> None:
    shown = percent(value, goal)
    number = float(shown.strip("<%"))
    assert number == pytest.approx(value, abs=0.5)
    assert (number == 0) == (value == 0)
    if goal is not None and abs(value - goal) > 0.001:
        assert (number < goal) == (value < goal)


def test_values_are_written_as_clinicians_do() -> None:
    assert [percent(value) for value in (None, 0, 0.01, 3.96, 61.4, 99.7, 100)] == [
        "–", "0%", "<0.1%", "4.0%", "61%", "99.7%", "100%",
    ]  # fmt: skip
    assert percent(3.96, 4) == "3.96%"
    assert [duration(minutes, ENGLISH) for minutes in (0, 59.6, 60, 85)] == ["0 min", "1 h", "1 h", "1 h 25 min"]
    assert [amount(value) for value in (8, 8.25, 99.96, 182.4)] == ["8", "8.2", "100", "182"]
    mmol, pregnancy = Scale.of(MMOL, 0), Scale.of(MG, TargetPreset.TARGET_PRESET_PREGNANCY)
    assert [mmol.band(band) for band in BANDS] == ["< 3.0", "3.0–3.8", "3.9–10.0", "10.1–13.9", "> 13.9"]
    assert [pregnancy.band(band) for band in BANDS] == ["< 54", "54–62", "63–140", "141–250", "> 250"]
    assert mmol.written(180.156) == "10.0"
    assert mmol.written(-18.0156, signed=True) == "−1.0"
    assert mmol.band_of(180.156) == Scale.of(MG, 0).band_of(180) == GlucoseBand.GLUCOSE_BAND_IN_RANGE
    assert mmol.band_of(10.1 * 18.0156) == Scale.of(MG, 0).band_of(181) == GlucoseBand.GLUCOSE_BAND_HIGH


@pytest.mark.parametrize("language", [EN, ZH])
@pytest.mark.parametrize(
    "found",
    [SWINGING, EMPTY, SINGLE, FINGERSTICKS, demo("sun-liping", days=5), demo("zhao-meiling", days=1)],
    ids=["fortnight", "empty", "single", "fingersticks", "five days", "one day"],
)
def test_nothing_overlaps_on_usual_pages(found: Messages, language: int) -> None:
    require_clean(found.summary, found, PageOptions(language=language, unit=MMOL, patient_name="李浩然 Li Haoran"))


PRESETS: dict[int, tuple[tuple[tuple[int, ...], bool, float], ...]] = {
    1: (((3,), False, 70), ((1, 2), True, 4), ((1,), True, 1), ((4, 5), True, 25), ((5,), True, 5)),
    2: (((3,), False, 50), ((1, 2), True, 1), ((5,), True, 10)),
    3: (((3,), False, 70), ((1, 2), True, 4), ((1,), True, 1), ((4, 5), True, 25)),
}
FIGURES = [
    field.name for field in Summary.DESCRIPTOR.fields if field.has_presence and field.cpp_type == field.CPPTYPE_DOUBLE
]


@st.composite
def summaries(pick: st.DrawFn) -> Summary:
    """A fortnight's summary with figures as extreme as they come."""
    summary = Summary()
    summary.CopyFrom(SWINGING.summary)
    summary.preset = pick(st.sampled_from(TargetPreset.values()[1:]))
    summary.sufficiency = pick(st.sampled_from([Sufficiency.SUFFICIENCY_SPARSE, Sufficiency.SUFFICIENCY_SUFFICIENT]))
    summary.from_fingersticks = pick(st.booleans())
    summary.readings_count = pick(st.integers(2, 1_500_000))
    summary.time_zone = pick(st.sampled_from(["Asia/Shanghai", "America/Argentina/ComodRivadavia", "UTC"]))
    for name in FIGURES:
        if pick(st.booleans()):
            setattr(summary, name, pick(st.sampled_from([0.0, 0.04, 35.6, 99.96, 999.9])))
        else:
            summary.ClearField(name)  # type: ignore[arg-type]
    cuts = sorted(pick(st.lists(st.sampled_from([0, 0, 0.04, 3.96, 24.99, 69.96, 100]), min_size=4, max_size=4)))
    shares = [after - before for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]
    for band, share in zip(summary.bands, shares, strict=True):
        band.percent, band.minutes_per_day = share, 14.4 * share
    del summary.targets[:], summary.events[:], summary.totals.insulin[:]
    for bands, at_most, goal in PRESETS[summary.preset]:
        share = sum(shares[band - 1] for band in bands)
        met = share < goal if at_most else share > goal
        target = TargetResult(bands=bands, at_most=at_most, goal_percent=goal, percent=share, met=met)  # type: ignore[arg-type]
        summary.targets.append(target)
    for _ in range(pick(st.sampled_from([0, 1, 2000]))):
        summary.events.append(GlucoseEvent(band=BANDS[0], duration_minutes=99_999, extended=True, nocturnal=True))
    for day in summary.days:
        _fill(day, pick(st.sampled_from([0, 0.05, 888.888])), pick(st.sampled_from([0, 99_999.0])))
    kinds = InsulinKind.values()[1:]
    summary.totals.insulin.extend(InsulinTotal(kind=kind, amount_units=Decimal(value="99999.125")) for kind in kinds)
    summary.fingersticks.pairs_count = pick(st.sampled_from([0, 1, 99_999]))
    summary.fingersticks.mean_difference_mg_per_dl = -432.1
    return summary


def _fill(day: DaySummary, units: float, grams: float) -> None:
    del day.totals.insulin[:]
    for kind in InsulinKind.values()[1:] if units else ():
        day.totals.insulin.append(InsulinTotal(kind=kind, amount_units=Decimal(value=f"{units:.3f}")))
    day.totals.carbohydrate_g, day.totals.meals_count = grams, bool(grams) * 999
    day.totals.exercise_minutes = 1440


@given(
    summaries(),
    st.sampled_from([EN, ZH]),
    st.sampled_from([MG, MMOL]),
    st.sampled_from(["", "W" * 100, "李" * 100, "Ana " * 25, "𠮷" * 100, "李浩然"]),
)
@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])  # shrinking draws hundreds
def test_nothing_overlaps_on_any_page(summary: Summary, language: int, unit: int, name: str) -> None:
    require_clean(summary, SWINGING, PageOptions(language=language, unit=unit, patient_name=name))


def require_clean(summary: Summary, found: Messages, options: PageOptions) -> None:
    """Every text lies within the page's margins, and none on another."""
    options = replace(options, made_at=datetime.fromisoformat("2026-11-24T10:30:00+00:00"))
    figure = draw(summary, found.bins, found.days, options).sheet.figure
    figure.set_dpi(300)  # text is measured in whole pixels
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    texts: list[Text] = [each for each in figure.findobj(Text) if each.get_text()]
    assert len(texts) > 20
    mm = figure.dpi / 25.4
    with mpl.rc_context({"text.hinting": "none"}):
        boxes = [(each.get_text(), each.get_window_extent(renderer)) for each in texts]
    for written, box in boxes:
        assert not re.search(r"\bnan\b", written, re.IGNORECASE)
        assert box.x0 >= 14 * mm, written
        assert box.x1 <= 196 * mm, written
        assert box.y0 >= 5 * mm, written
        assert box.y1 <= 290 * mm, written
    for (one, box), (other, second) in combinations(boxes, 2):
        beside = max(box.x0, second.x0) - min(box.x1, second.x1)
        above = max(box.y0, second.y0) - min(box.y1, second.y1)
        assert max(beside, above) > -_ROUNDING_MM * mm, (one, other)
