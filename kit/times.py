"""Instants between Python and protobuf; always UTC."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def to_timestamp(instant: datetime) -> Timestamp:
    """An aware instant as the contract carries it."""
    timestamp = Timestamp()
    timestamp.FromDatetime(instant)
    return timestamp


def to_datetime(timestamp: Timestamp) -> datetime:
    """A contract's instant as an aware datetime in UTC."""
    return timestamp.ToDatetime(UTC)
