"""Every reason has the status that its comment in the contract says."""

import re
from pathlib import Path

import asyncpg
import grpc
import nats.errors
import pytest
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import status_of
from kit.outages import is_outage

CONTRACT = Path(__file__).parents[2] / "protos/apricot/errors/v1/reason.proto"


def commented() -> list[tuple[str, str]]:
    """Each reason of a whole call, with the status in its comment."""
    found, status = [], ""
    for line in CONTRACT.read_text().splitlines():
        if comment := re.match(r"\s*// ([A-Z_]{5,}): ", line):
            status = comment[1]
        elif reason := re.match(r"\s*(REASON_\w+) = (\d+);", line):
            if 0 < int(reason[2]) < 200:
                found.append((reason[1], status))
            status = ""
    return found


def test_every_reason_of_a_call_names_its_status() -> None:
    names = {name for name, value in Reason.items() if 0 < value < 200}
    assert {name for name, _ in commented()} == names


@pytest.mark.parametrize(("reason", "status"), commented())
def test_a_reason_comes_with_the_status_of_its_comment(reason: str, status: str) -> None:
    assert status_of(Reason.Value(reason)) == grpc.StatusCode[status]


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (TimeoutError(), True),
        (ConnectionRefusedError(), True),
        (asyncpg.ConnectionDoesNotExistError(), True),
        (asyncpg.CannotConnectNowError(), True),
        (asyncpg.InternalClientError(), True),
        (asyncpg.InterfaceError("closed"), True),
        (asyncpg.exceptions._base.DataError("no int"), False),
        (asyncpg.UniqueViolationError(), False),
        (nats.errors.TimeoutError(), True),
        (nats.errors.ConnectionClosedError(), False),
        (ValueError(), False),
    ],
)
def test_an_outage_is_what_passes_by_itself(error: Exception, outage: bool) -> None:
    assert is_outage(error) == outage
