"""What the loop says, in words."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from apricot.glucose.v1.plan_pb2 import DraftLine, PlanContent
from apricot.glucose.v1.timeline_pb2 import PlanEffect
from hypothesis import given, settings
from PySide6.QtWidgets import QApplication

from clients.clinician import translations
from clients.clinician.models.loop.compare import compare
from clients.clinician.models.loop.form import Violation
from clients.clinician.models.settings import Language, Unit
from clients.clinician.views.loop import plan_words, step_words
from services.glucose.domain import drafts
from tests.clinician.loop.parts import content
from tests.clinician.loop.test_loop_compare import contents

_PLACES = re.compile(r"\{[^}]*\}")


@settings(max_examples=30, deadline=None)
@given(contents(), contents())
def test_every_change_has_words(one: PlanContent, other: PlanContent) -> None:
    for line in compare(one, other):
        assert plan_words.title(line) in plan_words.change(line, Unit.MMOL_PER_L)


def test_a_changed_range_is_told_in_her_unit() -> None:
    after = content()
    after.targets.range_high_mg_per_dl = 160
    [line] = compare(content(), after)
    assert plan_words.change(line, Unit.MMOL_PER_L) == "Range, upper edge: from 10.0 mmol/L to 8.9 mmol/L"
    assert plan_words.change(line, Unit.MG_PER_DL) == "Range, upper edge: from 180 mg/dL to 160 mg/dL"


def test_bounds_are_told_in_her_unit() -> None:
    low = Violation("targets.range_low_mg_per_dl", "int32.gte_lte", ("54", "120"))
    assert plan_words.violation(low, Unit.MMOL_PER_L) == "From 3.0 to 6.7."
    assert plan_words.violation(low, Unit.MG_PER_DL) == "From 54 to 120."


def test_an_effect_without_readings_is_unknown() -> None:
    assert step_words.effect(PlanEffect()) == ["Effect unknown: no readings before or after"]
    one_side = PlanEffect(before_in_range_percent=50, before_below_range_percent=0, before_count=2)
    assert step_words.effect(one_side)[0] == "In range 50 % before, unknown since; below 0 %, then unknown"


def test_the_figures_suggestions_have_words_of_ours() -> None:
    [few] = drafts.suggest(drafts.Fortnight())
    line = DraftLine(suggestion=few.kind, text=few.text, figures=few.figures)
    assert plan_words.suggestion(line, Unit.MMOL_PER_L).startswith("Too few readings to go by: 0 on 0 days")
    newer = DraftLine(suggestion="something_new", text="The platform's own words.")
    assert plan_words.suggestion(newer, Unit.MMOL_PER_L) == "The platform's own words."


def test_every_word_is_translated_and_keeps_its_places() -> None:
    tree = ElementTree.parse(Path(translations.FOLDER) / "loop_zh.ts")  # noqa: S314  our own file
    for message in tree.iter("message"):
        source, translation = message.findtext("source") or "", message.find("translation")
        assert translation is not None
        assert translation.text, source
        assert "type" not in translation.attrib, source
        assert sorted(_PLACES.findall(source)) == sorted(_PLACES.findall(translation.text)), source


@pytest.fixture
def chinese(application: QApplication) -> Iterator[None]:
    translations.speak(application, Language.CHINESE)
    yield
    translations.speak(application, Language.ENGLISH)


def test_a_change_is_told_in_chinese(chinese: None) -> None:
    after = content()
    after.medicines[1].amount.value = "850"
    [line] = compare(content(), after)
    assert plan_words.change(line, Unit.MMOL_PER_L) == "Metformin：剂量由 500 mg 改为 850 mg"


def test_time_of_another_zone_names_this_computers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    at = datetime(2026, 12, 2, 9, 39, tzinfo=UTC)
    assert (plan_words.local_time(at, "Asia/Shanghai"), plan_words.time_here(at, "Asia/Shanghai")) == (
        "2026-12-02 17:39",
        "here 09:39",
    )
    assert plan_words.time_here(at, "Etc/UTC") == ""
    monkeypatch.undo()
    time.tzset()
