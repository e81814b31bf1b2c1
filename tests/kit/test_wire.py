"""Messages put together from stored bytes are those that protobuf itself would make."""

from apricot.glucose.v1.diary_pb2 import ListEntriesResponse
from apricot.glucose.v1.entry_pb2 import Entry, Note
from hypothesis import given
from hypothesis import strategies as st

from kit import wire

NOTES = st.lists(st.text(max_size=20_000).map(lambda text: Entry(note=Note(text=text))), max_size=5)


@given(NOTES)
def test_a_repeated_field_is_protobuf_s_own(entries: list[Entry]) -> None:
    bodies = [entry.SerializeToString() for entry in entries]
    assert wire.repeated(1, bodies) == ListEntriesResponse(entries=entries).SerializeToString()
    last = ListEntriesResponse(next_page_token="next").SerializeToString()
    assert list(ListEntriesResponse.FromString(wire.repeated(1, bodies) + last).entries) == entries
