"""What a file is, told by its bytes: a law for every cut and every tail."""

from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.consult.domain.attachments import MP4_AAC, OGG_OPUS, PDF, Format, NotSupportedError, check_whole, claimed
from tests.consult.talk.sounds import mp4, ogg_opus, pdf

WHOLE = [(OGG_OPUS, ogg_opus(5)), (MP4_AAC, mp4()), (PDF, pdf())]


@pytest.mark.parametrize(("format_", "content"), WHOLE)
def test_a_whole_file_is_what_it_claims(format_: Format, content: bytes) -> None:
    assert claimed(content[:64]) == format_
    check_whole(format_, content)


@given(whole=st.sampled_from(WHOLE), share=st.floats(0, 0.98))
def test_a_file_that_was_cut_is_none(whole: tuple[Format, bytes], share: float) -> None:
    format_, content = whole
    end = int(len(content) * share)
    assume(not content[end:].startswith(b"OggS"))  # between two pages nobody can tell
    with pytest.raises(NotSupportedError):
        check_whole(format_, content[:end])


@given(whole=st.sampled_from(WHOLE), tail=st.binary(min_size=1, max_size=200).filter(lambda tail: bool(tail.strip())))
def test_nothing_is_hidden_behind_a_file(whole: tuple[Format, bytes], tail: bytes) -> None:
    format_, content = whole
    with pytest.raises(NotSupportedError):
        check_whole(format_, content + b"\n<" + tail)


@given(st.binary(max_size=64))
def test_any_bytes_are_judged(head: bytes) -> None:
    with suppress(NotSupportedError):
        assert claimed(head, whole=True) is not None
