"""A doctor's practice for tests: its slots, and whoever books them, through the real gateway."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from apricot.consult.v1 import booking_pb2 as pb
from apricot.errors.v1.reason_pb2 import Reason
from apricot.money.v1.money_pb2 import Money

from clients.sdk import ApricotError
from kit.database import Database
from kit.times import to_timestamp
from tests.consult.doctors import listed_doctor
from tests.people import People, Person

ZONE = "Asia/Shanghai"
DEPARTMENT = "endocrinology"


def new_id() -> str:
    return str(uuid4())


class refused(AbstractContextManager["refused"]):
    """`with refused(Reason.REASON_X) as caught:` the block fails for that reason."""

    def __init__(self, reason: Reason.ValueType) -> None:
        self._raises = pytest.raises(ApricotError)
        self._reason = reason
        self.metadata: dict[str, str] = {}

    def __enter__(self) -> "refused":
        self._caught = self._raises.__enter__()
        return self

    def __exit__(self, *details: object) -> bool:
        is_expected = self._raises.__exit__(*details)  # type: ignore[arg-type]
        if is_expected:
            assert self._caught.value.reason == self._reason
        return is_expected
