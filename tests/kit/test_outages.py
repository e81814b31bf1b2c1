"""What means "try again later", and what is a fault."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from kit.outages import is_outage


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (asyncpg.CannotConnectNowError("starting"), True),
        (asyncpg.DeadlockDetectedError("in each other's way"), True),
        (asyncpg.UniqueViolationError("there before"), False),
        (asyncpg.UndefinedTableError("no such table"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_sqlalchemy_s_wrapping_changes_nothing(error: Exception, passes: bool) -> None:
    assert is_outage(error) == passes
    assert is_outage(DBAPIError("select 1", None, error)) == passes


def test_a_timeout_passes_and_a_fault_does_not() -> None:
    assert is_outage(TimeoutError())
    assert not is_outage(ValueError())
