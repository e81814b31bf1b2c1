"""What a doctor is found by: laws of the fields, whatever the text."""

from hypothesis import given
from hypothesis import strategies as st

from kit.text_search import tokens
from services.consult.store.documents import Field, document

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
names = st.text(HAN, min_size=2, max_size=12)
texts = st.text(max_size=60)


@given(names, st.lists(texts, max_size=4), texts)
def test_what_is_in_a_narrow_field_is_in_the_wider_ones(name: str, work: list[str], biography: str) -> None:
    made = document(name, work, biography)
    in_field = {field: {lexeme[1:] for lexeme in made.lexemes if lexeme[0] == field} for field in Field}
    assert in_field[Field.NAME] <= in_field[Field.WORK] <= in_field[Field.ALL]
    assert in_field[Field.NAME] == {token.text for token in tokens(name)}
