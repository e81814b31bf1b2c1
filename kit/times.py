"""Instants between Python and protobuf; always UTC."""

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_timestamp(instant: datetime) -> Timestamp:
    """An aware instant as the contract carries it."""
    timestamp = Timestamp()
    timestamp.FromDatetime(instant)
    return timestamp


def to_datetime(timestamp: Timestamp) -> datetime:
    """A contract's instant as an aware datetime in UTC."""
    return _EPOCH + timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanos // 1000)
