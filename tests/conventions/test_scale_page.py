"""The figures of the page on scale are those that were measured."""

from docs import draw_scale


def test_the_page_is_made_from_the_results_as_they_are() -> None:
    assert draw_scale.PAGE.read_text(encoding="utf-8") == draw_scale.page(), "run `make docs`"


def test_every_table_stands_on_the_page() -> None:
    page = draw_scale.PAGE.read_text(encoding="utf-8")
    assert all(f"<!-- {name} -->" in page for name in draw_scale.TABLES)
