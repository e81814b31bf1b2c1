"""What a text is found by: laws of the tokens, whatever the text."""

from hypothesis import given
from hypothesis import strategies as st

from kit.text_search import doubtful_words, findable, tokens

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
names = st.text(HAN, min_size=2, max_size=12)
texts = st.text(max_size=60)


def texts_of(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


@given(names, st.data())
def test_any_part_of_two_characters_finds_the_name(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 2))
    part = name[start : data.draw(st.integers(start + 2, len(name)))]
    assert set(tokens(part)) <= set(tokens(name))


@given(names, st.data())
def test_any_character_begins_something_that_the_name_is_found_by(name: str, data: st.DataObject) -> None:
    character = data.draw(st.sampled_from(name))
    assert any(token.text.startswith(character) for token in findable(name))
    assert set(tokens(name)) <= set(findable(name))


@given(texts, texts)
def test_a_text_is_found_in_a_longer_one(text: str, more: str) -> None:
    assert set(tokens(text)) <= set(tokens(f"{text} {more}"))


@given(st.text(st.characters(max_codepoint=0xFF), max_size=60))
def test_case_and_width_make_no_difference(text: str) -> None:
    assert tokens(text) == tokens(text.upper()) == tokens(text.casefold())


@given(texts)
def test_tokens_need_no_quoting_and_come_once(text: str) -> None:
    found = texts_of(text)
    assert len(found) == len(set(found))
    assert all(token and not set(token) & set(" '\\&|!():*<>\0") for token in found)


def test_words_are_whole_and_chinese_is_in_pairs() -> None:
    assert texts_of("Dr. 周明 Zhōu-Míng，ＩＣＵ 内分泌科") == [
        "dr",
        "周明",
        "zhou",
        "ming",
        "icu",
        "内分",
        "分泌",
        "泌科",
    ]
    assert texts_of("王") == ["王"]
    assert texts_of("!! ？ 。") == []


def test_only_long_latin_words_may_be_mistyped() -> None:
    assert doubtful_words(tokens("the cardiolgy 内分泌科 of Li")) == ["cardiolgy"]
