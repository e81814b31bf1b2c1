"""Page tokens belong to their list."""

import base64
import json

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.diary_pb2 import ListEntriesRequest
from apricot.glucose.v1.entry_pb2 import ENTRY_KIND_NOTE, ENTRY_KIND_SENSOR_READING
from hypothesis import given
from hypothesis import strategies as st

from kit import paging
from kit.errors import ApricotError

REQUEST = ListEntriesRequest(patient_id="7d3c1f0a-2b4e-4c6d-8e9f-0a1b2c3d4e5f", kinds=[ENTRY_KIND_SENSOR_READING])


def test_a_token_gives_its_key_back() -> None:
    token = paging.encode(("2026", 7), REQUEST)
    other_page = ListEntriesRequest(patient_id=REQUEST.patient_id, kinds=REQUEST.kinds, page_size=5, page_token=token)
    assert paging.decode(token, other_page, (str, int)) == ["2026", 7]
    assert paging.decode("", REQUEST, (str, int)) is None


@given(st.text(max_size=100) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda v: _token(v)))
def test_no_other_text_is_a_token(token: str) -> None:
    if token:
        with pytest.raises(ApricotError) as caught:
            paging.decode(token, REQUEST, (str, int))
        assert caught.value.reason == Reason.REASON_INVALID_PAGE_TOKEN


@pytest.mark.parametrize("part", [2**63, -(2**63) - 1, "\ud800", "a\0"], ids=ascii)
def test_parts_that_no_database_takes_are_refused(part: int | str) -> None:
    with pytest.raises(ApricotError) as caught:
        paging.decode(paging.encode([part], REQUEST), REQUEST, [type(part)])
    assert caught.value.reason == Reason.REASON_INVALID_PAGE_TOKEN


def test_other_filters_or_other_parts_are_refused() -> None:
    other = ListEntriesRequest(patient_id=REQUEST.patient_id, kinds=[ENTRY_KIND_NOTE])
    for token in (paging.encode(("2026", 7), other), paging.encode((7, "2026"), REQUEST), paging.encode((), REQUEST)):
        with pytest.raises(ApricotError):
            paging.decode(token, REQUEST, (str, int))


def _token(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
