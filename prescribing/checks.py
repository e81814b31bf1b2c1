"""Counts the checks of prescriptions: one that cannot run blocks, and whoever runs the platform has to see it."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter

CHECKS = Counter("apricot_prescription_checks", "Checks of prescriptions, by outcome.", ["outcome"])
for _outcome in ("done", "not_valid", "could_not_run"):
    CHECKS.labels(_outcome)  # a counter that begins with its first failure hides it from every rate


@contextmanager
def counted(*not_valid: type[Exception]) -> Iterator[None]:
    """The block makes a check. Errors of these types say that the prescription is not valid, any other one that the
    check could not run."""
    try:
        yield
    except not_valid:
        CHECKS.labels("not_valid").inc()
        raise
    except Exception:
        CHECKS.labels("could_not_run").inc()
        raise
    CHECKS.labels("done").inc()
