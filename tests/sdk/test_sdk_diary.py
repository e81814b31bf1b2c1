"""Reading, logging and uploading a diary."""

from datetime import UTC, datetime, timedelta

import grpc
import pytest
from apricot.glucose.v1.diary_pb2 import ENTRY_ORDER_OLDEST_FIRST, ListEntriesRequest, UploadEntriesRequest
from apricot.glucose.v1.entry_pb2 import ENTRY_KIND_NOTE, Entry

from clients.sdk import ApricotError, Reason, Recorder, Session
from tests.sdk.fake import DROPPED, TOKEN_EXPIRED, UNAVAILABLE, Fake, refuse

PATIENT = "7d3c1f0a-2b4e-4c6d-8e9f-0a1b2c3d4e5f"
NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
DENIED = refuse(Reason.REASON_PATIENT_ACCESS_DENIED, grpc.StatusCode.PERMISSION_DENIED)


def _readings(count: int) -> list[Entry]:
    sensor = Recorder.of_device(PATIENT, "dexcom-g7/8F3K", "Asia/Shanghai")
    return [sensor.sensor_reading(NOW + timedelta(minutes=5 * number), 100) for number in range(count)]


async def test_all_pages_are_read(session: Session, fake: Fake) -> None:
    entries = _readings(5)
    await session.log(PATIENT, entries)
    end = NOW + timedelta(days=1)
    listed = [entry async for entry in session.entries(PATIENT, NOW, end, [ENTRY_KIND_NOTE], oldest_first=True)]
    assert listed == entries
    requests = [each.request for each in fake.calls("ListEntries")]
    expected = ListEntriesRequest(patient_id=PATIENT, kinds=[ENTRY_KIND_NOTE], order=ENTRY_ORDER_OLDEST_FIRST)
    expected.start_time.FromDatetime(NOW)
    expected.end_time.FromDatetime(end)
    expected.page_size = 1000
    for request, token in zip(requests, ["", "2", "4"], strict=True):
        expected.page_token = token
        assert request == expected


async def test_a_time_without_a_zone_is_no_instant(session: Session) -> None:
    with pytest.raises(ValueError, match="zone"):
        await anext(session.entries(PATIENT, datetime(2026, 1, 1)))  # noqa: DTZ001


async def test_every_logged_entry_has_its_result(session: Session, fake: Fake) -> None:
    entries = _readings(250)
    results = await session.log(PATIENT, entries)
    assert [result.entry_id for result in results] == [entry.entry_id for entry in entries]
    assert len(fake.calls("LogEntries")) == 3


async def test_an_upload_tells_how_far_it_is(session: Session, fake: Fake) -> None:
    progress: list[tuple[int, int]] = []
    totals = await session.upload(
        PATIENT, _readings(95), batch_size=2, on_progress=lambda done, of: progress.append((done, of))
    )
    assert progress == [(40, 95), (80, 95), (95, 95)]
    assert (totals.received_count, totals.created_count, totals.duplicate_count) == (95, 95, 0)
    assert all(each.seconds is not None for each in fake.calls("UploadEntries"))


async def test_a_lost_acknowledgement_sends_one_stream_again(session: Session, fake: Fake) -> None:
    fake.lost["UploadEntries"].extend([_fine, UNAVAILABLE])
    totals = await session.upload(PATIENT, _readings(95), batch_size=2)
    assert (totals.received_count, totals.created_count, totals.duplicate_count) == (95, 55, 40)
    assert len(fake.stored) == 95
    assert len(fake.calls("UploadEntries")) == 4


async def test_a_stream_broken_anywhere_is_sent_again(session: Session, fake: Fake) -> None:
    fake.faults["UploadEntries"].extend([_fine, DROPPED])
    fake.faults["batch"].extend([_fine] * 30 + [TOKEN_EXPIRED] + [_fine] * 3 + [DROPPED])
    totals = await session.upload(PATIENT, _readings(95), batch_size=2)
    assert totals.received_count == totals.created_count + totals.duplicate_count == 95
    assert len(fake.stored) == 95
    # Not always one: grpc.aio may show the early end of a client's stream as INTERNAL, without the server's reason.
    assert len(fake.calls("RefreshToken")) <= 1


async def test_bad_entries_are_named(session: Session) -> None:
    bad = Recorder.by_hand("phone", "Asia/Shanghai").note(NOW, "bad")
    totals = await session.upload(PATIENT, [*_readings(3), bad])
    assert (totals.created_count, totals.rejected_count) == (3, 1)
    assert [problem.entry_id for problem in totals.problems] == [bad.entry_id]


async def test_a_refusal_ends_an_upload_at_once(session: Session, fake: Fake) -> None:
    fake.faults["UploadEntries"].append(DENIED)
    with pytest.raises(ApricotError) as caught:
        await session.upload(PATIENT, _readings(3))
    assert caught.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED
    assert len(fake.calls("UploadEntries")) == 1


async def test_nothing_to_upload(session: Session, fake: Fake) -> None:
    assert (await session.upload(PATIENT, [])).received_count == 0
    assert not fake.calls("UploadEntries")


async def test_a_batch_stays_small_enough_to_be_taken(session: Session, fake: Fake) -> None:
    recorder = Recorder.by_hand("phone", "Asia/Shanghai")
    await session.upload(PATIENT, [recorder.note(NOW, "糖" * 2000) for _ in range(500)])
    batches = [each.request for each in fake.calls("batch")]
    assert all(isinstance(batch, UploadEntriesRequest) and batch.ByteSize() < 1.1 * 2**20 for batch in batches)
    assert len(batches) == 3


@pytest.mark.parametrize("size", [0, 1001])
async def test_a_batch_has_its_limits(session: Session, size: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        await session.upload(PATIENT, _readings(1), batch_size=size)


async def _fine(_: object) -> None:
    """No fault."""
