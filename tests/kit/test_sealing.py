"""What is sealed opens with its key and in its column alone."""

import base64

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect

from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from kit.sealing import MAGIC, NO_KEYS, TEXT_MAGIC, SealingKeys, UnknownKeyError

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
BOTH = SealingKeys({"new": NEW, "old": OLD})
COLUMN, OTHER = "message.content", "message.other"


def written(**keys: bytes) -> str:
    return ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in keys.items())


@given(value=st.binary(max_size=300), text=st.text(max_size=300))
def test_what_is_sealed_opens_and_shows_nothing(value: bytes, text: str) -> None:
    sealed, sealed_text = BOTH.seal(COLUMN, value), BOTH.seal_text(COLUMN, text)
    assert (BOTH.open(COLUMN, sealed), BOTH.open_text(COLUMN, sealed_text)) == (value, text)
    assert sealed.startswith(BOTH.prefix) == bool(value)
    assert sealed_text.startswith(BOTH.text_prefix) == bool(text)
    if len(value) > 3:
        assert value not in sealed
        assert sealed != BOTH.seal(COLUMN, value)


@given(value=st.binary(min_size=1, max_size=100), place=st.integers(min_value=0))
def test_what_was_altered_does_not_open(value: bytes, place: int) -> None:
    sealed = bytearray(BOTH.seal(COLUMN, value))
    place = len(MAGIC) + place % (len(sealed) - len(MAGIC))
    sealed[place] ^= 1
    with pytest.raises((InvalidTag, UnknownKeyError)):
        BOTH.open(COLUMN, bytes(sealed))


def test_what_is_cut_off_does_not_open() -> None:
    sealed = BOTH.seal(COLUMN, b"some words")
    for end in range(len(MAGIC), len(sealed)):
        with pytest.raises((InvalidTag, UnknownKeyError, ValueError)):
            BOTH.open(COLUMN, sealed[:end])


def test_another_column_does_not_open_it() -> None:
    with pytest.raises(InvalidTag):
        BOTH.open(OTHER, BOTH.seal(COLUMN, b"some words"))


def test_the_first_key_seals_and_every_key_opens() -> None:
    before = SealingKeys.parse(written(old=OLD))
    sealed = before.seal(COLUMN, b"some words")
    assert BOTH.open(COLUMN, sealed) == b"some words"
    assert not sealed.startswith(BOTH.prefix)
    with pytest.raises(UnknownKeyError):
        before.open(COLUMN, BOTH.seal(COLUMN, b"some words"))
    assert BOTH.fingerprints["old"] == before.fingerprints["old"] != BOTH.fingerprints["new"]


def test_with_plain_in_the_first_place_nothing_is_sealed_and_everything_opens() -> None:
    first = SealingKeys.parse("plain," + written(old=OLD))
    assert (first.first, first.prefix) == ("", b"")
    assert first.seal(COLUMN, b"some words") == b"some words"
    assert first.open(COLUMN, SealingKeys({"old": OLD}).seal(COLUMN, b"some words")) == b"some words"
    assert NO_KEYS.seal_text(COLUMN, "some words") == "some words"


def test_no_message_of_the_contract_begins_like_a_sealed_value() -> None:
    assert MAGIC[0] & 7 == 7  # no wire type
    assert base64.b64decode(TEXT_MAGIC) == MAGIC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "old",
        "old:",
        "old:c2hvcnQ=",
        "old:" + "!" * 44,
        "Old:" + base64.b64encode(OLD).decode(),
        "a" * 16 + ":" + base64.b64encode(OLD).decode(),
        written(old=OLD) + ",",
        written(old=OLD) + "," + written(old=NEW),
        written(old=OLD) + ",plain",
        written(plain=OLD),
    ],
)
def test_keys_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="sealing key"):
        SealingKeys.parse(text)


def test_nothing_can_be_asked_of_a_sealed_column() -> None:
    for asked in b"x", OutboxRow.payload, AnsweredRequest.digest:
        with pytest.raises(TypeError):
            _ = AnsweredRequest.answer == asked


def test_a_sealed_column_is_itself() -> None:
    """SQLAlchemy asks it of the columns that an update names, where rows of its table are in the session."""
    column = inspect(AnsweredRequest).columns["answer"]
    assert {column: 1}[column._annotate({"of": "an update"})] == 1
