"""Instants on their way to the contract."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(time: datetime) -> Timestamp:
    """The same instant in UTC. Errors: ValueError for a time without a zone, which is no instant."""
    if time.tzinfo is None:
        raise ValueError("a time needs its time zone")
    stamp = Timestamp()
    stamp.FromDatetime(time.astimezone(UTC))
    return stamp
