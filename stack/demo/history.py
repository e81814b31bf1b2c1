"""The fortnight before the demo began, loaded into the patients' diaries."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, timedelta
from functools import partial

from apricot.glucose.v1.entry_pb2 import Entry

from stack.demo.dataset import DemoPatient, split
from stack.demo.entries import DiaryMaker
from stack.demo.lapse import SENSOR
from stack.demo.people import SignedIn

# The platform acknowledges every twenty batches: small ones move the progress bar.
_BATCH = 50

type OnProgress = Callable[[int, int], None]
"""Called with the entries acknowledged, and all that are missing."""


async def load_histories(pairs: Sequence[tuple[SignedIn, DemoPatient]], on_progress: OnProgress) -> int:
    """Upload what is missing, one patient after the other; the number of entries stored. Errors: ApricotError."""
    missing = [(owner, await missing_history(owner, patient)) for owner, patient in pairs]
    total = sum(len(entries) for _, entries in missing)
    done = created = 0
    for owner, entries in missing:
        report = partial(_report, on_progress, done, total)
        totals = await owner.session.upload(owner.account_id, entries, batch_size=_BATCH, on_progress=report)
        done += len(entries)
        created += totals.created_count
    return created


async def missing_history(owner: SignedIn, patient: DemoPatient) -> list[Entry]:
    """The diary before the live part, or nothing where it is loaded already.

    It ends at the instant at which the patient's account was made, so that every run makes the same entries again: what
    is logged stays, the time between two runs stays empty, and no second series is laid over the first.

    The newest comes first, for the ward shows it. So a diary that holds the oldest entry holds them all.
    """
    past, _ = split(patient, owner.account.create_time.ToDatetime(UTC))
    make = DiaryMaker(owner.account_id, patient.zone, SENSOR)
    if await _holds(owner, make.entry(past[0].at, past[0].entry)):
        return []
    return await asyncio.to_thread(lambda: [make.entry(timed.at, timed.entry) for timed in reversed(past)])


async def _holds(owner: SignedIn, entry: Entry) -> bool:
    start = entry.time.ToDatetime(UTC)
    found = owner.session.entries(owner.account_id, start, start + timedelta(seconds=1))
    return any([each.entry_id == entry.entry_id async for each in found])


def _report(on_progress: OnProgress, before: int, total: int, acknowledged: int, _: int) -> None:
    on_progress(before + acknowledged, total)
