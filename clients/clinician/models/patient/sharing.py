"""What of a patient's data is open to the clinician at present."""

from dataclasses import dataclass
from datetime import UTC, datetime

from apricot.access.v1.access_pb2 import Scope
from apricot.identity.v1.care_pb2 import AccessWindow, CheckAccessRequest

from clients.sdk import Session


@dataclass(frozen=True)
class Sharing:
    """By scope, the ranges of the data's own time; None in place of an end that is open."""

    ranges: dict[Scope.ValueType, tuple[tuple[datetime | None, datetime | None], ...]]

    def opens(self, scope: Scope.ValueType) -> bool:
        """Whether anything at all."""
        return bool(self.ranges.get(scope))

    def since(self, scope: Scope.ValueType) -> datetime | None:
        """From where on; None: from the beginning."""
        starts = [start for start, _ in self.ranges.get(scope, ())]
        return None if None in starts else min((start for start in starts if start), default=None)


NOTHING = Sharing({})


async def sharing_of(session: Session, patient_id: str) -> Sharing:
    """As it is now. Errors: ApricotError."""
    answer = await session.care.CheckAccess(CheckAccessRequest(patient_ids=[patient_id]))
    ranges: dict[Scope.ValueType, tuple[tuple[datetime | None, datetime | None], ...]] = {}
    for window in answer.decisions[0].windows:
        ranges[window.scope] = (*ranges.get(window.scope, ()), _range(window))
    return Sharing(ranges)


def _range(window: AccessWindow) -> tuple[datetime | None, datetime | None]:
    return (
        window.start_time.ToDatetime(UTC) if window.HasField("start_time") else None,
        window.end_time.ToDatetime(UTC) if window.HasField("end_time") else None,
    )
