"""The fortnight before the demo began, loaded into the patients' diaries."""

from collections.abc import Callable
from datetime import UTC, timedelta

from apricot.glucose.v1.entry_pb2 import Entry

from stack.demo.dataset import DemoPatient, split
from stack.demo.entries import DiaryMaker
from stack.demo.lapse import SENSOR
from stack.demo.people import SignedIn

# The platform acknowledges every twenty batches: small ones move the progress bar.
_BATCH = 50

type OnProgress = Callable[[str, int, int], None]
"""Called with the patient's name, the entries acknowledged and all there are."""


def history_of(owner: SignedIn, patient: DemoPatient) -> list[Entry]:
    """The diary before the live part, newest first.

    It ends at the instant at which the patient's account was made, so that every run makes the same entries again: what
    is logged stays, the time between two runs stays empty, and no second series is laid over the first.
    """
    begin = owner.account.create_time.ToDatetime(UTC)
    make = DiaryMaker(owner.account_id, patient.zone, SENSOR)
    past, _ = split(patient, begin)
    return [make.entry(timed.at, timed.entry) for timed in reversed(past)]


async def load_history(owner: SignedIn, patient: DemoPatient, on_progress: OnProgress) -> int:
    """Upload what is missing; the number of entries stored.

    The newest goes first, for the ward shows it. So a diary that holds the oldest entry holds them all, and is left alone.
    """
    entries = history_of(owner, patient)
    oldest = entries[-1]
    start = oldest.time.ToDatetime(UTC)
    async for found in owner.session.entries(owner.account_id, start, start + timedelta(seconds=1)):
        if found.entry_id == oldest.entry_id:
            return 0
    on_progress(patient.name, 0, len(entries))
    totals = await owner.session.upload(
        owner.account_id,
        entries,
        batch_size=_BATCH,
        on_progress=lambda acknowledged, every: on_progress(patient.name, acknowledged, every),
    )
    return totals.created_count
